#include "adapters/tools/time_of_day.h"

#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include "adapters/tools/request.h"
#include "config/base/text.h"

namespace moerge::tools {
namespace {

std::optional<long> Number(std::string_view text, long most) {
  if (text.size() > 2 || !ConsistsOf(text, "0123456789")) return std::nullopt;
  const long value = std::stol(std::string(text));
  return value <= most ? std::optional<long>(value) : std::nullopt;
}

// h, h:mm or h:mm:ss.
std::optional<TimeOfDay> Clock(std::string_view text) {
  const std::vector<std::string_view> parts = Split(text, ':');
  if (parts.empty() || parts.size() > 3) return std::nullopt;
  TimeOfDay time;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto value = Number(parts[i], i == 0 ? 23 : 59);
    if (!value || (i > 0 && parts[i].size() != 2)) return std::nullopt;
    time.seconds = time.seconds * 60 + *value;
  }
  for (std::size_t i = parts.size(); i < 3; ++i) time.seconds *= 60;
  time.has_seconds = parts.size() == 3;
  time.sure = parts[0].size() == 2 || time.seconds >= 13 * 3600;
  return parts.size() == 1 ? std::nullopt : std::optional<TimeOfDay>(time);
}

std::optional<TimeOfDay> TwelveHour(std::string_view text, bool afternoon) {
  const std::string clock(Trim(text));
  auto time = Clock(clock.find(':') == std::string::npos ? clock + ":00" : clock);
  if (!time || time->seconds >= 13 * 3600 || time->seconds < 3600) return std::nullopt;
  time->seconds = time->seconds % (12 * 3600) + (afternoon ? 12 * 3600 : 0);
  time->sure = true;
  return time;
}

std::optional<TimeOfDay> WithoutOffset(std::string_view text) {
  if (text == "noon" || text == "midday") return TimeOfDay{.seconds = 12 * 3600};
  if (text == "midnight") return TimeOfDay{};
  static constexpr std::array<std::pair<std::string_view, bool>, 4> kHalves = {
      {{"am", false}, {"a.m.", false}, {"pm", true}, {"p.m.", true}}};
  for (const auto& [suffix, afternoon] : kHalves) {
    if (text.size() > suffix.size() && text.ends_with(suffix))
      return TwelveHour(text.substr(0, text.size() - suffix.size()), afternoon);
  }
  return Clock(text);
}

void AppendPart(std::string& text, long count, std::string_view unit) {
  if (count == 0) return;
  text += (text.empty() ? "" : " and ") + std::to_string(count) + " " + std::string(unit) +
          (count == 1 ? "" : "s");
}

}  // namespace

std::optional<long> ParseUtcOffset(std::string_view text) {
  std::string lower = LowerAscii(Trim(text));
  if (lower == "utc" || lower == "gmt" || lower == "z") return 0;
  const bool named = lower.starts_with("utc") || lower.starts_with("gmt");
  if (named) lower.erase(0, 3);
  lower = std::string(Trim(lower));
  if (lower.empty() || (lower[0] != '+' && lower[0] != '-')) return std::nullopt;
  const std::vector<std::string_view> parts = Split(std::string_view(lower).substr(1), ':');
  if (parts.size() > 2 || (!named && parts.size() != 2)) return std::nullopt;
  const auto hours = Number(parts[0], 14);
  const auto minutes = parts.size() == 2 ? Number(parts[1], 59) : std::optional<long>(0);
  if (!hours || !minutes) return std::nullopt;
  const long offset = *hours * 60 + *minutes;
  return lower[0] == '-' ? -offset : offset;
}

std::optional<TimeOfDay> ParseTimeOfDay(std::string_view text) {
  const std::string lower = LowerAscii(Trim(text));
  if (lower.size() > 40) return std::nullopt;
  if (auto time = WithoutOffset(lower)) return time;
  for (const std::string_view mark : {" utc", " gmt", " +", " -", "+", "z"}) {
    const std::size_t at = lower.find(mark);
    if (at == std::string::npos || at == 0) continue;
    auto time = WithoutOffset(Trim(std::string_view(lower).substr(0, at)));
    const auto offset = ParseUtcOffset(std::string_view(lower).substr(at));
    if (!time || !offset) continue;
    time->offset_minutes = offset;
    return time;
  }
  return std::nullopt;
}

std::string TimeText(long seconds, bool with_seconds) {
  std::array<char, 16> buffer{};
  const auto hours = static_cast<unsigned>(seconds / 3600 % 24);
  const auto minutes = static_cast<unsigned>(seconds / 60 % 60);
  if (with_seconds) {
    std::snprintf(buffer.data(), buffer.size(), "%02u:%02u:%02u", hours, minutes,
                  static_cast<unsigned>(seconds % 60));
  } else {
    std::snprintf(buffer.data(), buffer.size(), "%02u:%02u", hours, minutes);
  }
  return buffer.data();
}

std::string OffsetText(long minutes) {
  if (minutes == 0) return "UTC";
  return (minutes < 0 ? "UTC-" : "UTC+") + TimeText((minutes < 0 ? -minutes : minutes) * 60, false);
}

std::string DurationText(long seconds) {
  std::string text;
  AppendPart(text, seconds / 3600, "hour");
  AppendPart(text, seconds / 60 % 60, "minute");
  AppendPart(text, seconds % 60, "second");
  return text.empty() ? "0 minutes" : text;
}

}  // namespace moerge::tools
