#include "adapters/tools/tool_clock.h"

#include <algorithm>
#include <chrono>

namespace moerge {
namespace {

constexpr std::int64_t kFirstSecond = -62135596800;  // 0001-01-01T00:00:00
constexpr std::int64_t kLastSecond = 253402300799;   // 9999-12-31T23:59:59

}  // namespace

ToolClock ToolClock::FromUnixSeconds(std::int64_t unix_seconds, int utc_offset_minutes) {
  using namespace std::chrono;
  const std::int64_t bounded = std::clamp(unix_seconds, kFirstSecond, kLastSecond);
  const std::int64_t local =
      std::clamp(bounded + utc_offset_minutes * std::int64_t{60}, kFirstSecond, kLastSecond);
  const sys_seconds moment{seconds{local}};
  const sys_days midnight = floor<days>(moment);
  const year_month_day date{midnight};
  const hh_mm_ss time{moment - midnight};
  return {.year = static_cast<int>(date.year()),
          .month = static_cast<int>(static_cast<unsigned>(date.month())),
          .day = static_cast<int>(static_cast<unsigned>(date.day())),
          .hour = static_cast<int>(time.hours().count()),
          .minute = static_cast<int>(time.minutes().count()),
          .second = static_cast<int>(time.seconds().count()),
          .utc_offset_minutes = utc_offset_minutes};
}

}  // namespace moerge
