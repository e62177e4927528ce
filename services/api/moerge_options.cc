#include "services/api/moerge_options.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/text.h"
#include "config/base/utf8.h"
#include "services/api/field_error.h"

namespace moerge::api {
namespace {

constexpr std::size_t kMaxNames = 1000;

std::string Param(std::string_view key) { return "moerge." + std::string(key); }

Status ReadNames(json::Value value, std::vector<std::string>* names) {
  const std::string param = Param(value.key());
  if (!value.is_array()) return WrongType(param, "an array of names", value);
  if (value.size() > kMaxNames) {
    return FieldError(param, "at most " + std::to_string(kMaxNames) + " names");
  }
  for (const json::Value element : value.children()) {
    const auto name = element.AsString();
    if (!name || name->empty()) {
      return FieldError(param + "[" + std::to_string(names->size()) + "]", "a name");
    }
    names->emplace_back(*name);
  }
  return Ok{};
}

Status ReadPositive(json::Value value, double* number) {
  const auto read = value.AsDouble();
  if (!read || *read <= 0) return FieldError(Param(value.key()), "a number above 0");
  *number = *read;
  return Ok{};
}

Status ReadCount(json::Value value, std::int64_t* count) {
  const auto read = value.AsInt();
  if (!read || *read <= 0) return FieldError(Param(value.key()), "a whole number above 0");
  *count = *read;
  return Ok{};
}

Status ReadFlag(json::Value value, bool* flag) {
  const auto read = value.AsBool();
  if (!read) return WrongType(Param(value.key()), "a boolean", value);
  *flag = *read;
  return Ok{};
}

Status ReadPolicy(json::Value value, std::string* policy) {
  const auto name = value.AsString();
  if (!name || name->empty()) return FieldError("moerge.policy", "the name of a policy");
  *policy = *name;
  return Ok{};
}

Status ReadVerifier(json::Value value, ChatRequest* request) {
  Result<Verifier> verifier = ParseVerifier(value, "moerge.verify");
  if (!verifier) return std::move(verifier).error();
  request->verifier = *std::move(verifier);
  return Ok{};
}

Error UnknownKey(std::string_view key) {
  const std::vector<std::string> known{"explain",   "policy",     "skills",       "experts",
                                       "max_calls", "max_tokens", "max_cost_usd", "max_latency_ms",
                                       "signals",   "progress",   "verify"};
  const std::string name(utf8::Truncate(key, 80));
  return Error{.code = ErrorCode::kInvalid,
               .message = "`moerge` has no field `" + name + "`." + DidYouMean(name, known) +
                          " It takes " + Join(known, ", ") + ".",
               .param = Param(name)};
}

Status ReadOption(json::Value value, ChatRequest* request) {
  const std::string_view key = value.key();
  if (value.is_null()) return Ok{};
  if (key == "explain") return ReadFlag(value, &request->explain);
  if (key == "policy") return ReadPolicy(value, &request->policy);
  if (key == "skills") return ReadNames(value, &request->route.skills);
  if (key == "experts") return ReadNames(value, &request->route.experts);
  if (key == "verify") return ReadVerifier(value, request);
  if (key == "progress") return ReadFlag(value, &request->progress);
  if (key == "max_calls") return ReadCount(value, &request->limits.calls);
  if (key == "max_tokens") return ReadCount(value, &request->limits.tokens);
  if (key == "max_cost_usd") return ReadPositive(value, &request->limits.cost_usd);
  if (key == "max_latency_ms") return ReadPositive(value, &request->route.max_latency_ms);
  if (key == "signals") return ReadFlag(value, &request->ask_signals);
  return UnknownKey(key);
}

}  // namespace

Status ReadMoergeOptions(json::Value options, ChatRequest* request) {
  if (!options || options.is_null()) return Ok{};
  if (!options.is_object()) return WrongType("moerge", "an object", options);
  for (const json::Value member : options.children()) {
    if (Status read = ReadOption(member, request); !read) return read;
  }
  return Ok{};
}

}  // namespace moerge::api
