// How far two dates are apart, and how old someone is.
#include <string>
#include <utility>

#include "adapters/tools/date_questions.h"
#include "adapters/tools/date_text.h"
#include "adapters/tools/request.h"
#include "config/base/text.h"

namespace moerge::tools {
namespace {

using Reply = std::optional<ToolReply>;

std::string Count(long count, const std::string& unit) {
  return std::to_string(count) + " " + unit + (count == 1 ? "" : "s");
}

std::string SpanText(const Span& span) {
  std::string text;
  const auto append = [&](long count, const std::string& unit) {
    if (count > 0) text += (text.empty() ? "" : ", ") + Count(count, unit);
  };
  append(span.years, "year");
  append(span.months, "month");
  append(span.days, "day");
  return text.empty() ? "0 days" : text;
}

std::string WeeksText(long days) {
  return days % 7 == 0 ? Count(days / 7, "week")
                       : Count(days / 7, "week") + " and " + Count(days % 7, "day");
}

std::string MonthsText(const Span& span) {
  const long months = span.years * 12 + span.months;
  return span.days == 0 ? Count(months, "month")
                        : Count(months, "month") + " and " + Count(span.days, "day");
}

// The distance in the unit asked for; nothing for an unknown unit.
std::optional<std::string> Distance(std::string_view unit, Day from, Day to) {
  const long days = (to - from).count();
  const Span span = SpanBetween(from, to);
  if (unit == "days" || unit == "day") return Count(days, "day");
  if (unit == "weeks" || unit == "week") return WeeksText(days);
  if (unit == "months" || unit == "month") return MonthsText(span);
  if (unit == "years" || unit == "year") return SpanText(span);
  if (unit == "hours") return Count(days * 24, "hour");
  if (unit == "weekends") return std::nullopt;
  if (unit == "long")
    return days < 32 ? Count(days, "day") : Count(days, "day") + " (" + SpanText(span) + ")";
  if (unit == "business days" || unit == "working days" || unit == "work days" ||
      unit == "weekdays" || unit == "workdays") {
    return Count(BusinessDaysBetween(from, to), "business day") +
           " (Monday to Friday, the first day counted and the last not, holidays not considered)";
  }
  return std::nullopt;
}

std::string JoinNotes(const DateReading& a, const DateReading& b) {
  if (a.note.empty() || b.note.empty() || a.note == b.note) return a.note.empty() ? b.note : a.note;
  return a.note + "; " + b.note;
}

Reply Apart(std::string_view unit, const DateReading& a, const DateReading& b) {
  const bool ordered = a.day <= b.day;
  const Day from = ordered ? a.day : b.day;
  const Day to = ordered ? b.day : a.day;
  const auto distance = Distance(LowerAscii(unit), from, to);
  if (!distance) return std::nullopt;
  return Answered(*distance + InBrackets(JoinNotes(a, b)),
                  "from " + FullDate(from) + " to " + FullDate(to) + ", the last day not counted");
}

Reply ApartTexts(std::string_view unit, std::string_view from, std::string_view to,
                 const ToolClock& clock) {
  const auto a = ParseDate(from, clock, Toward::kThisYear);
  if (!a) return std::nullopt;
  auto b = ParseDate(to, clock, Toward::kThisYear);
  // From 3 March 2021 to 10 April: the year of the second date is open.
  if (!b || a->has_year != b->has_year)
    b = b && b->has_year ? std::nullopt : ParseDate(to, clock, Toward::kUpcoming);
  if (!b || (a->has_year && !b->has_year && a->day != Today(clock))) return std::nullopt;
  return Apart(unit, *a, *b);
}

Reply Between(const Slots& slots, const ToolClock& clock) {
  return ApartTexts(slots[0], slots[1], slots[2], clock);
}
Reply DaysBetween(const Slots& slots, const ToolClock& clock) {
  return ApartTexts("days", slots[0], slots[1], clock);
}
Reply LongBetween(const Slots& slots, const ToolClock& clock) {
  return ApartTexts("long", slots[0], slots[1], clock);
}

Reply FromToday(std::string_view unit, std::string_view text, const ToolClock& clock,
                Toward toward) {
  const auto date = ParseDate(text, clock, toward);
  if (!date) return std::nullopt;
  const Day today = Today(clock);
  const bool future = toward == Toward::kUpcoming;
  if (future ? date->day < today : date->day > today) {
    return Declined(ShortDate(date->day) + (future ? " has passed already" : " is still to come"));
  }
  return Apart(unit, {.day = today, .has_year = true}, *date);
}

Reply Until(const Slots& slots, const ToolClock& clock) {
  return FromToday(slots[0], slots[1], clock, Toward::kUpcoming);
}
Reply Since(const Slots& slots, const ToolClock& clock) {
  return FromToday(slots[0], slots[1], clock, Toward::kPast);
}
Reply LongUntil(const Slots& slots, const ToolClock& clock) {
  return FromToday("long", slots[0], clock, Toward::kUpcoming);
}
Reply LongSince(const Slots& slots, const ToolClock& clock) {
  return FromToday("long", slots[0], clock, Toward::kPast);
}

Reply AgeOn(std::string_view born_text, Day day, const ToolClock& clock) {
  const auto born = ParseDate(born_text, clock, Toward::kPast);
  if (!born || !born->has_year) return std::nullopt;
  if (born->day > day) return Declined("the date of birth lies after the date of the age");
  const Span age = SpanBetween(born->day, day);
  return Answered(Count(age.years, "year") + " old",
                  "born " + ShortDate(born->day) + ", on " + ShortDate(day) + ": " + SpanText(age));
}

Reply Age(const Slots& slots, const ToolClock& clock) {
  return AgeOn(slots[0], Today(clock), clock);
}

Reply AgeAt(const Slots& slots, const ToolClock& clock) {
  const auto day = ParseDate(slots[1], clock, Toward::kUpcoming);
  if (!day || !day->has_year) return std::nullopt;
  return AgeOn(slots[0], day->day, clock);
}

}  // namespace

const std::vector<DateQuestion>& DifferenceQuestions() {
  static const std::vector<DateQuestion> questions = {
      {Pattern("how many <unit> [are|is|were] [there] (between|from) <a> (and|to|until|till) <b>"),
       &Between},
      {Pattern(
           "[calculate|count] [the] number of <unit> (between|from) <a> (and|to|until|till) <b>"),
       &Between},
      {Pattern("<unit> (between|from) <a> (and|to|until|till) <b>"), &Between},
      {Pattern("[what is|what's|calculate] [the] difference in <unit> between <a> and <b>"),
       &Between},
      {Pattern("[what is|what's|calculate] [the] [date] difference between <a> and <b>"),
       &DaysBetween},
      {Pattern("how long [is it|is there|was it] (between|from) <a> (and|to|until|till) <b>"),
       &LongBetween},
      {Pattern("how many <unit> [are|is] [there] [left] (until|till|to|before) <a>"), &Until},
      {Pattern("how many <unit> (are|is) it (until|till|to|before) <a>"), &Until},
      {Pattern("[number of] <unit> (until|till) <a>"), &Until},
      {Pattern("how long [is it|is there] (until|till) <a>"), &LongUntil},
      {Pattern("how many <unit> [has it been|have passed|is it|has passed|have gone by] since <a>"),
       &Since},
      {Pattern("how many <unit> ago (was|is) <a>"), &Since},
      {Pattern("how long [has it been|is it] since <a>"), &LongSince},
      {Pattern("how long ago was <a>"), &LongSince},
      {Pattern("how old is (someone|somebody|a person|anyone) [who was|that was] born [on] <a> "
               "[today|now]"),
       &Age},
      {Pattern("how old am i if i was born [on] <a>"), &Age},
      {Pattern("i was born [on] <a> [,|.] how old am i [today|now]"), &Age},
      {Pattern("[what is|what's] [the] age of (someone|somebody|a person) [who was] born [on] <a> "
               "[today|now]"),
       &Age},
      {Pattern("how old (is|was|will|would) (someone|somebody|a person) [who was] born [on] <a> "
               "[be] on <b>"),
       &AgeAt},
  };
  return questions;
}

}  // namespace moerge::tools
