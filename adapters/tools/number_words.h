// English number words: "three hundred and five", "twenty-one", "two point five", "half a million".
// Strict: what is not a well-formed number is none ("twenty thirty", "nineteen eighty four"). Pure
// functions.
#pragma once

#include <gmpxx.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moerge::tools {

struct WordNumber {
  mpq_class value;
  std::size_t words = 0;  // how many words it takes
  bool has_and = false;   // contains "and", which could also separate two numbers
};

// The longest number at `words[at]`. Words are lower case, hyphens already split ("twenty", "one").
[[nodiscard]] std::optional<WordNumber> ReadNumberWords(const std::vector<std::string>& words,
                                                        std::size_t at);

// All of `text` as one number.
[[nodiscard]] std::optional<mpq_class> ParseNumberWords(std::string_view text);

// 3 for "third" and "thirds", 2 for "half", 4 for "quarter", up to twelfths, then twentieth,
// hundredth, thousandth, millionth.
[[nodiscard]] std::optional<long> DenominatorWord(std::string_view word);

// 3 for "third", "3rd"; ordinals from first to twentieth in words, any in digits.
[[nodiscard]] std::optional<long> ParseOrdinal(std::string_view word);

}  // namespace moerge::tools
