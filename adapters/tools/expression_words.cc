#include "adapters/tools/expression_words.h"

#include <array>
#include <cctype>

namespace moerge::tools {
namespace {

using enum WordRole;

constexpr std::array kWords = {
    CalculationWord{"plus", kSymbols, "+"},
    CalculationWord{"added to", kSymbols, "+"},
    CalculationWord{"minus", kSymbols, "-"},
    CalculationWord{"negative", kSymbols, "-"},
    CalculationWord{"times", kSymbols, "*"},
    CalculationWord{"multiplied by", kSymbols, "*"},
    CalculationWord{"divided by", kSymbols, "/"},
    CalculationWord{"over", kSymbols, "/"},
    CalculationWord{"to the power of", kSymbols, "^"},
    CalculationWord{"to the power", kSymbols, "^"},
    CalculationWord{"raised to the power of", kSymbols, "^"},
    CalculationWord{"raised to the power", kSymbols, "^"},
    CalculationWord{"raised to", kSymbols, "^"},
    CalculationWord{"squared", kSymbols, "^2"},
    CalculationWord{"cubed", kSymbols, "^3"},
    CalculationWord{"percent", kSymbols, "%"},
    CalculationWord{"per cent", kSymbols, "%"},
    CalculationWord{"mod", kSymbols, "mod"},
    CalculationWord{"modulo", kSymbols, "mod"},
    CalculationWord{"modulus", kSymbols, "mod"},
    CalculationWord{"choose", kSymbols, "choose"},
    CalculationWord{"of", kSymbols, "of"},
    CalculationWord{"factorial", kSymbols, "!"},
    CalculationWord{"degrees", kSymbols, "°"},
    CalculationWord{"degree", kSymbols, "°"},
    CalculationWord{"deg", kSymbols, "°"},
    CalculationWord{"pi", kConstant, "pi"},
    CalculationWord{"e", kConstant, "e"},
    CalculationWord{"sqrt", kFunction, "sqrt"},
    CalculationWord{"cbrt", kFunction, "cbrt"},
    CalculationWord{"abs", kFunction, "abs"},
    CalculationWord{"floor", kFunction, "floor"},
    CalculationWord{"ceil", kFunction, "ceil"},
    CalculationWord{"ceiling", kFunction, "ceil"},
    CalculationWord{"exp", kFunction, "exp"},
    CalculationWord{"ln", kFunction, "ln"},
    CalculationWord{"log", kFunction, "log"},
    CalculationWord{"log10", kFunction, "log10"},
    CalculationWord{"log2", kFunction, "log2"},
    CalculationWord{"sin", kFunction, "sin"},
    CalculationWord{"cos", kFunction, "cos"},
    CalculationWord{"tan", kFunction, "tan"},
    CalculationWord{"asin", kFunction, "asin"},
    CalculationWord{"acos", kFunction, "acos"},
    CalculationWord{"atan", kFunction, "atan"},
    CalculationWord{"arcsin", kFunction, "asin"},
    CalculationWord{"arccos", kFunction, "acos"},
    CalculationWord{"arctan", kFunction, "atan"},
    CalculationWord{"sinh", kFunction, "sinh"},
    CalculationWord{"cosh", kFunction, "cosh"},
    CalculationWord{"tanh", kFunction, "tanh"},
    CalculationWord{"gcd", kFunction, "gcd"},
    CalculationWord{"gcf", kFunction, "gcd"},
    CalculationWord{"hcf", kFunction, "gcd"},
    CalculationWord{"lcm", kFunction, "lcm"},
    CalculationWord{"min", kFunction, "min"},
    CalculationWord{"max", kFunction, "max"},
    CalculationWord{"pow", kFunction, "pow"},
    CalculationWord{"binomial", kFunction, "binomial"},
    CalculationWord{"ncr", kFunction, "binomial"},
    CalculationWord{"comb", kFunction, "binomial"},
    CalculationWord{"npr", kFunction, "permutations"},
    CalculationWord{"perm", kFunction, "permutations"},
    CalculationWord{"fact", kFunction, "factorial"},
    CalculationWord{"square root of", kWordyFunction, "sqrt"},
    CalculationWord{"square root", kWordyFunction, "sqrt"},
    CalculationWord{"sqrt of", kWordyFunction, "sqrt"},
    CalculationWord{"root of", kWordyFunction, "sqrt"},
    CalculationWord{"cube root of", kWordyFunction, "cbrt"},
    CalculationWord{"factorial of", kWordyFunction, "factorial"},
    CalculationWord{"absolute value of", kWordyFunction, "abs"},
    CalculationWord{"natural log of", kWordyFunction, "ln"},
    CalculationWord{"natural logarithm of", kWordyFunction, "ln"},
    CalculationWord{"ln of", kWordyFunction, "ln"},
    CalculationWord{"log of", kWordyFunction, "log"},
    CalculationWord{"logarithm of", kWordyFunction, "log"},
    CalculationWord{"sine of", kWordyFunction, "sin"},
    CalculationWord{"cosine of", kWordyFunction, "cos"},
    CalculationWord{"tangent of", kWordyFunction, "tan"},
    CalculationWord{"sin of", kWordyFunction, "sin"},
    CalculationWord{"cos of", kWordyFunction, "cos"},
    CalculationWord{"tan of", kWordyFunction, "tan"},
};

bool IsBoundary(std::string_view text, std::size_t at) {
  if (at >= text.size()) return true;
  const auto byte = static_cast<unsigned char>(text[at]);
  return byte < 0x80 && std::isalpha(byte) == 0;
}

// "mod4" and "log103" are not words we know; "sqrt2" and "x3" are how people write.
bool EndsHere(std::string_view text, const CalculationWord& word) {
  if (!IsBoundary(text, word.phrase.size())) return false;
  const bool digit_next = word.phrase.size() < text.size() &&
                          std::isdigit(static_cast<unsigned char>(text[word.phrase.size()])) != 0;
  return !digit_next || word.meaning == "sqrt";
}

}  // namespace

std::optional<CalculationWord> FindCalculationWord(std::string_view text) {
  const bool article = text.starts_with("the ");
  const std::string_view rest = article ? text.substr(4) : text;
  std::optional<CalculationWord> best;
  for (const CalculationWord& word : kWords) {
    if (article && word.role != kWordyFunction) continue;
    const bool longer = !best || word.phrase.size() > best->phrase.size();
    if (longer && rest.starts_with(word.phrase) && EndsHere(rest, word)) best = word;
  }
  if (best && article) best->phrase = text.substr(0, best->phrase.size() + 4);
  return best;
}

}  // namespace moerge::tools
