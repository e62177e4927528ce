// Times of day, fixed UTC offsets and Unix timestamps.
#include <string>

#include "adapters/tools/date_questions.h"
#include "adapters/tools/date_text.h"
#include "adapters/tools/number_literal.h"
#include "adapters/tools/request.h"
#include "adapters/tools/time_of_day.h"
#include "config/base/text.h"

namespace moerge::tools {
namespace {

using Reply = std::optional<ToolReply>;

constexpr long kDay = 86400;

long SecondOfDay(const ToolClock& clock) {
  return clock.hour * 3600L + clock.minute * 60L + clock.second;
}

std::string DayShift(long seconds) {
  if (seconds < 0) return " the day before";
  return seconds >= kDay ? " the day after" : "";
}

std::string Wrapped(long seconds, bool with_seconds) {
  return TimeText(((seconds % kDay) + kDay) % kDay, with_seconds) + DayShift(seconds);
}

Reply TimeNow(const Slots&, const ToolClock& clock) {
  return Answered(
      TimeText(SecondOfDay(clock), false) + " (" + OffsetText(clock.utc_offset_minutes) + ")",
      "the server's clock");
}

Reply TimeNowAt(const Slots& slots, const ToolClock& clock) {
  const auto offset = ParseUtcOffset(slots[0]);
  if (!offset) return std::nullopt;
  const long seconds = SecondOfDay(clock) + (*offset - clock.utc_offset_minutes) * 60;
  return Answered(TimeText((seconds + 2 * kDay) % kDay, false) + " (" + OffsetText(*offset) + ")",
                  "the server's clock");
}

Reply ConvertTime(const Slots& slots, const ToolClock&) {
  const auto time = ParseTimeOfDay(slots[0]);
  const auto offset = ParseUtcOffset(slots[1]);
  if (!time || !time->sure || !time->offset_minutes || !offset) return std::nullopt;
  const long seconds = time->seconds + (*offset - *time->offset_minutes) * 60;
  const std::string text = Wrapped(seconds, time->has_seconds) + " (" + OffsetText(*offset) + ")";
  return Answered(text, TimeText(time->seconds, time->has_seconds) + " " +
                            OffsetText(*time->offset_minutes) + " = " + text);
}

// Two times of one day, both with or both without am/pm.
std::optional<long> SecondsBetween(std::string_view from, std::string_view to) {
  const auto a = ParseTimeOfDay(from);
  const auto b = ParseTimeOfDay(to);
  if (!a || !b || a->offset_minutes || b->offset_minutes) return std::nullopt;
  if (b->seconds < a->seconds || (!a->sure && !b->sure)) return std::nullopt;
  return b->seconds - a->seconds;
}

Reply HowLong(const Slots& slots, const ToolClock&) {
  const auto seconds = SecondsBetween(slots[0], slots[1]);
  if (!seconds) return std::nullopt;
  return Answered(DurationText(*seconds), "from " + std::string(slots[0]) + " to " +
                                              std::string(slots[1]) + " on the same day");
}

Reply HowMany(const Slots& slots, const ToolClock&) {
  const std::string unit = LowerAscii(slots[0]);
  const auto seconds = SecondsBetween(slots[1], slots[2]);
  if (!seconds || (unit != "minutes" && unit != "seconds" && unit != "hours")) return std::nullopt;
  const long size = unit == "hours" ? 3600 : (unit == "minutes" ? 60 : 1);
  const std::string text =
      *seconds % size == 0 ? std::to_string(*seconds / size) + " " + unit : DurationText(*seconds);
  return Answered(
      text, "from " + std::string(slots[1]) + " to " + std::string(slots[2]) + " on the same day");
}

std::optional<long> Duration(std::string_view text) {
  static const Pattern pattern("<n> <unit> [[and|,] <n> <unit>]");
  long total = 0;
  const auto read = [&](const Slots& slots) {
    total = 0;
    for (std::size_t i = 0; i < slots.size(); i += 2) {
      if (slots[i].empty()) continue;
      const auto count = ParseSmallInteger(slots[i]);
      const std::string unit = LowerAscii(slots[i + 1]);
      const bool hours = unit == "hours" || unit == "hour";
      const bool minutes = unit == "minutes" || unit == "minute" || unit == "min";
      if (!count || *count < 0 || *count > 1439 || (!hours && !minutes)) return false;
      total += *count * (hours ? 3600 : 60);
    }
    return total <= kDay;
  };
  if (!pattern.Match(Tokenize(text), read)) return std::nullopt;
  return total;
}

Reply ShiftTime(std::string_view time_text, std::string_view duration_text, int sign) {
  const auto time = ParseTimeOfDay(time_text);
  const auto duration = Duration(duration_text);
  if (!time || !duration || time->offset_minutes || !time->sure) return std::nullopt;
  const std::string text = Wrapped(time->seconds + sign * *duration, time->has_seconds);
  return Answered(text, TimeText(time->seconds, time->has_seconds) + (sign > 0 ? " + " : " - ") +
                            DurationText(*duration));
}

Reply AddTime(const Slots& slots, const ToolClock&) { return ShiftTime(slots[1], slots[0], 1); }
Reply SubtractTime(const Slots& slots, const ToolClock&) {
  return ShiftTime(slots[1], slots[0], -1);
}

Reply FromUnix(const Slots& slots, const ToolClock&) {
  const auto seconds = ParseSmallInteger(slots[0]);
  if (!seconds || *seconds < -62135596800 || *seconds > 253402300799) return std::nullopt;
  const ToolClock time = ToolClock::FromUnixSeconds(*seconds);
  return Answered(FullDate(Today(time)) + " " + TimeText(SecondOfDay(time), true) + " UTC",
                  std::to_string(*seconds) + " seconds after 1970-01-01 00:00:00 UTC");
}

Reply ToUnix(const Slots& slots, const ToolClock& clock) {
  const auto date = ParseDate(slots[0], clock, Toward::kThisYear);
  if (!date || !date->has_year) return std::nullopt;
  return Answered(std::to_string(date->day.time_since_epoch().count() * kDay) +
                      " (00:00:00 UTC on " + IsoDate(date->day) + ")",
                  "days since 1970-01-01 times 86400");
}

}  // namespace

const std::vector<DateQuestion>& TimeQuestions() {
  static const std::vector<DateQuestion> questions = {
      {Pattern("(what time is it [now|right now]|what is the time [now]|what's the time|current "
               "time|what is the current time)"),
       &TimeNow},
      {Pattern("what time is it [now] (in|at) <zone>"), &TimeNowAt},
      {Pattern("(convert|change) <time> (to|into|in) <zone>"), &ConvertTime},
      {Pattern("[what is|what's] <time> (in|to) <zone>"), &ConvertTime},
      {Pattern("what time is <time> in <zone>"), &ConvertTime},
      {Pattern("how long [is it|is there] (between|from) <a> (and|to|until|till) <b>"), &HowLong},
      {Pattern("[what is|what's|calculate] [the] (time difference|difference|time) between <a> and "
               "<b>"),
       &HowLong},
      {Pattern("how many <unit> [are|is] [there] (between|from) <a> (and|to|until|till) <b>"),
       &HowMany},
      {Pattern("add <d> to <time>"), &AddTime},
      {Pattern("subtract <d> from <time>"), &SubtractTime},
      {Pattern("what time (is it|is|will it be) <d> after <time>"), &AddTime},
      {Pattern("what time (is it|is|was it) <d> before <time>"), &SubtractTime},
      {Pattern("<d> after <time>"), &AddTime},
      {Pattern(
           "(what date is|convert) [the] [unix] (timestamp|epoch|time) <n> [to] [a] [date|utc]"),
       &FromUnix},
      {Pattern("[what is] unix (timestamp|epoch|time) <n> [to] [as] [a] [date|utc]"), &FromUnix},
      {Pattern("[what is|what's] [the] unix (timestamp|epoch|time) (of|for) <date>"), &ToUnix},
      {Pattern("convert <date> to [a] unix (timestamp|time)"), &ToUnix},
  };
  return questions;
}

}  // namespace moerge::tools
