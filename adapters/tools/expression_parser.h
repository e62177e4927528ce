// From the text of one calculation to its tree, by the usual precedence. Where readers would
// disagree on the meaning (6/2(1+2), 100 + 10%, square root of 16 plus 9, 5!!) it fails with the
// reason instead of choosing. Pure; recursion is bounded to 60 levels and input to 600 lexemes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/tools/expression.h"
#include "config/base/result.h"

namespace moerge::tools {

struct Calculation {
  ExprPtr root;
  std::vector<std::string> notes = {};  // interpretations worth telling, e.g. "angle in radians"
};

// REQUIRES: `text` comes from NormalizeCalculation.
[[nodiscard]] Result<Calculation> ParseCalculation(std::string_view text);

// A list "4, 6 and 10" of at least two calculations; fails where separators could belong to the
// numbers.
[[nodiscard]] Result<std::vector<ExprPtr>> ParseCalculationList(std::string_view text);

}  // namespace moerge::tools
