// The vocabulary of calculations: which words stand for which operator, function or constant. Data
// and look-up, no state.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace moerge::tools {

enum class WordRole { kSymbols, kFunction, kWordyFunction, kConstant };

struct CalculationWord {
  std::string_view phrase;
  WordRole role;
  std::string_view meaning;  // the symbols, the function's or the constant's name
};

// The longest known phrase at the front of `text` that ends at a word boundary. REQUIRES: lower
// case, single spaces.
[[nodiscard]] std::optional<CalculationWord> FindCalculationWord(std::string_view text);

}  // namespace moerge::tools
