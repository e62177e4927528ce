// The moerge.yaml that `moerge init` writes.
#include <map>

#include "config/base/json.h"
#include "services/cli/discovery.h"

namespace moerge::cli {
namespace {

constexpr const char* kHead =
    R"(# moerge's configuration. Every key may be left out; `moerge check FILE` names every mistake.
# Reload a running server after a change: kill -HUP PID, or POST /api/v1/reload.

server: {listen: "127.0.0.1:8080"}   # other machines reach other addresses: add `keys`
store: "sqlite:moerge.db"            # experts added over the API, profiles, decisions
tools: on                            # built-in experts: arithmetic, units, dates, text operations

)";

constexpr const char* kNoBackend = R"(# Servers that host models. An example to fill in:
# backends:
#   - {name: local, protocol: openai, base_url: "http://127.0.0.1:8000/v1", max_concurrency: 32}
#   - {name: hosted, protocol: openai, base_url: "https://api.openai.com/v1", api_key_env: OPENAI_API_KEY}
# experts:
#   - {name: mathstral, backend: local, model: mathstral-7B-v0.1, skills: {algebra: 0.9, general: 0.4}}
#   - {name: all-round, backend: hosted, model: gpt-4o-mini, skills: {general: 0.7}}

)";

constexpr const char* kExpertsHead =
    R"(# Experts: models under the names that clients and decisions use. `skills` says how good you expect each
# to be, 0..1, until measurements replace it (`moerge profile import`); `general` stands for every skill
# that is not named. The skills there are: GET /api/v1/skills. Prices are USD per million tokens.
experts:
)";

constexpr const char* kPolicies = R"(
# How requests are routed. `auto` is the model name for the first; "moerge/NAME" picks another.
policies:
  - {name: auto, classifier: lexical, experts: 1, aggregate: first}
)";

// JSON strings are YAML strings.
std::string Quoted(const std::string& text) {
  std::string out;
  json::AppendQuoted(text, &out);
  return out;
}

void WriteBackends(const std::vector<FoundBackend>& found, std::string* out) {
  *out += "# Servers that host models.\nbackends:\n";
  for (const FoundBackend& backend : found) {
    *out += "  - name: " + backend.name + "   # " + backend.title +
            "\n    protocol: " + backend.protocol + "\n    base_url: " + Quoted(backend.base_url) +
            "\n";
    if (!backend.api_key_env.empty()) *out += "    api_key_env: " + backend.api_key_env + "\n";
    *out += "    max_concurrency: " + std::string(backend.hosted ? "32" : "8") + "\n";
  }
  *out += "\n";
}

// A model that two servers host is named after its server too.
std::map<std::string, int> CountModels(const std::vector<FoundBackend>& found) {
  std::map<std::string, int> counts;
  for (const FoundBackend& backend : found) {
    for (const std::string& model : backend.models) ++counts[model];
  }
  return counts;
}

std::string ExpertName(const std::string& model, const std::string& backend, bool shared) {
  std::string name;
  for (const char c : (shared ? backend + "/" + model : model).substr(0, 120)) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       std::string("._:/-").find(c) != std::string::npos;
    name.push_back(plain ? c : '-');
  }
  return name == "auto" || name.starts_with("moerge/") ? backend + "/" + name : name;
}

void WriteExperts(const std::vector<FoundBackend>& found, std::string* out) {
  *out += kExpertsHead;
  std::map<std::string, int> counts = CountModels(found);
  std::map<std::string, int> taken;
  for (const FoundBackend& backend : found) {
    for (const std::string& model : backend.models) {
      std::string name = ExpertName(model, backend.name, counts[model] > 1);
      if (const int again = taken[name]++; again > 0) name += "-" + std::to_string(again + 1);
      *out += "  - {name: " + Quoted(name) + ", backend: " + backend.name +
              ", model: " + Quoted(model) + ", skills: {general: 0.5}}\n";
    }
  }
}

}  // namespace

std::string WriteConfiguration(const std::vector<FoundBackend>& found) {
  std::string out = kHead;
  if (found.empty()) {
    out += kNoBackend;
  } else {
    WriteBackends(found, &out);
    WriteExperts(found, &out);
  }
  out += kPolicies;
  return out;
}

}  // namespace moerge::cli
