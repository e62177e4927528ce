// From the tree of a calculation to the reply: evaluate, round as asked, mark what is rounded.
// Pure.
#pragma once

#include <string>
#include <vector>

#include "adapters/tools/expression.h"
#include "adapters/tools/presentation.h"
#include "adapters/tools/tool.h"
#include "config/base/result.h"

namespace moerge::tools {

struct ArithmeticQuestion {
  ExprPtr root;
  std::vector<std::string> notes = {};
  Presentation presentation = {};
  std::string currency = {};  // "$" when amounts of money take part
};

// Declines when the value is undefined, out of bounds, or cannot be rounded reliably.
[[nodiscard]] ToolReply AnswerCalculation(const ArithmeticQuestion& question);

// The exact rational value; fails when it is irrational. For facts about numbers (is it prime,
// which is larger).
[[nodiscard]] Result<mpq_class> ExactValue(const Expr& expr);

}  // namespace moerge::tools
