// A calculation's text as tokens: symbols, numbers and the words people use for them ("divided by",
// "square root of"). Pure. Fails on the first thing that is not part of a calculation: the whole
// request must be understood.
#pragma once

#include <gmpxx.h>

#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"

namespace moerge::tools {

enum class LexemeKind {
  kNumber,
  kSymbol,    // one of + - * / ^ ( ) , ! % ° and the names mod, choose, of
  kFunction,  // sqrt, gcd ...
  kConstant,  // pi, e
  kEnd,
};

struct Lexeme {
  LexemeKind kind = LexemeKind::kEnd;
  std::string text = {};
  mpq_class value = 0;
  bool grouped = false;  // a number with thousands separators
  bool money = false;    // a number with a currency sign
  bool wordy =
      false;  // in words: how far the operand of "square root of" or "divided by" reaches is open
  bool tight = false;  // no space on either side
};

// Operators and typography as ASCII, lower case, single spaces: "3 × 4²" becomes "3 * 4^2".
[[nodiscard]] std::string NormalizeCalculation(std::string_view text);

// REQUIRES: `text` comes from NormalizeCalculation. At most 600 lexemes, the last of them kEnd.
[[nodiscard]] Result<std::vector<Lexeme>> LexCalculation(std::string_view text);

// How many arguments the function takes; {0, 0} for an unknown one. `most` is 64 for lists.
struct Arity {
  std::size_t least = 0;
  std::size_t most = 0;
};
[[nodiscard]] Arity FunctionArity(std::string_view name);

}  // namespace moerge::tools
