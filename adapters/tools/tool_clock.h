// The moment at which a tool answers, as a plain value: tools read no clock of their own.
#pragma once

#include <cstdint>

namespace moerge {

// A civil date and time in the proleptic Gregorian calendar, at a fixed offset from UTC.
// REQUIRES: a real date with 1 <= year <= 9999, hour < 24, minute < 60, second < 60.
struct ToolClock {
  int year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int utc_offset_minutes = 0;

  // The civil time at `unix_seconds` (since 1970-01-01T00:00:00Z) in a zone `utc_offset_minutes`
  // east of UTC. Moments outside the years 1 to 9999 are clamped to them.
  [[nodiscard]] static ToolClock FromUnixSeconds(std::int64_t unix_seconds,
                                                 int utc_offset_minutes = 0);
};

}  // namespace moerge
