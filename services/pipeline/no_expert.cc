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

}  // namespace

Error NoExpertError(const Decision& decision) {
  if (decision.abstained) return AbstainedError(decision);
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
