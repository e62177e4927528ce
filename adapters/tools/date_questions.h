// The questions about dates and times that are understood, as sentences with their answers. Pure
// given the clock.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "adapters/tools/phrase_pattern.h"
#include "adapters/tools/tool.h"

namespace moerge::tools {

// Nothing when the slots are not understood, so that the next sentence is tried.
using DateHandler = std::optional<ToolReply> (*)(const Slots& slots, const ToolClock& clock);

struct DateQuestion {
  Pattern pattern;
  DateHandler handler;
};

// Compiled once, on first use.
[[nodiscard]] const std::vector<DateQuestion>& DifferenceQuestions();  // how many days between, age
[[nodiscard]] const std::vector<DateQuestion>&
CalendarQuestions();  // weekday, leap year, week number, when is Easter
[[nodiscard]] const std::vector<DateQuestion>& ShiftQuestions();  // add, subtract, from now
[[nodiscard]] const std::vector<DateQuestion>& TimeQuestions();  // times of day, offsets, unix time

// " (note)", or nothing.
[[nodiscard]] std::string InBrackets(const std::string& note);

}  // namespace moerge::tools
