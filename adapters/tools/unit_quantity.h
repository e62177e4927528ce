// Amounts with units as people write them: "5 ft 11 in", "2 hours and 30 minutes", "half a mile",
// "-40 °F". Pure. Failure: nothing when any part is not understood.
#pragma once

#include <gmpxx.h>

#include <string>
#include <string_view>
#include <vector>

#include "adapters/tools/unit_lookup.h"

namespace moerge::tools {

struct QuantityPart {
  mpq_class amount;
  std::string unit;  // as written
  std::vector<UnitMeaning> meanings;
};

// The parts from the largest to the smallest unit; empty when the text is no quantity. A part after
// the first is less than one of the unit before it.
[[nodiscard]] std::vector<QuantityPart> ParseQuantity(std::string_view text);

}  // namespace moerge::tools
