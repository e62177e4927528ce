// A decision for people, from its JSON (services/api/decision_json.h). Pure.
#pragma once

#include <string>
#include <string_view>

#include "config/base/result.h"

namespace moerge::cli {

// Several lines: skills, candidates, roster, reasons, attempts if there were any, times.
// Error: kInvalid, not a decision.
Result<std::string> DescribeDecision(std::string_view decision_json);

}  // namespace moerge::cli
