// Named days that follow a public rule. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/tools/calendar.h"

namespace moerge::tools {

struct Holiday {
  Day day;
  std::string note = {};  // the country or rite, where the name alone leaves it open
};

// "christmas", "new year's eve", "easter monday", "thanksgiving" ... in lower case. REQUIRES: 1 <=
// year <= 9999.
[[nodiscard]] std::optional<Holiday> FindHoliday(std::string_view name, int year);

// The n-th (or, for 0, the last) such weekday of a month; nothing when there is none.
[[nodiscard]] std::optional<Day> NthWeekday(long year, long month, std::chrono::weekday weekday,
                                            long n);

}  // namespace moerge::tools
