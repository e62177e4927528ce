// Lengths of time counted in calendar units: "45 business days", "2 years and 3 months", "a week".
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/tools/calendar.h"

namespace moerge::tools {

struct Period {
  long months = 0;
  long days = 0;
  long business_days = 0;
};

// Nothing unless all of the text is understood; parts at most 4,000,000 each, business days at most
// 1,000,000 and alone.
[[nodiscard]] std::optional<Period> ParsePeriod(std::string_view text);

// `sign` is 1 or -1. Months first, then days. Nothing outside the years 1 to 9999.
[[nodiscard]] std::optional<Day> AddPeriod(Day day, const Period& period, int sign);

}  // namespace moerge::tools
