// The things a person configures: backends, experts, skills, policies, keys. Plain values; the
// configuration file, the registry, the store and the API all speak in these.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/policy_options.h"

namespace moerge {

// What may change an entry. kBuiltIn: nothing (tools, the shipped skills); kFile: the configuration
// file; kStore: the admin API and the command line.
enum class Origin { kBuiltIn, kFile, kStore };
std::string_view OriginName(Origin origin);  // "built-in", "file", "store"

enum class Protocol { kOpenAi, kAnthropic, kOllama };
std::string_view ProtocolName(Protocol protocol);  // "openai", "anthropic", "ollama"
std::optional<Protocol> ParseProtocol(std::string_view name);

// How the models of a backend get loaded and unloaded.
enum class ResidencyKind {
  kAlways,       // all of them are loaded, or it does not matter which
  kLlamaSwap,    // the server loads the model that a request names and unloads others for it
  kLlamaRouter,  // llama.cpp's router: /models/load and /models/unload
  kOllama,       // keep_alive, /api/ps
  kVllm,         // a server for each model that sleeps and wakes, or adapters of one model
  kCommand,      // moerge runs a process for each model
};
// "always", "llama_swap", "llama_router", "ollama", "vllm", "command"
std::string_view ResidencyKindName(ResidencyKind kind);
std::optional<ResidencyKind> ParseResidencyKind(std::string_view name);

// What a backend has room for. Calls wait for their model's turn unless all are always loaded.
struct Residency {
  ResidencyKind kind = ResidencyKind::kAlways;
  std::string device;  // backends that name the same share its room; empty: the backend's own
  // kCommand: several in its place. A model is loaded on whichever has the least to do, one that is
  // asked for more than one device can bear on several; slots and memory are each one's.
  std::vector<std::string> devices = {};
  int slots = 1;         // models loaded at once, 1..1024
  double memory_gb = 0;  // of all loaded models together: measured, else their experts' memory_gb;
                         // 0: not bounded
  std::chrono::milliseconds max_wait{30'000};       // after which a call's model is loaded next
  std::chrono::milliseconds load_timeout{600'000};  // a load that takes longer has failed
  // kVllm: 1 keeps a sleeping model's weights in the host's memory, while that has room, 2 drops
  // them.
  int sleep_level = 1;
  // kVllm at level 1: of all sleeping models together, by their experts' memory_gb; 0: not bounded.
  // While two change places there is one more.
  double host_memory_gb = 0;
  // kVllm: where the server finds its adapters, by the model that a request names. If there are
  // any, they are what is loaded and unloaded, and other models are always loaded.
  std::map<std::string, std::string> adapters;
  // kCommand: the program and its arguments, in which {model}, {port} and {device} are filled in
  // (as {port} is in the base_url and {device} in the environment), what it finds in its
  // environment besides moerge's own, the path that answers 200 once the model is loaded, and how
  // long it has to end before it is killed.
  std::vector<std::string> command;
  std::map<std::string, std::string> environment;
  std::string health = "/health";
  std::chrono::milliseconds stop_timeout{10'000};
  bool operator==(const Residency&) const = default;
};

// Whether models that leave their device can sleep in the host's memory.
inline bool SleepsInHost(const Residency& residency) {
  return residency.kind == ResidencyKind::kVllm && residency.adapters.empty() &&
         residency.sleep_level == 1;
}

// Stands in a command and its base_url for the port that moerge chooses, and for the model and the
// device.
inline constexpr std::string_view kPortPlace = "{port}";
inline constexpr std::string_view kModelPlace = "{model}";
inline constexpr std::string_view kDevicePlace = "{device}";

// An HTTP server that hosts experts.
struct Backend {
  std::string name;
  Protocol protocol = Protocol::kOpenAi;
  std::string
      base_url;  // http(s)://host[:port][/path], no trailing slash; for openai it ends in /v1
  std::string api_key_env;  // name of the environment variable that holds the key; empty: no key
  // Of each request, besides moerge's own, and parameters of each URL, not yet percent-encoded.
  // `${NAME}` in a value is an environment variable, which is read when a request is sent, so that
  // no key is kept here.
  std::map<std::string, std::string> headers;
  std::map<std::string, std::string> query;
  int max_concurrency = 64;  // calls under way at once, 1..65536
  int max_queue = 256;       // calls that wait for one of those, 0..1048576
  std::chrono::milliseconds queue_timeout{10'000};
  std::chrono::milliseconds connect_timeout{3'000};
  // From sent request to reply's head; 0: none but the request's deadline. A server that thinks, or
  // writes a whole answer, sends its head late.
  std::chrono::milliseconds first_byte_timeout{0};
  std::chrono::milliseconds idle_timeout{60'000};  // between two pieces of an answer that has begun
  int retries = 2;  // further tries of one call after a connection failure, 429 or 5xx; 0..10
  bool verify_tls = true;
  Residency residency;
  Origin origin = Origin::kStore;
  bool operator==(const Backend&) const = default;
};

// Where its models may be: never empty.
std::vector<std::string> DevicesOf(const Backend& backend);

// The environment variables that its headers and parameters name, with where: "headers.api-key".
struct NamedVariable {
  std::string name;
  std::string where;
};
std::vector<NamedVariable> VariablesOf(const Backend& backend);

enum class ExpertKind { kLlm, kTool };
std::string_view ExpertKindName(ExpertKind kind);  // "llm", "tool"
std::optional<ExpertKind> ParseExpertKind(std::string_view name);

// USD per million tokens. What is not said costs as much as what it is a part of.
struct Price {
  double input = 0;
  double output = 0;
  std::optional<double> cached_input = {};  // of the input, read from the expert's cache
  std::optional<double> reasoning = {};     // of the output
  std::optional<double> image = {};         // of the input, pictures
  std::optional<double> audio = {};         // of the input, speech
  std::optional<double> audio_output = {};  // of the output, speech
  bool operator==(const Price&) const = default;
};

// Anything that answers a chat request under one name.
struct Expert {
  std::string name;  // [A-Za-z0-9._:/-]{1,128}, a letter or digit in each part between slashes;
                     // never "auto", never begins with "moerge/"
  ExpertKind kind = ExpertKind::kLlm;
  std::string description;
  std::string backend;  // kLlm: name of its Backend
  std::string model;    // kLlm: what the backend calls it; kTool: name of the built-in tool
  int context = 0;      // tokens; 0: unknown, not checked
  int max_output = 0;  // tokens of an answer, where the client names no limit; 0: the API's default
  Price price;
  double memory_gb = 0;          // 0: unknown
  double active_params = 0;      // billions; 0: unknown
  double latency_ms = 0;         // that an answer usually takes, until it is measured; 0: unknown
  bool vision = false;           // accepts images
  bool function_calling = true;  // accepts `tools`
  std::map<std::string, double> skills;  // declared strength 0..1 by skill; "general": all others
  // Requests that need one of these above all are not routed to it, whatever is known of it.
  std::vector<std::string> retired_skills = {};
  std::vector<std::string> tags;
  std::string licence;
  bool enabled = true;
  Origin origin = Origin::kStore;
  bool operator==(const Expert&) const = default;
};

// The skill name that stands for every skill without evidence of its own.
inline constexpr std::string_view kGeneralSkill = "general";

struct Skill {
  std::string name;      // [A-Za-z0-9._ -]{1,128}
  std::string category;  // coarse group; empty: its own
  std::string description;
  std::vector<std::string> examples;  // requests that need this skill
  Origin origin = Origin::kStore;
  bool operator==(const Skill&) const = default;
};

// A policy that is on trial for another one: it answers a share of that one's requests.
struct PolicyTrial {
  std::string of;    // that one's name
  double share = 0;  // of its conversations, 0..1
  // When this version began to answer.
  std::optional<std::chrono::system_clock::time_point> since;
  bool operator==(const PolicyTrial&) const = default;
};
// The name of the policy that is on trial for `of`. No other policy can have it.
inline std::string CandidateName(std::string_view of) { return std::string(of) + "@candidate"; }

// A named recipe. Which values `classifier`, `recruiter` and `aggregate` may take is said by
// router/ and services/pipeline, which own the choices.
struct Policy {
  std::string name;  // "auto" is the default; clients say "moerge/NAME" for others
  std::string description;
  std::string classifier = "lexical";
  std::string recruiter = "expected";  // how candidates are ranked
  int experts = 1;                     // recruited at once, 1..64
  std::string aggregate = "first";
  double price_weight = 0;    // score points (0..1) that one USD per million tokens costs, >= 0
  double latency_weight = 0;  // score points (0..1) that one second until the answer costs, >= 0
  double min_score = 0;       // candidates expected below this are not used, 0..1
  int max_fallbacks = 4;      // experts behind the roster, 0..64
  PolicyOptions options;      // of classifier, recruiter and aggregate
  std::optional<PolicyTrial> trial = std::nullopt;  // set of candidates alone
  Origin origin = Origin::kStore;
  bool operator==(const Policy&) const = default;
};

enum class Role {
  kInference,  // asks experts
  kRead,       // looks at everything that administrators see; asks nothing, changes nothing
  kAdmin,      // does everything
};
std::string_view RoleName(Role role);  // "inference", "read", "admin"
std::optional<Role> ParseRole(std::string_view name);

// What a key's requests may take; 0: not limited. Money is what experts' prices say, by days and
// months of UTC.
struct KeyLimits {
  std::int64_t requests_per_minute = 0;  // so many at once, then one each 60 s / this
  std::int64_t tokens_per_minute = 0;    // of prompts and answers, all calls of experts
  int concurrent_requests = 0;
  double budget_usd_day = 0;
  double budget_usd_month = 0;
  bool operator==(const KeyLimits&) const = default;
};

struct ApiKey {
  std::string name;
  Role role = Role::kInference;
  std::string sha256;  // lower-case hexadecimal of the key; the key itself is nowhere kept
  Origin origin = Origin::kStore;
  std::string description = {};
  std::string tenant = {};  // labels, for people
  std::string team = {};
  std::optional<std::chrono::system_clock::time_point> created = {};  // none: not known
  std::optional<std::chrono::system_clock::time_point> expires = {};  // none: never
  KeyLimits limits = {};
  std::vector<std::string> policies = {};  // that it may use; empty: all
  std::vector<std::string> experts = {};   // that may answer it; empty: all
  bool operator==(const ApiKey&) const = default;
};

}  // namespace moerge
