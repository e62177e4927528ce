#include "adapters/tools/date_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "adapters/tools/date_period.h"
#include "adapters/tools/holidays.h"
#include "adapters/tools/number_literal.h"
#include "adapters/tools/number_words.h"
#include "adapters/tools/phrase_pattern.h"
#include "adapters/tools/request.h"
#include "config/base/text.h"

namespace moerge::tools {
namespace {

constexpr int kMaxDateDepth = 3;

using MaybeDate = std::optional<DateReading>;

std::optional<long> Digits(std::string_view text, std::size_t least, std::size_t most) {
  if (text.size() < least || text.size() > most || !ConsistsOf(text, "0123456789"))
    return std::nullopt;
  return std::stol(std::string(text));
}

MaybeDate Sure(std::optional<Day> day) {
  if (!day) return std::nullopt;
  return DateReading{.day = *day, .has_year = true};
}

// Day of the month: 3, 3rd, third.
std::optional<long> MonthDay(std::string_view text) {
  const auto plain = Digits(text, 1, 2);
  return plain ? plain : ParseOrdinal(LowerAscii(text));
}

class DateReader {
 public:
  DateReader(const ToolClock& clock, Toward toward) : today_(Today(clock)), toward_(toward) {}

  MaybeDate Read(std::string_view text, int depth) const {
    text = Trim(text);
    if (text.empty() || text.size() > 120 || depth > kMaxDateDepth) return std::nullopt;
    const std::vector<Token> tokens = Tokenize(text);
    if (tokens.size() > 24) return std::nullopt;
    using Step = MaybeDate (DateReader::*)(const std::vector<Token>&, int) const;
    static constexpr Step kSteps[] = {&DateReader::RelativeWord,  &DateReader::Numeric,
                                      &DateReader::WithMonthName, &DateReader::Weekday,
                                      &DateReader::Named,         &DateReader::NthOf,
                                      &DateReader::WithWeekday,   &DateReader::Shifted};
    for (const Step step : kSteps) {
      if (MaybeDate reading = (this->*step)(tokens, depth)) return reading;
    }
    return std::nullopt;
  }

 private:
  static std::string Joined(const std::vector<Token>& tokens) {
    std::string text;
    for (const Token& token : tokens) text += (text.empty() ? "" : " ") + token.lower;
    return text;
  }

  MaybeDate FromToday(int offset) const {
    return DateReading{.day = today_ + std::chrono::days{offset}, .has_year = true};
  }

  MaybeDate RelativeWord(const std::vector<Token>& tokens, int) const {
    const std::string text = Joined(tokens);
    if (text == "today" || text == "now" || text == "today's date") return FromToday(0);
    if (text == "tomorrow") return FromToday(1);
    if (text == "yesterday") return FromToday(-1);
    if (text == "the day after tomorrow" || text == "day after tomorrow") return FromToday(2);
    if (text == "the day before yesterday" || text == "day before yesterday") return FromToday(-2);
    return std::nullopt;
  }

  // 2021-03-04, 2021/3/4; 25/12/2024 only when the order shows.
  MaybeDate Numeric(const std::vector<Token>& tokens, int) const {
    const bool three = tokens.size() == 5 && tokens[1].lower == tokens[3].lower;
    if (!three || (tokens[1].lower != "-" && tokens[1].lower != "/" && tokens[1].lower != "."))
      return std::nullopt;
    const std::string_view a = tokens[0].lower;
    const std::string_view b = tokens[2].lower;
    const std::string_view c = tokens[4].lower;
    if (a.size() == 4 && Digits(a, 4, 4) && Digits(b, 1, 2) && Digits(c, 1, 2)) {
      return Sure(MakeDay(*Digits(a, 4, 4), *Digits(b, 1, 2), *Digits(c, 1, 2)));
    }
    const auto first = Digits(a, 1, 2);
    const auto second = Digits(b, 1, 2);
    const auto year = Digits(c, 4, 4);
    if (!first || !second || !year) return std::nullopt;
    const auto day_first = MakeDay(*year, *second, *first);
    const auto month_first = MakeDay(*year, *first, *second);
    if (day_first && month_first && *day_first != *month_first) return std::nullopt;
    return Sure(day_first ? day_first : month_first);
  }

  MaybeDate WithMonthName(const std::vector<Token>& tokens, int) const {
    static const Pattern patterns[] = {Pattern("[the] <d> [of] <month> [.] [,] [<year>]"),
                                       Pattern("<month> [.] [the] <d> [,] [<year>]")};
    for (std::size_t i = 0; i < 2; ++i) {
      MaybeDate reading;
      const bool matched = patterns[i].Match(tokens, [&](const Slots& slots) {
        const auto month = MonthNumber(slots[i == 0 ? 1 : 0]);
        const auto day = MonthDay(slots[i == 0 ? 0 : 1]);
        const auto year = slots[2].empty() ? std::nullopt : Digits(slots[2], 4, 4);
        if (!month || !day || (!slots[2].empty() && !year)) return false;
        reading = year ? Sure(MakeDay(*year, *month, *day)) : WithoutYear(*month, *day);
        return reading.has_value();
      });
      if (matched) return reading;
    }
    return std::nullopt;
  }

  MaybeDate WithoutYear(long month, long day) const {
    const int this_year = YearOf(today_);
    auto date = MakeDay(this_year, month, day);
    if (toward_ == Toward::kUpcoming && date && *date < today_)
      date = MakeDay(this_year + 1, month, day);
    if (toward_ == Toward::kPast && date && *date > today_)
      date = MakeDay(this_year - 1, month, day);
    if (!date) return std::nullopt;
    return DateReading{.day = *date, .note = "taken as " + ShortDate(*date)};
  }

  // next Friday, last Monday, Friday.
  MaybeDate Weekday(const std::vector<Token>& tokens, int) const {
    if (tokens.empty() || tokens.size() > 2) return std::nullopt;
    const auto weekday = WeekdayNumber(tokens.back().lower);
    const std::string word = tokens.size() == 2 ? tokens[0].lower : "";
    if (!weekday || tokens.back().lower.size() < 4 ||
        (!word.empty() && word != "next" && word != "this" && word != "last" && word != "on" &&
         word != "coming")) {
      return std::nullopt;
    }
    const std::chrono::weekday now{today_};
    long ahead = (*weekday - now).count();
    if (word == "last") {
      ahead = -((now - *weekday).count() == 0 ? 7 : (now - *weekday).count());
    } else if (ahead == 0) {
      if (word != "next") return std::nullopt;
      ahead = 7;
    }
    const Day day = today_ + std::chrono::days{ahead};
    const std::string relation =
        word == "last" ? "the latest one before today" : "the first one after today";
    return DateReading{
        .day = day,
        .note = "taking " + Joined(tokens) + " as " + relation + ", " + ShortDate(day),
        .has_year = true};
  }

  MaybeDate Named(const std::vector<Token>& tokens, int) const {
    std::vector<Token> name_tokens = tokens;
    std::optional<long> year;
    if (tokens.size() > 1 && (year = Digits(tokens.back().lower, 4, 4))) {
      name_tokens.pop_back();
      if (!name_tokens.empty() &&
          (name_tokens.back().lower == "in" || name_tokens.back().lower == "of" ||
           name_tokens.back().lower == ","))
        name_tokens.pop_back();
    }
    const std::string name = Joined(name_tokens);
    if (year && (*year < 1)) return std::nullopt;
    const int base = static_cast<int>(year.value_or(YearOf(today_)));
    auto holiday = FindHoliday(name, base);
    if (!year && holiday && toward_ != Toward::kPast && holiday->day < today_ && base < 9999)
      holiday = FindHoliday(name, base + 1);
    if (!year && holiday && toward_ == Toward::kPast && holiday->day > today_ && base > 1)
      holiday = FindHoliday(name, base - 1);
    if (!holiday) return std::nullopt;
    DateReading reading{.day = holiday->day,
                        .note = holiday->note,
                        .calendar_name = true,
                        .has_year = year.has_value()};
    if (!year)
      reading.note +=
          (reading.note.empty() ? "" : ", ") + std::string("taken as ") + ShortDate(holiday->day);
    return reading;
  }

  // the last Friday of March 2024, the 100th day of 2024.
  MaybeDate NthOf(const std::vector<Token>& tokens, int) const {
    static const Pattern weekday_pattern("[the] <n> <weekday> (of|in) <month> [,] [of] <year>");
    static const Pattern day_pattern("[the] <n> day of [the year] <year>");
    MaybeDate reading;
    const auto read_day = [&](const Slots& slots) {
      const auto n = ParseOrdinal(LowerAscii(slots[0]));
      const auto year = Digits(slots[1], 4, 4);
      if (!n || !year || *year < 1 || *n < 1 || *n > (IsLeapYear(*year) ? 366 : 365)) return false;
      reading = Sure(*MakeDay(*year, 1, 1) + std::chrono::days{*n - 1});
      return true;
    };
    const auto read_weekday = [&](const Slots& slots) {
      const std::string nth = LowerAscii(slots[0]);
      const auto n = nth == "last" ? std::optional<long>(0) : ParseOrdinal(nth);
      const auto weekday = WeekdayNumber(slots[1]);
      const auto month = MonthNumber(slots[2]);
      const auto year = Digits(slots[3], 4, 4);
      if (!n || *n > 5 || !weekday || !month || !year || (*n == 0 && nth != "last")) return false;
      reading = Sure(NthWeekday(*year, *month, *weekday, *n));
      if (reading) reading->calendar_name = true;
      return reading.has_value();
    };
    if (weekday_pattern.Match(tokens, read_weekday) || day_pattern.Match(tokens, read_day))
      return reading;
    return std::nullopt;
  }

  // Friday, 3 March 2021: the weekday must be right.
  MaybeDate WithWeekday(const std::vector<Token>& tokens, int) const {
    if (tokens.size() < 3) return std::nullopt;
    const auto weekday = WeekdayNumber(tokens[0].lower);
    if (!weekday) return std::nullopt;
    std::vector<Token> rest(
        tokens.begin() + (tokens[1].lower == "," || tokens[1].lower == "the" ? 2 : 1),
        tokens.end());
    MaybeDate reading = WithMonthName(rest, 0);
    if (!reading || std::chrono::weekday{reading->day} != *weekday) return std::nullopt;
    return reading;
  }

  // 45 days after 3 March 2021, 2 weeks from now, 3 days ago, in 3 weeks.
  MaybeDate Shifted(const std::vector<Token>& tokens, int depth) const {
    struct Form {
      Pattern pattern;
      int sign;
    };
    static const Form forms[] = {{Pattern("<p> (after|from|following) <date>"), 1},
                                 {Pattern("<p> (before|prior to) <date>"), -1},
                                 {Pattern("<p> ago"), -1},
                                 {Pattern("in <p>"), 1},
                                 {Pattern("<p> hence"), 1}};
    for (const Form& form : forms) {
      MaybeDate reading;
      const bool matched = form.pattern.Match(tokens, [&](const Slots& slots) {
        const auto period = ParsePeriod(slots[0]);
        if (!period) return false;
        const MaybeDate base = slots.size() > 1 ? Read(slots[1], depth + 1) : FromToday(0);
        const auto day = base ? AddPeriod(base->day, *period, form.sign) : std::nullopt;
        if (!day) return false;
        reading = DateReading{.day = *day, .note = base->note, .has_year = true};
        if (period->business_days > 0)
          reading->note += (base->note.empty() ? "" : ", ") +
                           std::string("Monday to Friday, holidays not considered");
        return true;
      });
      if (matched) return reading;
    }
    return std::nullopt;
  }

  Day today_;
  Toward toward_;
};

}  // namespace

std::optional<DateReading> ParseDate(std::string_view text, const ToolClock& clock, Toward toward) {
  return DateReader(clock, toward).Read(text, 0);
}

std::optional<long> ParseYear(std::string_view text) {
  const std::string lower = LowerAscii(Trim(text));
  const std::string_view prefix =
      lower.starts_with("the year ") ? "the year " : (lower.starts_with("year ") ? "year " : "");
  const auto year =
      Digits(std::string_view(lower).substr(prefix.size()), prefix.empty() ? 4 : 1, 4);
  return year && *year >= 1 ? year : std::nullopt;
}

}  // namespace moerge::tools
