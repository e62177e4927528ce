// Dates reached by adding or subtracting a period.
#include <string>

#include "adapters/tools/date_period.h"
#include "adapters/tools/date_questions.h"
#include "adapters/tools/date_text.h"
#include "adapters/tools/request.h"

namespace moerge::tools {
namespace {

using Reply = std::optional<ToolReply>;

std::string JoinNotes(const std::string& a, const std::string& b) {
  return a + (a.empty() || b.empty() ? "" : ", ") + b;
}

// 31 January + 1 month: there is no 31 February.
bool IsShortened(Day day, long months) {
  const auto moved = AddMonths(day, months);
  return moved && CalendarDate{*moved}.day() != CalendarDate{day}.day();
}

Reply Shift(std::string_view date_text, std::string_view period_text, int sign,
            const ToolClock& clock) {
  const auto date = ParseDate(date_text, clock, Toward::kThisYear);
  const auto period = ParsePeriod(period_text);
  if (!date || !period) return std::nullopt;
  const auto day = AddPeriod(date->day, *period, sign);
  if (!day) return Declined("the date lies outside the years 1 to 9999");
  std::string rule = period->business_days > 0 ? "Monday to Friday, holidays not considered" : "";
  if (period->months > 0 && IsShortened(date->day, period->months * sign))
    rule = "the last day of the shorter month";
  return Answered(FullDate(*day) + InBrackets(JoinNotes(date->note, rule)),
                  ShortDate(date->day) + (sign > 0 ? " + " : " - ") + std::string(period_text));
}

Reply Add(const Slots& slots, const ToolClock& clock) {
  return Shift(slots[1], slots[0], 1, clock);
}
Reply Subtract(const Slots& slots, const ToolClock& clock) {
  return Shift(slots[1], slots[0], -1, clock);
}
Reply Plus(const Slots& slots, const ToolClock& clock) {
  return Shift(slots[0], slots[1], 1, clock);
}
Reply Minus(const Slots& slots, const ToolClock& clock) {
  return Shift(slots[0], slots[1], -1, clock);
}

// A date that is reached from another one: "90 days from today", "next Friday", "the 100th day of
// 2024".
Reply WhatDate(const Slots& slots, const ToolClock& clock) {
  const auto date = ParseDate(slots[0], clock, Toward::kUpcoming);
  if (!date) return std::nullopt;
  return Answered(FullDate(date->day) + InBrackets(date->note),
                  std::string(slots[0]) + " is " + IsoDate(date->day));
}

Reply NthDay(const Slots& slots, const ToolClock& clock) {
  const auto date = ParseDate("the " + std::string(slots[0]) + " day of " + std::string(slots[1]),
                              clock, Toward::kThisYear);
  return date ? Reply(Answered(FullDate(date->day), "counted from 1 January")) : std::nullopt;
}

// Alone, only what counts from a date: a date by itself asks nothing.
Reply BareShift(const Slots& slots, const ToolClock& clock) {
  const auto date = ParseDate(slots[1], clock, Toward::kThisYear);
  return date ? Shift(slots[1], slots[0], 1, clock) : std::nullopt;
}
Reply BareShiftBack(const Slots& slots, const ToolClock& clock) {
  return Shift(slots[1], slots[0], -1, clock);
}

}  // namespace

const std::vector<DateQuestion>& ShiftQuestions() {
  static const std::vector<DateQuestion> questions = {
      {Pattern("add <p> to <date>"), &Add},
      {Pattern("[what is|what's|calculate] <date> (plus|+) <p>"), &Plus},
      {Pattern("subtract <p> from <date>"), &Subtract},
      {Pattern("[what is|what's|calculate] <date> (minus|-) <p>"), &Minus},
      {Pattern("what (date|day) (is|was|will|would) it [be] <date>"), &WhatDate},
      {Pattern("what (date|day) (is|was|will be|falls|comes|would be) <date>"), &WhatDate},
      {Pattern("what will the date be <date>"), &WhatDate},
      {Pattern("(what is|what's|what was|what will be) the date [of] <date>"), &WhatDate},
      {Pattern("(what is|what's|what was|find|calculate) [the date] <p> (after|from) <date>"),
       &BareShift},
      {Pattern("(what is|what's|what was|find|calculate) [the date] <p> before <date>"),
       &BareShiftBack},
      {Pattern("(what is|what's|what was) the <n> day of [the year] <year>"), &NthDay},
      {Pattern("<p> (after|from) <date>"), &BareShift},
      {Pattern("<p> before <date>"), &BareShiftBack},
  };
  return questions;
}

}  // namespace moerge::tools
