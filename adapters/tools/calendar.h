// The proleptic Gregorian calendar, years 1 to 9999: names, arithmetic, ISO weeks, Easter. Pure
// functions on <chrono>.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/tools/tool_clock.h"

namespace moerge::tools {

using Day = std::chrono::sys_days;
using CalendarDate = std::chrono::year_month_day;

// Nothing for a date that does not exist or lies outside the years 1 to 9999.
[[nodiscard]] std::optional<Day> MakeDay(long year, long month, long day);
[[nodiscard]] bool InRange(Day day);
[[nodiscard]] Day Today(const ToolClock& clock);
[[nodiscard]] int YearOf(Day day);
[[nodiscard]] bool IsLeapYear(long year);
[[nodiscard]] long DaysInMonth(long year, long month);
[[nodiscard]] long DayOfYear(Day day);

struct IsoWeek {
  int year;
  int week;
};
[[nodiscard]] IsoWeek IsoWeekOf(Day day);

// Easter Sunday by the Gregorian rule (the anonymous computus). REQUIRES: year >= 1.
[[nodiscard]] Day EasterSunday(int year);

// 1 = January, from the full English name or its first three letters; "sept" too.
[[nodiscard]] std::optional<long> MonthNumber(std::string_view word);
[[nodiscard]] std::optional<std::chrono::weekday> WeekdayNumber(std::string_view word);
[[nodiscard]] std::string_view MonthName(unsigned month);
[[nodiscard]] std::string_view WeekdayName(Day day);

// "25 December 2024", "Wednesday, 25 December 2024 (2024-12-25)", "2024-12-25".
[[nodiscard]] std::string ShortDate(Day day);
[[nodiscard]] std::string FullDate(Day day);
[[nodiscard]] std::string IsoDate(Day day);

// Adds months; the day of the month is lowered to the last one there is. Monday to Friday are
// business days.
[[nodiscard]] std::optional<Day> AddMonths(Day day, long months);
[[nodiscard]] bool IsBusinessDay(Day day);
[[nodiscard]] std::optional<Day> AddBusinessDays(Day day, long count);
// Those in [from, to). REQUIRES: from <= to.
[[nodiscard]] long BusinessDaysBetween(Day from, Day to);

// Whole years, months and days from one date to a later one. REQUIRES: from <= to.
struct Span {
  long years;
  long months;
  long days;
};
[[nodiscard]] Span SpanBetween(Day from, Day to);

}  // namespace moerge::tools
