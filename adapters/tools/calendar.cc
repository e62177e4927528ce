#include "adapters/tools/calendar.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "config/base/text.h"

namespace moerge::tools {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kWeekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};

CalendarDate Civil(Day day) { return CalendarDate{day}; }

// Index of the name that `word` is, or whose first three letters it is.
template <std::size_t size>
std::optional<std::size_t> FindName(const std::array<std::string_view, size>& names,
                                    std::string_view word) {
  for (std::size_t i = 0; i < size; ++i) {
    if (EqualsIgnoreCase(word, names[i]) ||
        (word.size() == 3 && EqualsIgnoreCase(word, names[i].substr(0, 3))))
      return i;
  }
  return std::nullopt;
}

// Monday is 0.
long DaysSinceMonday(Day day) { return static_cast<long>(weekday{day}.iso_encoding()) - 1; }

}  // namespace

std::optional<Day> MakeDay(long year_number, long month_number, long day_number) {
  if (year_number < 1 || year_number > 9999 || month_number < 1 || month_number > 12 ||
      day_number < 1 || day_number > 31)
    return std::nullopt;
  const CalendarDate date{year{static_cast<int>(year_number)},
                          month{static_cast<unsigned>(month_number)},
                          day{static_cast<unsigned>(day_number)}};
  if (!date.ok()) return std::nullopt;
  return Day{date};
}

bool InRange(Day day) { return day >= *MakeDay(1, 1, 1) && day <= *MakeDay(9999, 12, 31); }

Day Today(const ToolClock& clock) {
  return MakeDay(clock.year, clock.month, clock.day).value_or(*MakeDay(1970, 1, 1));
}

int YearOf(Day day) { return static_cast<int>(Civil(day).year()); }

bool IsLeapYear(long year_number) { return year{static_cast<int>(year_number)}.is_leap(); }

long DaysInMonth(long year_number, long month_number) {
  const year_month_day_last last{year{static_cast<int>(year_number)},
                                 month_day_last{month{static_cast<unsigned>(month_number)}}};
  return static_cast<long>(static_cast<unsigned>(last.day()));
}

long DayOfYear(Day day) { return (day - *MakeDay(YearOf(day), 1, 1)).count() + 1; }

IsoWeek IsoWeekOf(Day day) {
  // A week belongs to the year of its Thursday.
  const Day thursday = day - days{DaysSinceMonday(day)} + days{3};
  return {.year = YearOf(thursday), .week = static_cast<int>((DayOfYear(thursday) - 1) / 7 + 1)};
}

Day EasterSunday(int year_number) {
  const int a = year_number % 19;
  const int b = year_number / 100;
  const int c = year_number % 100;
  const int g = (8 * b + 13) / 25;
  const int h = (19 * a + b - b / 4 - g + 15) % 30;
  const int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
  const int m = (a + 11 * h + 22 * l) / 451;
  const int n = h + l - 7 * m + 114;
  return *MakeDay(year_number, n / 31, n % 31 + 1);
}

std::optional<long> MonthNumber(std::string_view word) {
  if (word.ends_with('.')) word.remove_suffix(1);
  if (EqualsIgnoreCase(word, "sept")) return 9;
  const auto index = FindName(kMonths, word);
  if (!index) return std::nullopt;
  return static_cast<long>(*index) + 1;
}

std::optional<weekday> WeekdayNumber(std::string_view word) {
  const auto index = FindName(kWeekdays, word);
  if (!index) return std::nullopt;
  return weekday{static_cast<unsigned>(*index)};
}

std::string_view MonthName(unsigned month_number) { return kMonths.at(month_number - 1); }

std::string_view WeekdayName(Day day) { return kWeekdays.at(weekday{day}.c_encoding()); }

std::string ShortDate(Day day) {
  const CalendarDate date = Civil(day);
  return std::to_string(static_cast<unsigned>(date.day())) + " " +
         std::string(MonthName(static_cast<unsigned>(date.month()))) + " " +
         std::to_string(YearOf(day));
}

std::string IsoDate(Day day) {
  const CalendarDate date = Civil(day);
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02u", YearOf(day),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return buffer.data();
}

std::string FullDate(Day day) {
  return std::string(WeekdayName(day)) + ", " + ShortDate(day) + " (" + IsoDate(day) + ")";
}

std::optional<Day> AddMonths(Day day, long count) {
  const CalendarDate date = Civil(day);
  const long month_index = static_cast<long>(static_cast<int>(date.year())) * 12 +
                           static_cast<long>(static_cast<unsigned>(date.month())) - 1 + count;
  if (month_index < 12 || month_index >= 10000 * 12) return std::nullopt;
  const long year_number = month_index / 12;
  const long month_number = month_index % 12 + 1;
  return MakeDay(year_number, month_number,
                 std::min(static_cast<long>(static_cast<unsigned>(date.day())),
                          DaysInMonth(year_number, month_number)));
}

bool IsBusinessDay(Day day) { return DaysSinceMonday(day) < 5; }

std::optional<Day> AddBusinessDays(Day day, long count) {
  const long step = count < 0 ? -1 : 1;
  const Day moved = day + days{count / 5 * 7};
  long rest = count % 5 * step;
  Day at = moved;
  // A start at the weekend with whole weeks to go ends on the business day that a step by step
  // count reaches.
  if (rest == 0 && count != 0 && !IsBusinessDay(at)) {
    while (!IsBusinessDay(at)) at -= days{step};
  }
  while (rest > 0) {
    at += days{step};
    if (IsBusinessDay(at)) --rest;
  }
  return InRange(at) ? std::optional<Day>(at) : std::nullopt;
}

long BusinessDaysBetween(Day from, Day to) {
  const long total = (to - from).count();
  long count = total / 7 * 5;
  for (Day day = from + days{total / 7 * 7}; day < to; day += days{1})
    count += IsBusinessDay(day) ? 1 : 0;
  return count;
}

Span SpanBetween(Day from, Day to) {
  const CalendarDate a = Civil(from);
  const CalendarDate b = Civil(to);
  long total = (static_cast<int>(b.year()) - static_cast<int>(a.year())) * 12L +
               static_cast<long>(static_cast<unsigned>(b.month())) -
               static_cast<long>(static_cast<unsigned>(a.month()));
  Day reached = AddMonths(from, total).value_or(to);
  if (reached > to) reached = *AddMonths(from, --total);
  return {.years = total / 12, .months = total % 12, .days = (to - reached).count()};
}

}  // namespace moerge::tools
