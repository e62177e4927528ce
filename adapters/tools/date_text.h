// Dates as people write them, absolute and relative to a clock, with the interpretation taken where
// there is one. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/tools/calendar.h"
#include "adapters/tools/tool_clock.h"

namespace moerge::tools {

// Which year a date without one is taken from.
enum class Toward { kThisYear, kUpcoming, kPast };

struct DateReading {
  Day day;
  std::string note = {};       // the interpretation, when the text left something open
  bool calendar_name = false;  // a holiday or "first Monday of March": worth asking when it is
  bool has_year = false;
};

// All of `text` as a date. Nothing when it is none, does not exist, or is ambiguous (03/04/2021).
[[nodiscard]] std::optional<DateReading> ParseDate(std::string_view text, const ToolClock& clock,
                                                   Toward toward);

// A year of four digits, or 1 to 4 digits after "the year".
[[nodiscard]] std::optional<long> ParseYear(std::string_view text);

}  // namespace moerge::tools
