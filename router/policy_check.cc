#include <algorithm>

#include "config/base/text.h"
#include "config/policy_options.h"
#include "router/classify/catalogue.h"
#include "router/recruit/ranking.h"
#include "router/router.h"
#include "router/signals.h"

namespace moerge {
namespace {

Status Known(const std::string& what, const std::string& value,
             const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), value) != known.end()) return Ok{};
  return Error{.code = ErrorCode::kInvalid,
               .message = "`" + value + "` is not a " + what + "; known: " + Join(known, ", ") +
                          "." + DidYouMean(value, known),
               .param = what};
}

Status CheckClassifier(const Policy& policy, const std::vector<std::string>* skills) {
  for (const ClassifierKind& kind : ClassifierKinds()) {
    if (kind.check == nullptr) continue;
    const ClassifierOptions options = OptionsOf(policy, kind.name);
    if (options.empty() && policy.classifier != kind.name) continue;
    if (Status sound = kind.check(options, skills); !sound) return sound;
  }
  return Ok{};
}

// Requests are assigned by scores of all experts that fit.
Status CheckAssignment(const Policy& policy) {
  if (policy.options->batch_assign == BatchAssign::kNone) return Ok{};
  const Rule rule = RuleOf(policy);
  if (rule != Rule::kRandom && rule != Rule::kSampling && rule != Rule::kMapping) return Ok{};
  return Error{.code = ErrorCode::kInvalid,
               .message = "the recruiter `" + policy.recruiter +
                          "` takes no `batch.assign`: it has its own way to spread requests; "
                          "expected, task-level, best-single and top take one",
               .param = "options.batch.assign"};
}

}  // namespace

Status CheckPolicy(const Policy& policy, const std::vector<std::string>* skills) {
  if (Status known = Known("classifier", policy.classifier, ClassifierNames()); !known) {
    return known;
  }
  if (Status known = Known("recruiter", policy.recruiter, RuleNames()); !known) return known;
  for (const auto& [name, value] : policy.options) {
    if (Status option = CheckOption(name, value); !option) return option;
    if (skills == nullptr || !name.starts_with("kinds.")) continue;
    if (Status known = CheckSkillOption(name, *skills); !known) return known;
  }
  if (Status signals = CheckSignalOptions(policy); !signals) return signals;
  if (Status assigned = CheckAssignment(policy); !assigned) return assigned;
  return CheckClassifier(policy, skills);
}

}  // namespace moerge
