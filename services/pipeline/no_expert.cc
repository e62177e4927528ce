#include "services/pipeline/no_expert.h"

#include <string>

#include "registry/registry.h"

namespace moerge {
namespace {

Error AbstainedError(const Decision& decision) {
  std::string message = "moerge gives no answer to this request, as its policy says: ";
  for (const std::string& reason : decision.reasons) {
    if (reason.starts_with("abstained") || reason.starts_with("recruiter mapping")) {
      message += reason + ".";
    }
  }
  return Error{.code = ErrorCode::kNoExpert,
               .message = std::move(message),
               .param = "model",
               .reason = "abstained"};
}

Error ObstacleError(const Obstacle& obstacle) {
  switch (obstacle.what) {
    case Exclusion::kTooSlow:
      return Error{.code = ErrorCode::kNoExpert,
                   .message = "no expert is fast enough: " + obstacle.why +
                              ". Raise the ceiling or leave it out.",
                   .param = "moerge.max_latency_ms",
                   .reason = "too_slow"};
    case Exclusion::kTooDear:
      return Error{.code = ErrorCode::kNoExpert,
                   .message = "no expert is cheap enough: " + obstacle.why +
                              ". Raise the ceiling (`moerge.max_cost_usd`, or `limits.cost_usd` "
                              "of the policy) or leave it out.",
                   .param = "moerge.max_cost_usd",
                   .reason = "too_dear"};
    default:
      return Error{.code = ErrorCode::kUnavailable,
                   .message = "no expert that could answer works at present: " + obstacle.why +
                              ". Try again later.",
                   .param = "model",
                   .reason = "experts_unhealthy"};
  }
}

}  // namespace

Error NoExpertError(const Decision& decision) {
  if (decision.abstained) return AbstainedError(decision);
  if (decision.obstacle.what != Exclusion::kNone) return ObstacleError(decision.obstacle);
  std::string skill(kGeneralSkill);
  if (!decision.demand.skills.empty()) skill = NameOf(decision.demand.skills.front().skill);
  std::string message = "no registered expert can answer this request. Skill in demand: `" + skill +
                        "`. Add an expert that has it, with `moerge experts add` or under "
                        "`experts:` in the configuration file, for example with `skills: {" +
                        skill + ": 0.8}`, or with `skills: {general: 0.5}` for everything.";
  return Error{.code = ErrorCode::kNoExpert,
               .message = std::move(message),
               .param = "model",
               .reason = "no_expert"};
}

}  // namespace moerge
