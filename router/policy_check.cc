#include <algorithm>

#include "config/base/text.h"
#include "router/recruit/ranking.h"
#include "router/router.h"

namespace moerge {
namespace {

const std::vector<std::string> kClassifiers = {"lexical", "none"};
const std::vector<std::string> kOptions = {"tools.threshold"};

Status Known(const std::string& what, const std::string& value,
             const std::vector<std::string>& known, const std::string& param) {
  if (std::find(known.begin(), known.end(), value) != known.end()) return Ok{};
  return Error{.code = ErrorCode::kInvalid,
               .message = "`" + value + "` is not a " + what + "; known: " + Join(known, ", ") +
                          "." + DidYouMean(value, known),
               .param = param};
}

Status CheckOption(const std::string& name, const std::string& value) {
  if (Status known = Known("policy option", name, kOptions, "options"); !known) return known;
  const std::optional<double> number = ParseDouble(value);
  if (number && *number >= 0 && *number <= 1) return Ok{};
  return Error{.code = ErrorCode::kInvalid,
               .message = "`" + name + "` is a number from 0 to 1, not `" + value + "`",
               .param = "options." + name};
}

}  // namespace

Status CheckPolicy(const Policy& policy) {
  if (Status known = Known("classifier", policy.classifier, kClassifiers, "classifier"); !known) {
    return known;
  }
  if (Status known = Known("recruiter", policy.recruiter, RuleNames(), "recruiter"); !known) {
    return known;
  }
  for (const auto& [name, value] : policy.options) {
    if (Status option = CheckOption(name, value); !option) return option;
  }
  return Ok{};
}

}  // namespace moerge
