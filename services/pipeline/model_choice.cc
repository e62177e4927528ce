#include "services/pipeline/model_choice.h"

#include <string>
#include <vector>

#include "config/base/text.h"
#include "config/base/utf8.h"

namespace moerge {
namespace {

constexpr std::string_view kAuto = "auto";
constexpr std::string_view kPolicyPrefix = "moerge/";
constexpr std::size_t kQuoted = 128;  // bytes of a client's name that an error repeats

Error NotFound(std::string message) {
  return Error{.code = ErrorCode::kNotFound,
               .message = std::move(message),
               .param = "model",
               .reason = "model_not_found"};
}

Error UnknownModel(const Snapshot& snapshot, std::string_view model) {
  std::vector<std::string> names{std::string(kAuto)};
  for (const Policy& policy : snapshot.policies) {
    if (policy.name != kAuto) names.push_back(std::string(kPolicyPrefix) + policy.name);
  }
  for (const ExpertEntry& expert : snapshot.experts) names.push_back(expert.spec.name);
  return NotFound("there is no model `" + std::string(utf8::Truncate(model, kQuoted)) + "`." +
                  DidYouMean(model, names) +
                  " `auto` lets moerge choose; GET /v1/models lists all.");
}

Error UnknownPolicy(const Snapshot& snapshot, std::string_view name) {
  std::vector<std::string> names;
  for (const Policy& policy : snapshot.policies) names.push_back(policy.name);
  return Error{.code = ErrorCode::kInvalid,
               .message = "there is no policy `" + std::string(utf8::Truncate(name, kQuoted)) +
                          "`." + DidYouMean(name, names),
               .param = "moerge.policy"};
}

Result<ModelChoice> ChooseAuto(const Snapshot& snapshot, std::string_view wish) {
  const Policy* policy = snapshot.FindPolicy(wish.empty() ? kAuto : wish);
  if (policy == nullptr) return UnknownPolicy(snapshot, wish.empty() ? kAuto : wish);
  return ModelChoice{.policy = policy};
}

Result<ModelChoice> ChooseNamed(const Snapshot& snapshot, std::string_view model) {
  if (model.starts_with(kPolicyPrefix)) {
    const Policy* policy = snapshot.FindPolicy(model.substr(kPolicyPrefix.size()));
    if (policy != nullptr) return ModelChoice{.policy = policy};
  }
  const ExpertEntry* expert = snapshot.FindExpert(model);
  if (expert == nullptr) return UnknownModel(snapshot, model);
  if (!expert->spec.enabled) {
    return NotFound("the expert `" + expert->spec.name +
                    "` is disabled; enable it with `moerge "
                    "experts enable " +
                    expert->spec.name + "` or use another model");
  }
  return ModelChoice{.expert = expert};
}

}  // namespace

Result<ModelChoice> ChooseModel(const Snapshot& snapshot, std::string_view model,
                                std::string_view policy) {
  if (model == kAuto) return ChooseAuto(snapshot, policy);
  if (!policy.empty()) {
    return Error{.code = ErrorCode::kInvalid,
                 .message =
                     "`moerge.policy` goes with the model `auto` only; "
                     "this model already names the expert or policy",
                 .param = "moerge.policy"};
  }
  return ChooseNamed(snapshot, model);
}

}  // namespace moerge
