// Numbers as people write them, read exactly: 2,340 -0.5 1.5e3 .25 0xff and the English words for
// them. Pure functions; no exceptions. Values are bounded, so that no literal can exhaust memory.
#pragma once

#include <gmpxx.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moerge::tools {

struct NumberLiteral {
  mpq_class value;
  std::string text;        // without thousands separators
  std::size_t length = 0;  // bytes read
  bool grouped = false;    // had thousands separators
  bool decimal = false;    // had a decimal point or an exponent
};

// The number at the front of `text`, without a sign; nothing when there is none or it is malformed
// (1,23 or 1.2.3) or has an exponent beyond ±5000.
[[nodiscard]] std::optional<NumberLiteral> ReadNumber(std::string_view text);

// All of `text` as one signed number: a literal, a fraction (3/4), a mixed number (5 1/2) or
// English words.
[[nodiscard]] std::optional<mpq_class> ParseNumber(std::string_view text);

// All of `text` as an integer within the range of long.
[[nodiscard]] std::optional<long> ParseSmallInteger(std::string_view text);

}  // namespace moerge::tools
