#include "config/config.h"

#include <string>
#include <utility>

#include "config/base/line_reader.h"
#include "config/sections/sections.h"
#include "config/yaml/parse.h"

namespace moerge {
namespace {

// In this order: experts look at the backends, policies at all of them and at the skills.
constexpr void (*kSections[])(FieldReader&, Config*, ReadContext*) = {
    ReadServer,   ReadStore,   ReadProfiles, ReadSandbox,  ReadTelemetry, ReadTools,
    ReadBackends, ReadExperts, ReadSkills,   ReadPolicies, ReadKeys};

void CheckOrigins(const Config& config, FieldReader* top) {
  if (!config.keys.empty()) return;
  for (std::size_t i = 0; i < config.server.allow_origins.size(); ++i) {
    if (config.server.allow_origins[i] != "*") continue;
    top->AddError("server.allow_origins[" + std::to_string(i) + "]",
                  "`*` lets every web page call this server, so that moerge wants a key first: add "
                  "one under `keys`, or list the origins");
  }
}

}  // namespace

std::string_view ValueSourceName(ValueSource source) {
  switch (source) {
    case ValueSource::kDefault: return "default";
    case ValueSource::kFile: return "file";
    case ValueSource::kEnvironment: return "environment";
    case ValueSource::kCommandLine: return "command line";
  }
  return "default";
}

ConfigReport ParseConfig(std::string_view yaml, const std::string& file_name,
                         PolicyCheck check_policy) {
  ReadContext context;
  context.check_policy = check_policy;
  ConfigReport report;
  report.config.file = file_name;
  const YamlPtr root = ParseYaml(yaml, &context.mistakes);
  FieldReader top(root, "", &context);
  for (const auto read : kSections) read(top, &report.config, &context);
  CheckOrigins(report.config, &top);
  top.RejectUnknownKeys();
  report.mistakes = std::move(context.mistakes).Take();
  for (auto& [path, filled] : context.given) {
    report.config.given[path] = filled ? ValueSource::kEnvironment : ValueSource::kFile;
  }
  return report;
}

std::string FormatMistakes(const ConfigReport& report, const std::string& file_name) {
  std::string text;
  for (const ConfigMistake& mistake : report.mistakes) {
    if (!text.empty()) text += '\n';
    text += file_name + ":";
    if (mistake.line > 0) {
      text += std::to_string(mistake.line) + ":" + std::to_string(mistake.column) + ":";
    }
    text += " " + (mistake.path.empty() ? "" : mistake.path + ": ") + mistake.message;
  }
  return text;
}

Result<Config> LoadConfig(const std::string& path, PolicyCheck check_policy) {
  Result<std::string> text = ReadFile(path);
  if (!text) return std::move(text).error();
  ConfigReport report = ParseConfig(*text, path, check_policy);
  if (report.mistakes.empty()) return std::move(report.config);
  return Error{ErrorCode::kInvalid, FormatMistakes(report, path)};
}

Result<std::vector<Policy>> LoadPolicies(const std::string& path, PolicyCheck check_policy) {
  Result<std::string> text = ReadFile(path);
  if (!text) return std::move(text).error();
  ReadContext context;
  context.check_policy = check_policy;
  ConfigReport report;
  const YamlPtr root = ParseYaml(*text, &context.mistakes);
  if (FieldReader(root, "", &context).has("policies")) {
    Result<Config> config = LoadConfig(path, check_policy);
    if (!config) return std::move(config).error();
    if (!config->policies.empty()) return std::move(config->policies);
    return Error{ErrorCode::kInvalid, path + ": there are no `policies`"};
  }
  UniqueNames names;
  std::vector<Policy> policies = {ReadPolicy(root, "", &context, &names, nullptr)};
  report.mistakes = std::move(context.mistakes).Take();
  if (report.mistakes.empty()) return policies;
  return Error{ErrorCode::kInvalid, FormatMistakes(report, path)};
}

}  // namespace moerge
