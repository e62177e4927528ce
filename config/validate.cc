#include "config/validate.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/base/text.h"
#include "config/base/utf8.h"
#include "config/roles.h"
#include "config/yaml/environment.h"

namespace moerge {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kLongestName = 128;
constexpr std::size_t kLongestText = 4096;
constexpr std::size_t kLongestExample = 64 << 10;
constexpr milliseconds kLongestTimeout = std::chrono::hours(24);
constexpr double kLongestLatency = 86'400'000;  // a day, in ms
constexpr std::string_view kWordCharacters = "-_.";

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsName(std::string_view name, std::string_view more) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return IsAlphanumeric(c) || more.find(c) != more.npos; });
}

// A name stands in addresses, where `.` and `..` mean something else and empty parts get lost.
bool HasOnlyRealParts(std::string_view name) {
  const std::vector<std::string_view> parts = Split(name, '/');
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    return std::any_of(part.begin(), part.end(), IsAlphanumeric);
  });
}

// Collects what is wrong with the fields of one thing.
class Checker {
 public:
  std::vector<Error> Take() && { return std::move(mistakes_); }

  void Require(bool fine, std::string param, std::string message) {
    if (fine) return;
    Error error{ErrorCode::kInvalid, std::move(message)};
    error.param = std::move(param);
    mistakes_.push_back(std::move(error));
  }

  void Name(std::string_view name, std::string_view more, std::string_view allowed) {
    if (!IsName(name, more)) {
      return Require(false, "name", "must be 1 to 128 characters of " + std::string(allowed));
    }
    Require(HasOnlyRealParts(name), "name",
            "must have a letter or digit, also in each part between slashes: it stands in "
            "addresses, where `.` and `..` mean something else");
  }

  void Text(std::string_view text, std::string param, std::size_t limit = kLongestText) {
    Require(text.size() <= limit, param, "must be at most " + std::to_string(limit) + " bytes");
    Require(utf8::IsValid(text), std::move(param), "must be UTF-8");
  }

  void Integer(std::int64_t value, std::int64_t min, std::int64_t max, std::string param) {
    Require(value >= min && value <= max, std::move(param),
            "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  }

  void Number(double value, double max, std::string param) {
    Require(std::isfinite(value) && value >= 0 && value <= max, std::move(param),
            "must be a number from 0 to " + std::to_string(static_cast<std::int64_t>(max)));
  }

  void Timeout(milliseconds value, std::string param) {
    Require(value >= milliseconds(1) && value <= kLongestTimeout, std::move(param),
            "must be from 1ms to 24h");
  }

 private:
  std::vector<Error> mistakes_;
};

template <class Thing>
Status First(const Thing& thing) {
  std::vector<Error> mistakes = FindMistakes(thing);
  if (mistakes.empty()) return Ok{};
  return std::move(mistakes.front());
}

bool IsHost(std::string_view host) {
  if (host.starts_with('[')) {
    return host.ends_with(']') &&
           host.find_first_not_of("[]0123456789abcdefABCDEF:.%") == host.npos;
  }
  return IsName(host, kWordCharacters);
}

bool IsPort(std::string_view port) {
  const auto number = ParseInt(port);
  return number && *number >= 1 && *number <= 65535;
}

void CheckSkills(const std::map<std::string, double>& skills, Checker* check) {
  for (const auto& [name, strength] : skills) {
    check->Require(IsName(name, "-_. "), "skills." + name,
                   "a skill's name must be 1 to 128 characters of A-Z a-z 0-9 . _ - and space");
    check->Require(!IsRoleName(name), "skills." + name,
                   "names that begin with `author.` or `judge.` are no skills: what they stand for "
                   "is measured, not declared");
    check->Require(std::isfinite(strength) && strength >= 0 && strength <= 1, "skills." + name,
                   "a declared strength must be a number from 0 to 1");
  }
}

void CheckKind(const Expert& expert, Checker* check) {
  check->Require(!expert.model.empty(), "model",
                 expert.kind == ExpertKind::kTool ? "must name the built-in tool"
                                                  : "must be what the backend calls the model");
  if (expert.kind == ExpertKind::kTool) {
    check->Require(expert.backend.empty(), "backend", "a tool has no backend; leave it out");
  } else {
    check->Require(!expert.backend.empty(), "backend", "must name one of the backends");
  }
}

// What says how a message is framed or where it goes is the HTTP client's.
bool IsFraming(std::string_view name) {
  for (const std::string_view framing :
       {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te",
        "trailer", "expect", "proxy-connection", "accept-encoding", "content-type"}) {
    if (EqualsIgnoreCase(name, framing)) return true;
  }
  return false;
}

void CheckHeaders(const std::map<std::string, std::string>& headers, Checker* check) {
  std::set<std::string> seen;
  for (const auto& [name, value] : headers) {
    const std::string param = "headers." + name;
    check->Require(seen.insert(LowerAscii(name)).second, param,
                   "stands there already, spelled in other letters");
    check->Require(
        IsName(name, "-_.!#$%&'*+^`|~"), param,
        "a header's name must be 1 to 128 characters of A-Z a-z 0-9 and -_.!#$%&'*+^`|~");
    check->Require(!IsFraming(name), param, "is moerge's own to set");
    check->Require(!HasControl(value) && value.size() <= 8192, param,
                   "must be one line of at most 8192 bytes without control characters");
  }
}

void CheckQuery(const std::map<std::string, std::string>& query, Checker* check) {
  for (const auto& [name, value] : query) {
    check->Require(!name.empty() && name.size() <= 256, "query." + name,
                   "a name must be 1 to 256 bytes");
    check->Text(value, "query." + name, 2048);
  }
}

}  // namespace

std::string_view WrongBaseUrl(std::string_view url) {
  constexpr std::string_view kForm = "must look like http://host:port/path or https://host/path";
  const bool tls = url.starts_with("https://");
  if (!tls && !url.starts_with("http://")) return kForm;
  url.remove_prefix(tls ? 8 : 7);
  const bool clean =
      std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (!clean || url.size() > 2000) return kForm;
  if (url.find('@') != url.npos) return "must not hold a user name or password; use api_key_env";
  if (url.find_first_of("?#\\\"<>") != url.npos)
    return "must end with the path, without ? or #; what stands behind ? goes under `query`";
  if (url.ends_with('/')) return "must not end with a slash";
  const std::string_view authority = url.substr(0, url.find('/'));
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == authority.npos ? 0 : bracket);
  if (colon != authority.npos && !IsPort(authority.substr(colon + 1))) {
    return "must have a port from 1 to 65535 behind the colon";
  }
  return IsHost(authority.substr(0, colon)) ? std::string_view() : kForm;
}

bool IsSha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::vector<Error> FindMistakes(const std::map<std::string, std::string>& headers) {
  Checker check;
  CheckHeaders(headers, &check);
  return std::move(check).Take();
}

namespace {

// The base_url of a command's servers holds a place for the port.
std::string WithPort(const Backend& backend) {
  std::string url = backend.base_url;
  if (backend.residency.kind != ResidencyKind::kCommand) return url;
  const std::size_t place = url.find(kPortPlace);
  return place == url.npos ? url : url.replace(place, kPortPlace.size(), "1");
}

void CheckCommand(const Backend& backend, Checker* check) {
  const Residency& residency = backend.residency;
  if (residency.kind != ResidencyKind::kCommand) {
    return check->Require(residency.command.empty(), "residency.command", "needs `kind: command`");
  }
  check->Require(backend.origin == Origin::kFile, "residency.kind",
                 "`command` starts programs, so that it may stand in the configuration file only");
  check->Require(!residency.command.empty() && !residency.command[0].empty(), "residency.command",
                 "must be a list: the program, then its arguments");
  std::size_t bytes = 0;
  bool takes_port = false;
  for (const std::string& word : residency.command) {
    bytes += word.size();
    takes_port |= word.find(kPortPlace) != word.npos;
    check->Require(word.find('\0') == word.npos, "residency.command", "must be text");
  }
  check->Require(bytes <= 65536, "residency.command", "must be at most 65536 bytes");
  const bool placed = backend.base_url.find(kPortPlace) != backend.base_url.npos;
  check->Require(takes_port == placed, "residency.command",
                 "must hold {port} if the base_url does, and not otherwise");
  check->Require(placed || residency.slots == 1, "residency.slots",
                 "must be 1 where all models answer at one port; or put {port} into the command "
                 "and the base_url");
}

void CheckDevices(const Backend& backend, Checker* check) {
  constexpr std::size_t kMost = 64;
  const Residency& residency = backend.residency;
  const std::vector<std::string>& devices = residency.devices;
  if (devices.empty()) return;
  check->Require(residency.kind == ResidencyKind::kCommand, "residency.devices",
                 "needs `kind: command`; with other kinds a server is bound to its device: declare "
                 "a backend for each");
  check->Require(residency.device.empty(), "residency.device",
                 "must not be there beside `devices`");
  check->Require(devices.size() <= kMost, "residency.devices", "must be at most 64");
  for (std::size_t i = 0; i < devices.size(); ++i) {
    check->Require(IsName(devices[i], "-_.:"), "residency.devices",
                   "must each be 1 to 128 characters of A-Z a-z 0-9 . _ : -");
    check->Require(std::find(devices.begin(), devices.begin() + static_cast<std::ptrdiff_t>(i),
                             devices[i]) == devices.begin() + static_cast<std::ptrdiff_t>(i),
                   "residency.devices", "names `" + devices[i] + "` twice");
  }
  if (devices.size() < 2) return;
  const auto holds = [](const std::string& text) { return text.find(kDevicePlace) != text.npos; };
  const bool told = std::ranges::any_of(residency.command, holds) ||
                    std::ranges::any_of(residency.environment,
                                        [&](const auto& each) { return holds(each.second); });
  check->Require(told, "residency.devices",
                 "needs {device} in the command or in a value of the environment, such as "
                 "{CUDA_VISIBLE_DEVICES: \"{device}\"}: otherwise all are the same one");
  check->Require(backend.base_url.find(kPortPlace) != std::string::npos, "residency.devices",
                 "needs {port} in the command and the base_url: servers run side by side");
}

void CheckResidency(const Backend& backend, Checker* check) {
  const Residency& residency = backend.residency;
  check->Require(residency.device.empty() || IsName(residency.device, "-_.:"), "residency.device",
                 "must be 1 to 128 characters of A-Z a-z 0-9 . _ : -");
  check->Require(residency.device.empty() || (residency.kind != ResidencyKind::kAlways &&
                                              residency.kind != ResidencyKind::kLlamaSwap),
                 "residency.device", "needs a kind whose models moerge loads and unloads");
  check->Integer(residency.slots, 1, 1024, "residency.slots");
  check->Number(residency.memory_gb, 1'000'000, "residency.memory_gb");
  check->Timeout(residency.max_wait, "residency.max_wait");
  check->Timeout(residency.load_timeout, "residency.load_timeout");
  check->Timeout(residency.stop_timeout, "residency.stop_timeout");
  check->Integer(residency.sleep_level, 1, 2, "residency.sleep_level");
  check->Number(residency.host_memory_gb, 1'000'000, "residency.host_memory_gb");
  check->Require(residency.host_memory_gb == 0 || SleepsInHost(residency),
                 "residency.host_memory_gb",
                 "needs `kind: vllm` without adapters, and `sleep_level: 1`");
  check->Require(residency.adapters.empty() || residency.kind == ResidencyKind::kVllm,
                 "residency.adapters", "needs `kind: vllm`");
  for (const auto& [model, path] : residency.adapters) {
    check->Require(!model.empty() && !path.empty(), "residency.adapters",
                   "must say for each model where the server finds its adapter");
  }
  for (const auto& [name, value] : residency.environment) {
    check->Require(IsVariableName(name) && value.find('\0') == value.npos,
                   "residency.environment." + name, "must be a variable's name and its value");
  }
  const bool clean =
      std::ranges::all_of(residency.health, [](char c) { return c > 0x20 && c < 0x7F; });
  check->Require(residency.health.starts_with('/') && clean && residency.health.size() <= 2000,
                 "residency.health", "must be a path that begins with a slash");
  CheckCommand(backend, check);
  CheckDevices(backend, check);
}

}  // namespace

std::vector<Error> FindMistakes(const Backend& backend) {
  Checker check;
  check.Name(backend.name, "-_.:", "A-Z a-z 0-9 . _ : -");
  const std::string_view wrong_url = WrongBaseUrl(WithPort(backend));
  check.Require(wrong_url.empty(), "base_url", std::string(wrong_url));
  check.Require(
      backend.api_key_env.empty() || IsVariableName(backend.api_key_env), "api_key_env",
      "must be the name of an environment variable that holds the key, not the key itself");
  check.Integer(backend.max_concurrency, 1, 65536, "max_concurrency");
  check.Integer(backend.max_queue, 0, 1048576, "max_queue");
  check.Timeout(backend.queue_timeout, "queue_timeout");
  check.Timeout(backend.connect_timeout, "connect_timeout");
  CheckHeaders(backend.headers, &check);
  CheckQuery(backend.query, &check);
  check.Require(backend.first_byte_timeout >= milliseconds(0) &&
                    backend.first_byte_timeout <= kLongestTimeout,
                "first_byte_timeout", "must be from 1ms to 24h, or 0s: none");
  check.Timeout(backend.idle_timeout, "idle_timeout");
  check.Integer(backend.retries, 0, 10, "retries");
  CheckResidency(backend, &check);
  return std::move(check).Take();
}

std::vector<Error> FindMistakes(const Expert& expert) {
  Checker check;
  check.Name(expert.name, "-_.:/", "A-Z a-z 0-9 . _ : / -");
  check.Require(expert.name != "auto" && !expert.name.starts_with("moerge/"), "name",
                "`auto` and names that begin with `moerge/` stand for policies");
  check.Text(expert.description, "description");
  CheckKind(expert, &check);
  check.Text(expert.model, "model", 512);
  check.Integer(expert.context, 0, 1'000'000'000, "context");
  check.Integer(expert.max_output, 0, 1'000'000'000, "max_output");
  check.Number(expert.price.input, 1'000'000, "price.input");
  check.Number(expert.price.output, 1'000'000, "price.output");
  check.Number(expert.price.cached_input.value_or(0), 1'000'000, "price.cached_input");
  check.Number(expert.price.reasoning.value_or(0), 1'000'000, "price.reasoning");
  check.Number(expert.price.image.value_or(0), 1'000'000, "price.image");
  check.Number(expert.price.audio.value_or(0), 1'000'000, "price.audio");
  check.Number(expert.price.audio_output.value_or(0), 1'000'000, "price.audio_output");
  check.Number(expert.memory_gb, 1'000'000, "memory_gb");
  check.Number(expert.active_params, 1'000'000, "active_params");
  check.Number(expert.latency_ms, kLongestLatency, "latency_ms");
  CheckSkills(expert.skills, &check);
  for (std::size_t i = 0; i < expert.retired_skills.size(); ++i) {
    check.Require(IsName(expert.retired_skills[i], "-_. "),
                  "retired_skills[" + std::to_string(i) + "]",
                  "a skill's name has 1 to 128 characters of A-Z a-z 0-9 . _ - and space");
  }
  for (std::size_t i = 0; i < expert.tags.size(); ++i) {
    check.Require(IsName(expert.tags[i], "-_.:/= "), "tags[" + std::to_string(i) + "]",
                  "a tag must be 1 to 128 characters of A-Z a-z 0-9 . _ : / = - and space");
  }
  check.Text(expert.licence, "licence", 256);
  return std::move(check).Take();
}

std::vector<Error> FindMistakes(const Skill& skill) {
  Checker check;
  check.Name(skill.name, "-_. ", "A-Z a-z 0-9 . _ - and space");
  check.Require(skill.name != kGeneralSkill, "name",
                "`general` stands for every skill without evidence of its own and cannot be one");
  check.Require(!IsRoleName(skill.name), "name",
                "names that begin with `author.` or `judge.` stand for what experts do with "
                "others' answers and cannot be skills");
  check.Require(skill.category.empty() || IsName(skill.category, "-_. "), "category",
                "must be 1 to 128 characters of A-Z a-z 0-9 . _ - and space");
  check.Text(skill.description, "description");
  for (std::size_t i = 0; i < skill.examples.size(); ++i) {
    const std::string param = "examples[" + std::to_string(i) + "]";
    check.Require(!Trim(skill.examples[i]).empty(), param, "must not be empty");
    check.Text(skill.examples[i], param, kLongestExample);
  }
  return std::move(check).Take();
}

std::vector<Error> FindMistakes(const Policy& policy) {
  Checker check;
  if (policy.trial) {
    check.Name(policy.trial->of, kWordCharacters, "A-Z a-z 0-9 . _ -");
    check.Require(policy.name == CandidateName(policy.trial->of), "name",
                  "must be that of the policy it is on trial for, and @candidate");
    check.Number(policy.trial->share, 1, "trial.share");
  } else {
    check.Name(policy.name, kWordCharacters, "A-Z a-z 0-9 . _ -");
  }
  check.Text(policy.description, "description");
  const auto word = [&](std::string_view value, std::string param) {
    check.Require(IsName(value, kWordCharacters), std::move(param),
                  "must be a word of A-Z a-z 0-9 . _ -");
  };
  word(policy.classifier, "classifier");
  word(policy.recruiter, "recruiter");
  check.Integer(policy.experts, 1, 64, "experts");
  word(policy.aggregate, "aggregate");
  check.Number(policy.price_weight, 1'000'000, "price_weight");
  check.Number(policy.latency_weight, 1'000'000, "latency_weight");
  check.Number(policy.min_score, 1, "min_score");
  check.Integer(policy.max_fallbacks, 0, 64, "max_fallbacks");
  for (const auto& [name, value] : policy.options) {
    check.Require(IsName(name, kWordCharacters), "options." + name,
                  "an option's name must be 1 to 128 characters of A-Z a-z 0-9 . _ -");
    check.Text(value, "options." + name);
  }
  return std::move(check).Take();
}

std::vector<Error> FindMistakes(const ApiKey& key) {
  Checker check;
  check.Require(!Trim(key.name).empty(), "name", "a key needs a name");
  check.Text(key.name, "name", 256);
  check.Text(key.description, "description");
  check.Text(key.tenant, "tenant", 256);
  check.Text(key.team, "team", 256);
  constexpr std::int64_t kMost = 1'000'000'000'000;
  const KeyLimits& limits = key.limits;
  check.Integer(limits.requests_per_minute, 0, kMost, "limits.requests_per_minute");
  check.Integer(limits.tokens_per_minute, 0, kMost, "limits.tokens_per_minute");
  check.Integer(limits.concurrent_requests, 0, 1'000'000, "limits.concurrent_requests");
  check.Number(limits.budget_usd_day, 1e12, "limits.budget_usd_day");
  check.Number(limits.budget_usd_month, 1e12, "limits.budget_usd_month");
  const auto names = [&](const std::vector<std::string>& list, const std::string& param) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      check.Require(IsName(list[i], "-_.:/"), param + "[" + std::to_string(i) + "]",
                    "must be a name of 1 to 128 characters of A-Z a-z 0-9 . _ : / -");
    }
  };
  names(key.policies, "policies");
  names(key.experts, "experts");
  return std::move(check).Take();
}

Status Validate(const Backend& backend) { return First(backend); }
Status Validate(const Expert& expert) { return First(expert); }
Status Validate(const Skill& skill) { return First(skill); }
Status Validate(const Policy& policy) { return First(policy); }
Status Validate(const ApiKey& key) {
  if (Status sound = First(key); !sound) return sound;
  if (IsSha256(key.sha256)) return Ok{};
  return Error{.code = ErrorCode::kInvalid,
               .message = "`sha256` must be 64 lower-case hexadecimal digits",
               .param = "sha256"};
}

}  // namespace moerge
