// Times of day with optional fixed UTC offsets: "9:15 am", "14:30:05", "3 pm UTC-5". Named zones
// change their offsets with the seasons and are not read. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace moerge::tools {

struct TimeOfDay {
  long seconds = 0;  // since midnight, below 86,400
  bool has_seconds = false;
  bool sure = true;  // false for "9:15", which could be in the morning or in the evening
  std::optional<long> offset_minutes{};
};

// "UTC", "GMT", "UTC+5:30", "GMT-3", "+02:00": minutes east of UTC, at most 14 hours.
[[nodiscard]] std::optional<long> ParseUtcOffset(std::string_view text);
[[nodiscard]] std::optional<TimeOfDay> ParseTimeOfDay(std::string_view text);

// "14:05" or "14:05:09"; "UTC+05:30".
[[nodiscard]] std::string TimeText(long seconds, bool with_seconds);
[[nodiscard]] std::string OffsetText(long minutes);
// "8 hours and 25 minutes". REQUIRES: seconds >= 0.
[[nodiscard]] std::string DurationText(long seconds);

}  // namespace moerge::tools
