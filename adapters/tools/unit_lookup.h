// From a unit's text to what it can mean: "km", "miles per hour", "square feet", "kg/m^3".
// Threads: the index is built once, on first use, and never changes. Failure: an unknown unit has
// no meanings.
#pragma once

#include <gmpxx.h>

#include <string>
#include <string_view>
#include <vector>

#include "adapters/tools/unit_table.h"

namespace moerge::tools {

struct UnitMeaning {
  Dimensions dimensions{};
  mpq_class factor = 1;      // to SI
  mpq_class offset = 0;      // added after the factor; 0 but for temperatures
  std::string reading = {};  // "US", "1024-based"; empty when the name has one meaning
  bool quotient = false;     // written as one unit per another
  bool rounded = false;      // the factor is irrational
  bool iec = false;          // KiB and its kin
};

// All meanings, the most usual first. REQUIRES: at most 200 bytes, else none.
[[nodiscard]] std::vector<UnitMeaning> ParseUnit(std::string_view text);

}  // namespace moerge::tools
