#include "adapters/tools/date_period.h"

#include <vector>

#include "adapters/tools/number_literal.h"
#include "adapters/tools/phrase_pattern.h"

namespace moerge::tools {
namespace {

constexpr long kMaxCount = 4000000;

bool AddUnit(Period& period, long count, std::string_view unit) {
  if (unit == "day" || unit == "days")
    period.days += count;
  else if (unit == "week" || unit == "weeks")
    period.days += 7 * count;
  else if (unit == "fortnight" || unit == "fortnights")
    period.days += 14 * count;
  else if (unit == "month" || unit == "months")
    period.months += count;
  else if (unit == "quarter" || unit == "quarters")
    period.months += 3 * count;
  else if (unit == "year" || unit == "years")
    period.months += 12 * count;
  else if (unit == "decade" || unit == "decades")
    period.months += 120 * count;
  else
    return false;
  return true;
}

bool AddPart(Period& period, std::string_view count_text, std::string_view unit) {
  const auto count = ParseSmallInteger(count_text);
  return count && *count >= 0 && *count <= kMaxCount && AddUnit(period, *count, unit);
}

std::optional<Period> BusinessDays(const std::vector<Token>& tokens) {
  static const Pattern pattern("<n> (business|working|work) (day|days)");
  static const Pattern weekdays("<n> (weekday|weekdays|workdays|workday)");
  Period period;
  const auto read = [&](const Slots& slots) {
    const auto count = ParseSmallInteger(slots[0]);
    if (!count || *count < 1 || *count > 1000000) return false;
    period.business_days = *count;
    return true;
  };
  if (!pattern.Match(tokens, read) && !weekdays.Match(tokens, read)) return std::nullopt;
  return period;
}

}  // namespace

std::optional<Period> ParsePeriod(std::string_view text) {
  const std::vector<Token> tokens = Tokenize(text);
  if (tokens.size() > 24) return std::nullopt;
  if (auto business = BusinessDays(tokens)) return business;
  static const Pattern pattern("<n> <u> [[,|and|, and] <n> <u> [[,|and|, and] <n> <u>]]");
  Period period;
  const bool matched = pattern.Match(tokens, [&](const Slots& slots) {
    period = {};
    for (std::size_t i = 0; i < slots.size(); i += 2) {
      if (!slots[i].empty() && !AddPart(period, slots[i], slots[i + 1])) return false;
    }
    return true;
  });
  if (!matched) return std::nullopt;
  return period;
}

std::optional<Day> AddPeriod(Day day, const Period& period, int sign) {
  if (period.business_days > 0) return AddBusinessDays(day, sign * period.business_days);
  const auto moved = AddMonths(day, sign * period.months);
  if (!moved) return std::nullopt;
  const Day result = *moved + std::chrono::days{sign * period.days};
  return InRange(result) ? std::optional<Day>(result) : std::nullopt;
}

}  // namespace moerge::tools
