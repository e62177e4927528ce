#include "adapters/tools/holidays.h"

#include <array>

namespace moerge::tools {
namespace {

struct Fixed {
  std::string_view name;
  int month;
  int day;
};

constexpr std::array<Fixed, 20> kFixed = {{
    {"christmas", 12, 25},
    {"christmas day", 12, 25},
    {"xmas", 12, 25},
    {"christmas eve", 12, 24},
    {"boxing day", 12, 26},
    {"new year's eve", 12, 31},
    {"new years eve", 12, 31},
    {"new year's day", 1, 1},
    {"new years day", 1, 1},
    {"new year's", 1, 1},
    {"new year", 1, 1},
    {"the new year", 1, 1},
    {"halloween", 10, 31},
    {"valentine's day", 2, 14},
    {"valentines day", 2, 14},
    {"st patrick's day", 3, 17},
    {"saint patrick's day", 3, 17},
    {"epiphany", 1, 6},
    {"all saints' day", 11, 1},
    {"leap day", 2, 29},
}};

struct Movable {
  std::string_view name;
  int days_after_easter;
};

constexpr std::array<Movable, 11> kMovable = {{
    {"easter", 0},
    {"easter sunday", 0},
    {"easter day", 0},
    {"good friday", -2},
    {"easter monday", 1},
    {"palm sunday", -7},
    {"ash wednesday", -46},
    {"ascension day", 39},
    {"pentecost", 49},
    {"whit monday", 50},
    {"corpus christi", 60},
}};

}  // namespace

std::optional<Day> NthWeekday(long year, long month, std::chrono::weekday weekday, long n) {
  const auto first = MakeDay(year, month, 1);
  if (!first) return std::nullopt;
  const Day first_match = *first + (weekday - std::chrono::weekday{*first});
  const long length = DaysInMonth(year, month);
  if (n == 0) {
    const long offset = (first_match - *first).count();
    return first_match + std::chrono::days{(length - 1 - offset) / 7 * 7};
  }
  const Day match = first_match + std::chrono::days{7 * (n - 1)};
  if (match - *first >= std::chrono::days{length}) return std::nullopt;
  return match;
}

std::optional<Holiday> FindHoliday(std::string_view name, int year) {
  for (const Fixed& fixed : kFixed) {
    const auto day = fixed.name == name ? MakeDay(year, fixed.month, fixed.day) : std::nullopt;
    if (day) return Holiday{.day = *day};
  }
  for (const Movable& movable : kMovable) {
    if (movable.name != name) continue;
    const Day day = EasterSunday(year) + std::chrono::days{movable.days_after_easter};
    return Holiday{.day = day, .note = "Western Easter"};
  }
  if (name != "thanksgiving" && name != "thanksgiving day") return std::nullopt;
  const auto day = NthWeekday(year, 11, std::chrono::Thursday, 4);
  return Holiday{.day = *day, .note = "US Thanksgiving"};
}

}  // namespace moerge::tools
