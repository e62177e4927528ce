#include "adapters/tools/dates_tool.h"

#include <string>
#include <vector>

#include "adapters/tools/date_questions.h"
#include "adapters/tools/request.h"

namespace moerge::tools {
namespace {

constexpr std::size_t kMaxDateRequest = 400;
constexpr std::size_t kMaxDateTokens = 48;

std::optional<ToolReply> Ask(const std::vector<DateQuestion>& questions,
                             const std::vector<Token>& tokens, const ToolClock& clock) {
  std::optional<ToolReply> reply;
  for (const DateQuestion& question : questions) {
    const bool matched = question.pattern.Match(tokens, [&](const Slots& slots) {
      reply = question.handler(slots, clock);
      return reply.has_value();
    });
    if (matched) return reply;
  }
  return std::nullopt;
}

}  // namespace

std::string InBrackets(const std::string& note) { return note.empty() ? "" : " (" + note + ")"; }

std::string_view DatesTool::Name() const { return "dates"; }

std::string_view DatesTool::Description() const {
  return "Dates in the Gregorian calendar: differences, weekdays, adding periods and business "
         "days, leap years, ISO weeks, ages.";
}

ToolReply DatesTool::Answer(std::string_view request, const ToolClock& clock) const {
  const std::string unreadable = Unreadable(request, kMaxDateRequest);
  if (!unreadable.empty()) return Declined(unreadable);
  const std::string plain = PlainPunctuation(request);
  const std::vector<Token> tokens = Tokenize(WithoutPoliteness(plain));
  if (tokens.size() > kMaxDateTokens)
    return Declined("the question is too long to be one about dates");
  for (const auto* questions :
       {&TimeQuestions(), &DifferenceQuestions(), &CalendarQuestions(), &ShiftQuestions()}) {
    if (auto reply = Ask(*questions, tokens, clock)) return *std::move(reply);
  }
  return Declined(
      "this is not a question about dates that I understand, or a date in it is ambiguous or does "
      "not exist");
}

}  // namespace moerge::tools
