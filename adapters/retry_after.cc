#include "adapters/retry_after.h"

#include <time.h>

#include <algorithm>
#include <optional>
#include <string>

#include "config/base/text.h"

namespace moerge {
namespace {

constexpr std::chrono::seconds kMost = std::chrono::hours(24);

std::optional<std::chrono::system_clock::time_point> ParseHttpDate(const std::string& text) {
  for (const char* format :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"}) {
    tm parts{};
    const char* const end = strptime(text.c_str(), format, &parts);
    if (end != nullptr && *end == '\0')
      return std::chrono::system_clock::from_time_t(timegm(&parts));
  }
  return std::nullopt;
}

}  // namespace

std::chrono::seconds ParseRetryAfter(std::string_view text,
                                     std::chrono::system_clock::time_point now) {
  const std::string_view trimmed = Trim(text);
  std::chrono::seconds wait{0};
  if (const auto seconds = ParseInt(trimmed)) {
    wait = std::chrono::seconds(std::clamp<std::int64_t>(*seconds, 0, kMost.count()));
  } else if (const auto fraction = ParseDouble(trimmed)) {
    wait = std::chrono::seconds(static_cast<std::int64_t>(
        std::clamp<double>(*fraction, 0, static_cast<double>(kMost.count())) + 0.999));
  } else if (const auto date = ParseHttpDate(std::string(trimmed))) {
    wait = std::chrono::ceil<std::chrono::seconds>(*date - now);
  }
  return std::clamp(wait, std::chrono::seconds(0), kMost);
}

}  // namespace moerge
