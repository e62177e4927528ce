#include "adapters/tools/arithmetic_tool.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "adapters/tools/arithmetic_answer.h"
#include "adapters/tools/arithmetic_phrases.h"
#include "adapters/tools/characters.h"
#include "adapters/tools/expression_lexer.h"
#include "adapters/tools/expression_parser.h"
#include "adapters/tools/phrase_pattern.h"
#include "adapters/tools/presentation.h"
#include "adapters/tools/request.h"
#include "config/base/text.h"

namespace moerge::tools {
namespace {

constexpr std::size_t kMaxCalculation = 4096;

constexpr std::array<std::string_view, 25> kQuestions = {"what is the value of",
                                                         "what is the result of",
                                                         "what is the answer to",
                                                         "what is the exact value of",
                                                         "what's the value of",
                                                         "what's the result of",
                                                         "what is",
                                                         "what's",
                                                         "whats",
                                                         "what are",
                                                         "what does",
                                                         "calculate the value of",
                                                         "calculate",
                                                         "compute",
                                                         "evaluate",
                                                         "work out",
                                                         "find the value of",
                                                         "find",
                                                         "determine",
                                                         "how much is",
                                                         "simplify",
                                                         "solve",
                                                         "give me",
                                                         "convert",
                                                         "write"};

constexpr std::array<std::string_view, 9> kEndings = {
    "exactly", "is equal to what", "equal to", "equals", "equal", "is what", "is",
    "make",    "come to"};

// Two numbers and a slash that name something else than a quotient.
constexpr std::array<std::string_view, 6> kFixedNames = {"9/11",  "24/7", "50/50",
                                                         "20/20", "7/7",  "7/11"};

void DropQuestion(std::string& text) {
  for (const std::string_view opening : kQuestions) {
    const bool fits = text.size() > opening.size() && text.starts_with(opening) &&
                      (text[opening.size()] == ' ' || text[opening.size()] == ':');
    if (!fits) continue;
    text.erase(0, opening.size() + 1);
    break;
  }
  text = std::string(Trim(text));
  if (text.starts_with(':')) text = std::string(Trim(std::string_view(text).substr(1)));
}

void DropSigns(std::string& text) {
  while (!text.empty() && std::string_view("=? ,").find(text.back()) != std::string_view::npos)
    text.pop_back();
}

void DropEnding(std::string& text) {
  DropSigns(text);
  for (const std::string_view ending : kEndings) {
    if (text.size() <= ending.size() + 1 || !text.ends_with(ending) ||
        text[text.size() - ending.size() - 1] != ' ')
      continue;
    text.erase(text.size() - ending.size() - 1);
    return DropSigns(text);
  }
}

// Dates and telephone numbers look like calculations: 2021-03-04, 12/25/2024, 1-800-555.
bool LooksLikeALabel(std::string_view text) {
  if (std::find(kFixedNames.begin(), kFixedNames.end(), text) != kFixedNames.end()) return true;
  for (const char sign : {'-', '/'}) {
    const auto signs = std::count(text.begin(), text.end(), sign);
    const bool only = ConsistsOf(text, sign == '-' ? "0123456789-" : "0123456789/");
    const bool enclosed = !text.empty() && IsDigit(text.front()) && IsDigit(text.back());
    if (signs >= 2 && only && enclosed) return true;
  }
  return false;
}

// The one currency sign used; "?" when several are mixed.
std::string Currency(std::string_view text) {
  std::string found;
  for (const std::string_view sign : {"$", "€", "£"}) {
    if (text.find(sign) == std::string_view::npos) continue;
    found = found.empty() ? std::string(sign) : "?";
  }
  return found;
}

// A number or a constant alone asks for nothing, unless a form was asked for.
bool AsksNothing(const Expr& root, const Presentation& how) {
  const bool bare = root.op == Op::kNumber ||
                    (root.op == Op::kNegate && root.args[0]->op == Op::kNumber) ||
                    root.op == Op::kEuler || root.op == Op::kPi || root.op == Op::kPercent ||
                    root.op == Op::kDegrees;
  const bool literal_base = root.op == Op::kNumber && root.text.size() > 1 &&
                            (root.text[1] == 'x' || root.text[1] == 'b' || root.text[1] == 'o');
  return bare && !literal_base && !how.asked();
}

ToolReply AnswerPlain(const std::string& text, const Presentation& how, std::string currency) {
  const Result<Calculation> calculation = ParseCalculation(text);
  if (!calculation) return Declined(calculation.error().message);
  if (AsksNothing(*calculation->root, how)) return Declined("there is nothing to compute");
  return AnswerCalculation({.root = calculation->root,
                            .notes = calculation->notes,
                            .presentation = how,
                            .currency = std::move(currency)});
}

ToolReply AnswerCalculation(std::string text) {
  std::string currency = Currency(text);
  if (currency == "?") return Declined("several currencies are mixed");
  if (auto fact = MatchNumberFact(Tokenize(text))) return *std::move(fact);
  DropQuestion(text);
  DropEnding(text);
  if (LooksLikeALabel(text)) return Declined("this looks like a date or a name, not a calculation");
  if (auto fact = MatchNumberFact(Tokenize(text))) return *std::move(fact);
  const auto matched = MatchCalculationPhrase(Tokenize(text));
  const std::string whole = text;
  const Presentation how = TakePresentation(text);
  if (how.asked() && text.starts_with("round ")) text.erase(0, 6);
  if (how.asked()) DropEnding(text);
  auto phrase =
      matched ? matched : (text == whole ? matched : MatchCalculationPhrase(Tokenize(text)));
  if (!phrase) return AnswerPlain(text, how, std::move(currency));
  if (!*phrase) return Declined(phrase->error().message);
  ArithmeticQuestion question = **std::move(phrase);
  if (!matched && question.presentation.form != Form::kPercentage) question.presentation = how;
  question.currency = std::move(currency);
  return AnswerCalculation(question);
}

}  // namespace

std::string_view ArithmeticTool::Name() const { return "arithmetic"; }

std::string_view ArithmeticTool::Description() const {
  return "Exact arithmetic: big integers, fractions, decimals, percentages, powers, roots, "
         "factorials, primes, common functions.";
}

ToolReply ArithmeticTool::Answer(std::string_view request, const ToolClock&) const {
  const std::string unreadable = Unreadable(request, kMaxCalculation);
  if (!unreadable.empty()) return Declined(unreadable);
  if (request.find('\n') != std::string_view::npos &&
      Trim(request).find('\n') != std::string_view::npos) {
    return Declined("a calculation is expected on one line");
  }
  const std::string normal = NormalizeCalculation(request);
  return AnswerCalculation(std::string(WithoutPoliteness(normal)));
}

}  // namespace moerge::tools
