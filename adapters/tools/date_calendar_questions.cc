// Weekdays, leap years, lengths of months, week numbers, holidays.
#include <string>

#include "adapters/tools/date_questions.h"
#include "adapters/tools/date_text.h"
#include "adapters/tools/request.h"
#include "config/base/text.h"

namespace moerge::tools {
namespace {

using Reply = std::optional<ToolReply>;

std::string Early(Day day) { return YearOf(day) < 1583 ? "proleptic Gregorian calendar" : ""; }

std::string Note(const DateReading& date) {
  const std::string early = Early(date.day);
  return InBrackets(date.note + (date.note.empty() || early.empty() ? "" : ", ") + early);
}

Reply WeekdayIn(const Slots& slots, const ToolClock& clock, Toward toward) {
  const auto date = ParseDate(slots[0], clock, toward);
  if (!date) return std::nullopt;
  return Answered(std::string(WeekdayName(date->day)) + Note(*date),
                  IsoDate(date->day) + " is a " + std::string(WeekdayName(date->day)));
}
Reply WeekdayWas(const Slots& slots, const ToolClock& clock) {
  return WeekdayIn(slots, clock, Toward::kPast);
}
Reply WeekdayIs(const Slots& slots, const ToolClock& clock) {
  return WeekdayIn(slots, clock, Toward::kUpcoming);
}

Reply TodaysDate(const Slots&, const ToolClock& clock) {
  return Answered(
      "Today is " + FullDate(Today(clock)),
      "the date at UTC" +
          (clock.utc_offset_minutes == 0
               ? ""
               : " offset of " + std::to_string(clock.utc_offset_minutes) + " minutes"));
}

Reply IsWeekend(const Slots& slots, const ToolClock& clock) {
  const auto date = ParseDate(slots[0], clock, Toward::kUpcoming);
  if (!date) return std::nullopt;
  const bool weekend = !IsBusinessDay(date->day);
  return Answered(std::string(weekend ? "Yes, " : "No, ") + IsoDate(date->day) + " is a " +
                      std::string(WeekdayName(date->day)) + InBrackets(date->note),
                  "Saturday and Sunday are the weekend");
}

Reply IsWorkday(const Slots& slots, const ToolClock& clock) {
  const auto date = ParseDate(slots[0], clock, Toward::kUpcoming);
  if (!date) return std::nullopt;
  return Answered(std::string(IsBusinessDay(date->day) ? "Yes, " : "No, ") + IsoDate(date->day) +
                      " is a " + std::string(WeekdayName(date->day)) + InBrackets(date->note),
                  "Monday to Friday are weekdays");
}

std::string LeapRule(long year) {
  if (year % 400 == 0) return std::to_string(year) + " is divisible by 400";
  if (year % 100 == 0) return std::to_string(year) + " is divisible by 100 and not by 400";
  return std::to_string(year) +
         (year % 4 == 0 ? " is divisible by 4 and not by 100" : " is not divisible by 4");
}

Reply LeapYear(const Slots& slots, const ToolClock& clock) {
  const std::string lower = LowerAscii(slots[0]);
  const auto year =
      lower == "this year" || lower == "it" ? std::optional<long>(clock.year) : ParseYear(slots[0]);
  if (!year) return std::nullopt;
  const bool leap = IsLeapYear(*year);
  return Answered((leap ? "Yes, " : "No, ") + std::to_string(*year) +
                      (leap ? " is a leap year" : " is not a leap year"),
                  LeapRule(*year));
}

Reply NextLeapAfter(long year) {
  if (year > 9990) return std::nullopt;
  do ++year;
  while (!IsLeapYear(year));
  return Answered(std::to_string(year), LeapRule(year));
}
Reply NextLeapYear(const Slots&, const ToolClock& clock) { return NextLeapAfter(clock.year); }
Reply LeapYearAfter(const Slots& slots, const ToolClock&) {
  const auto year = ParseYear(slots[0]);
  return year ? NextLeapAfter(*year) : std::nullopt;
}

Reply DaysInMonthOf(const Slots& slots, const ToolClock&) {
  const auto month = MonthNumber(slots[0]);
  if (!month) return std::nullopt;
  const std::string name(MonthName(static_cast<unsigned>(*month)));
  if (slots[1].empty()) {
    const std::string days = std::to_string(DaysInMonth(2023, *month));
    return Answered(*month == 2 ? "28 days (29 in a leap year)" : days + " days",
                    name + " has " + days + " days");
  }
  const auto year = ParseYear(slots[1]);
  if (!year) return std::nullopt;
  const std::string days = std::to_string(DaysInMonth(*year, *month));
  return Answered(days + " days", name + " " + std::to_string(*year) + " has " + days + " days");
}

Reply DaysInYear(const Slots& slots, const ToolClock&) {
  const auto year = ParseYear(slots[0]);
  if (!year) return std::nullopt;
  return Answered(IsLeapYear(*year) ? "366 days" : "365 days", LeapRule(*year));
}

Reply WeekNumber(const Slots& slots, const ToolClock& clock) {
  const auto date = ParseDate(
      slots.empty() || slots[0].empty() || LowerAscii(slots[0]) == "it" ? "today" : slots[0], clock,
      Toward::kThisYear);
  if (!date) return std::nullopt;
  const IsoWeek week = IsoWeekOf(date->day);
  return Answered("ISO week " + std::to_string(week.week) + " of " + std::to_string(week.year) +
                      InBrackets(date->note),
                  IsoDate(date->day) + " is a " + std::string(WeekdayName(date->day)));
}

Reply DayNumber(const Slots& slots, const ToolClock& clock) {
  const auto date =
      ParseDate(LowerAscii(slots[0]) == "it" ? "today" : slots[0], clock, Toward::kThisYear);
  if (!date) return std::nullopt;
  return Answered("Day " + std::to_string(DayOfYear(date->day)) + " of " +
                      std::to_string(YearOf(date->day)) + InBrackets(date->note),
                  IsoDate(date->day));
}

// Only days that a rule defines: "when is 3 March" asks for something else.
Reply WhenIs(const Slots& slots, const ToolClock& clock) {
  const auto date = ParseDate(slots[0], clock, Toward::kUpcoming);
  if (!date || !date->calendar_name) return std::nullopt;
  return Answered(FullDate(date->day) + InBrackets(date->note),
                  std::string(slots[0]) + " is on " + IsoDate(date->day));
}

Reply ToIso(const Slots& slots, const ToolClock& clock) {
  const auto date = ParseDate(slots[0], clock, Toward::kThisYear);
  if (!date || !date->has_year) return std::nullopt;
  return Answered(IsoDate(date->day), ShortDate(date->day) + " in ISO 8601");
}

}  // namespace

const std::vector<DateQuestion>& CalendarQuestions() {
  static const std::vector<DateQuestion> questions = {
      {Pattern("(what|which) (day|weekday) [of the week] (is it today|is today|is it|is it now|are "
               "we|today is it)"),
       &TodaysDate},
      {Pattern("(what is|what's) (today's date|the date today|the date|today's day|the current "
               "date|the day today)"),
       &TodaysDate},
      {Pattern("(what date is it [today]|what is the date of today|what's today|today's "
               "date|current date)"),
       &TodaysDate},
      {Pattern("[on] (what|which) (day of the week|weekday|day) (was|did) <a> [fall "
               "on|fall|on|happen]"),
       &WeekdayWas},
      {Pattern("[on] (what|which) (day of the week|weekday|day) (is|will|does|will be|would) <a> "
               "[fall on|fall|be|on]"),
       &WeekdayIs},
      {Pattern("[what is|what's|what was] [the] (day of the week|weekday) (of|for|on) <a>"),
       &WeekdayIs},
      {Pattern("<a> (is|was) (what|which) (day of the week|weekday)"), &WeekdayIs},
      {Pattern("(is|was) <a> [on] a weekend"), &IsWeekend},
      {Pattern("(is|was) <a> [on] a (weekday|business day|working day)"), &IsWorkday},
      {Pattern("(is|was|will) <year> [be] a leap year"), &LeapYear},
      {Pattern("<year> [is] [a] leap year"), &LeapYear},
      {Pattern("(when is|what is|what's) the next leap year"), &NextLeapYear},
      {Pattern("[when is|what is|what's] [the] (next|first) leap year after <year>"),
       &LeapYearAfter},
      {Pattern("how many days [are|were|is] [there] in [the month of] <month> [[,|of|in] <year>]"),
       &DaysInMonthOf},
      {Pattern("how many days does <month> [<year>] have"), &DaysInMonthOf},
      {Pattern("[what is] [the] number of days in <month> [<year>]"), &DaysInMonthOf},
      {Pattern("how many days [are|were|is] [there] in <year>"), &DaysInYear},
      {Pattern("how many days does <year> have"), &DaysInYear},
      {Pattern("(what|which) [iso|calendar] week [number] (is|was) <a> [in]"), &WeekNumber},
      {Pattern("(what is|what's) the [current] [iso|calendar] week [number]"), &WeekNumber},
      {Pattern("[what is|what's] [the] [iso|calendar] week [number] (of|for) <a>"), &WeekNumber},
      {Pattern("(what|which) [number] day of the year (is|was) <a>"), &DayNumber},
      {Pattern("[what is|what's] [the] (day of the year|day of year|day number) (of|for) <a>"),
       &DayNumber},
      {Pattern("when (is|was|will be|does) <a> [fall]"), &WhenIs},
      {Pattern("[on] what (date|day) (is|was|does|did) <a> [fall] [on]"), &WhenIs},
      {Pattern("[what is|what's|what was] the date (of|for) <a>"), &WhenIs},
      {Pattern("(convert|write|format) <a> (to|in|as) [the] iso [8601] [format|date]"), &ToIso},
  };
  return questions;
}

}  // namespace moerge::tools
