#include "services/api/admin/nameable_variables.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace moerge::api {
namespace {

bool Fits(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return pattern == name;
  pattern.remove_suffix(1);
  return name.starts_with(pattern);
}

bool Names(const Backend& backend, std::string_view variable) {
  return backend.api_key_env == variable ||
         std::ranges::count(VariablesOf(backend), variable, &NamedVariable::name) > 0;
}

bool IsNameable(const Config& config, std::string_view name) {
  const auto& listed = config.server.allowed_env;
  return std::any_of(listed.begin(), listed.end(),
                     [&](std::string_view pattern) { return Fits(pattern, name); }) ||
         std::any_of(config.backends.begin(), config.backends.end(),
                     [&](const Backend& backend) { return Names(backend, name); });
}

// Error: why a backend may not name this variable in its field `param`.
Status CheckName(const Config& config, const Backend* before, const Backend& backend,
                 const std::string& name, const std::string& param) {
  if (IsNameable(config, name)) return Ok{};
  if (before != nullptr && Names(*before, name) && before->base_url == backend.base_url) {
    return Ok{};
  }
  std::string allowed;
  for (const std::string& pattern : config.server.allowed_env) {
    allowed += (allowed.empty() ? "`" : ", `") + pattern + "`";
  }
  return Error{.code = ErrorCode::kInvalid,
               .message = "`" + param +
                          "` of a backend added over the API may name only the variables "
                          "that the configuration allows (server.allowed_env" +
                          (allowed.empty() ? std::string(": none") : ": " + allowed) +
                          ") or that a backend in it names; `" + name +
                          "` is none of them: add it to server.allowed_env, or declare the backend "
                          "in the file",
               .param = param};
}

}  // namespace

Status CheckNameable(const Config& config, const Backend* before, const Backend& backend) {
  const std::string& key = backend.api_key_env;
  Status may = key.empty() ? Status(Ok{}) : CheckName(config, before, backend, key, "api_key_env");
  for (const NamedVariable& variable : VariablesOf(backend)) {
    if (may.ok()) may = CheckName(config, before, backend, variable.name, variable.where);
  }
  return may;
}

}  // namespace moerge::api
