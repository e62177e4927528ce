// The whole configuration of one moerge, typed and checked.
//
// Loaded from YAML: `${VAR}` and `${VAR:-default}` are replaced inside scalars, unknown keys are
// refused, every mistake is reported with file, line, column, path of the field and what is
// allowed. Immutable after loading; any thread may read.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/log.h"
#include "config/base/result.h"
#include "config/entities.h"

namespace moerge {

struct ServerConfig {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: any free one
  int threads = 0;            // event loops; 0: one per core
  std::size_t max_body_bytes = 32u << 20;
  std::size_t max_pending_body_bytes = 512u << 20;    // of all requests under way together
  std::size_t max_file_bytes = std::size_t{2} << 30;  // of a file that is uploaded
  std::size_t max_header_bytes = 32u << 10;
  int max_connections = 65'536;
  std::chrono::milliseconds header_timeout{10'000};    // to send a request's head
  std::chrono::milliseconds body_timeout{60'000};      // to send its body
  std::chrono::milliseconds idle_timeout{300'000};     // between two requests of a connection
  std::chrono::milliseconds request_timeout{600'000};  // the deadline of a request
  std::chrono::milliseconds shutdown_grace{30'000};
  // Origins, as browsers send them, whose pages may call this server; "*": all, where keys are.
  std::vector<std::string> allow_origins;
  // Variables that `api_key_env` of a backend added over the API may name, besides those of the
  // file's own backends; a '*' at the end stands for any rest.
  std::vector<std::string> allowed_env = {"MOERGE_*"};
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
};

struct StoreConfig {
  std::string url = "sqlite:moerge.db";  // or "memory:"
  std::chrono::seconds decisions_max_age{7 * 24 * 3600};
  std::int64_t decisions_max_count = 100'000;
  bool decisions_keep_text = true;  // the text that routing read, needed to replay a decision
};

struct ProfilesConfig {
  std::chrono::seconds half_life{0};  // evidence counts half after this time; 0: it does not age
};

// Whether, and within what, code of answers is run to test it.
struct SandboxConfig {
  bool enabled = false;
  int parallel = 2;                               // runs at a time
  int queue = 64;                                 // runs that wait
  std::chrono::milliseconds max_timeout{10'000};  // of one run; a request may ask for less
  std::size_t memory_bytes = std::size_t{512} << 20;
};

// Where spans and metrics go by OpenTelemetry's protocol (OTLP over HTTP, in protobuf).
struct TelemetryConfig {
  std::string otlp;  // base URL of the receiver, without a slash at its end; empty: nothing is sent
  // Of each request to it; `${NAME}` in a value as in a backend's headers.
  std::map<std::string, std::string> headers;
  std::string service = "moerge";  // service.name
  bool traces = true;
  bool metrics = true;
  double sample = 1;                                   // share of the traces that begin here, 0..1
  std::chrono::milliseconds metrics_interval{60'000};  // 1 s to 1 h
};

// A key as configured: what it may do, and where its text or its hash (`sha256`) comes from.
struct KeyConfig : ApiKey {
  std::string key_env;   // environment variable that holds the key
  std::string key_file;  // or a file that does
};

// Where the value of a setting comes from.
enum class ValueSource { kDefault, kFile, kEnvironment, kCommandLine };
std::string_view ValueSourceName(ValueSource source);  // "default", "file", "environment", ...

struct Config {
  std::string file;  // where it was read from; empty: defaults
  ServerConfig server;
  StoreConfig store;
  ProfilesConfig profiles;
  SandboxConfig sandbox;
  TelemetryConfig telemetry;
  bool tools = true;
  bool shipped_skills = true;  // false: `skills` replaces the shipped set
  std::vector<Backend> backends;
  std::vector<Expert> experts;
  std::vector<Skill> skills;
  std::vector<Policy> policies;
  std::vector<KeyConfig> keys;
  // Of each value that was given, by its path ("server.log.level"); others are defaults.
  std::map<std::string, ValueSource, std::less<>> given;
};

// One mistake in a configuration file.
struct ConfigMistake {
  int line = 0;  // from 1; 0: the file as a whole
  int column = 0;
  std::string path;     // "experts[0].price.input"
  std::string message;  // what is wrong and what is allowed
};

struct ConfigReport {
  Config config;                        // meaningful when there are no mistakes
  std::vector<ConfigMistake> mistakes;  // in the order of the file
};

// Parses and checks everything; never stops at the first mistake.
// `check_policy`, which may be null, knows the names of classifiers, recruiters and aggregators.
// `read_so_far` is null for a policy that stands alone.
using PolicyCheck = Status (*)(const Policy&, const Config* read_so_far);
ConfigReport ParseConfig(std::string_view yaml, const std::string& file_name,
                         PolicyCheck check_policy = nullptr);
// "FILE:LINE:COLUMN: PATH: MESSAGE", a line each.
std::string FormatMistakes(const ConfigReport& report, const std::string& file_name);
// Reads, parses, checks; the error's message is the formatted list.
Result<Config> LoadConfig(const std::string& path, PolicyCheck check_policy = nullptr);

// The policies of a file that holds one entry of `policies`, or a configuration with such a list.
// Never empty. Errors as LoadConfig.
Result<std::vector<Policy>> LoadPolicies(const std::string& path,
                                         PolicyCheck check_policy = nullptr);

// The keys' hashes, from where each is configured. Blocking: reads files. Errors: an unset
// variable, a file that cannot be read, a key shorter than 16 characters; the text never holds a
// key.
Result<std::vector<ApiKey>> ResolveKeys(const Config& config);

// Whether only this machine can reach an address (an IP in text form).
bool IsLoopback(const std::string& host);

// Whether `text` is an origin as browsers send it: "https://chat.example", "http://10.0.0.5:3000",
// "chrome-extension://abcdef". Never "null", which every page can pose as.
bool IsOrigin(std::string_view text);

// The shipped skills, parsed from what is compiled in.
std::vector<Skill> ShippedSkills();

}  // namespace moerge
