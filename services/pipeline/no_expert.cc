#include "services/pipeline/no_expert.h"

#include <string>

#include "registry/registry.h"
#include "router/recruit/reasons.h"

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

// Null: the request's latency ceiling is not why.
const std::string* WhyTooSlow(const Decision& decision) {
  for (const std::string& reason : decision.reasons) {
    if (decision.roster.empty() && reason.starts_with(kTooSlowReason)) return &reason;
  }
  return nullptr;
}

Error TooSlowError(const std::string& why) {
  return Error{
      .code = ErrorCode::kNoExpert,
      .message = "no expert is fast enough: " + why + ". Raise the ceiling or leave it out.",
      .param = "moerge.max_latency_ms",
      .reason = "too_slow"};
}

}  // namespace

Error NoExpertError(const Decision& decision) {
  if (decision.abstained) return AbstainedError(decision);
  if (const std::string* why = WhyTooSlow(decision)) return TooSlowError(*why);
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
