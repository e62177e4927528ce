#include "adapters/tools/expression_lexer.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "adapters/tools/characters.h"
#include "adapters/tools/expression_words.h"
#include "adapters/tools/number_literal.h"
#include "adapters/tools/number_words.h"
#include "adapters/tools/request.h"
#include "config/base/text.h"

namespace moerge::tools {
namespace {

constexpr std::size_t kMaxLexemes = 600;

constexpr std::array<std::pair<std::string_view, std::string_view>, 37> kSpellings = {{
    {"×", "*"},     {"·", "*"},     {"⋅", "*"},     {"∙", "*"},     {"∗", "*"},     {"÷", "/"},
    {"∕", "/"},     {"⁄", "/"},     {"⁰", "^0"},    {"¹", "^1"},    {"²", "^2"},    {"³", "^3"},
    {"⁴", "^4"},    {"⁵", "^5"},    {"⁶", "^6"},    {"⁷", "^7"},    {"⁸", "^8"},    {"⁹", "^9"},
    {"√", "√"},     {"π", " pi "},  {"½", "(1/2)"}, {"⅓", "(1/3)"}, {"⅔", "(2/3)"}, {"¼", "(1/4)"},
    {"¾", "(3/4)"}, {"⅕", "(1/5)"}, {"⅖", "(2/5)"}, {"⅗", "(3/5)"}, {"⅘", "(4/5)"}, {"⅙", "(1/6)"},
    {"⅚", "(5/6)"}, {"⅛", "(1/8)"}, {"⅜", "(3/8)"}, {"⅝", "(5/8)"}, {"⅞", "(7/8)"}, {"µ", "µ"},
    {"％", "%"},
}};

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
// Two raised digits in a row are one exponent: x²³ is x^23. A vulgar fraction behind a digit is a
// mixed number.
void AppendSymbol(std::string& out, std::string_view symbol, bool& raised) {
  const bool is_raised = symbol.size() == 2 && symbol[0] == '^';
  if (is_raised && raised) symbol.remove_prefix(1);
  if (symbol.size() == 5 && !out.empty() && IsDigit(out.back())) out += "+";
  raised = is_raised;
  out += symbol;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Lexeme>> Run() {
    while (SkipSpaces()) {
      if (out_.size() >= kMaxLexemes) return Fail("the calculation is too long");
      if (!One()) return Fail("\"" + Rest() + "\" is not part of a calculation I know");
    }
    out_.push_back({});
    return JoinFractions();
  }

 private:
  // In "3/7 divided by 9/14" the fractions are numbers; "2 divided by 3 / 4" is unclear.
  Result<std::vector<Lexeme>> JoinFractions() {
    const auto divides = [](const Lexeme& lexeme) {
      return lexeme.text == "/" || lexeme.text == "^" || lexeme.text == "mod";
    };
    const bool words = std::any_of(out_.begin(), out_.end(),
                                   [&](const Lexeme& l) { return l.wordy && divides(l); });
    if (!words) return std::move(out_);
    std::vector<Lexeme> joined;
    for (std::size_t i = 0; i < out_.size(); ++i) {
      const bool slash =
          out_[i].text == "/" && !out_[i].wordy && out_[i].kind == LexemeKind::kSymbol;
      if (!slash) {
        joined.push_back(out_[i]);
        continue;
      }
      const bool fraction = out_[i].tight && !joined.empty() &&
                            joined.back().kind == LexemeKind::kNumber &&
                            out_[i + 1].kind == LexemeKind::kNumber && out_[i + 1].value != 0;
      if (!fraction)
        return Fail("a division in signs next to one in words is ambiguous; use parentheses");
      joined.back().value /= out_[i + 1].value;
      joined.back().text = "(" + joined.back().text + "/" + out_[i + 1].text + ")";
      ++i;
    }
    return joined;
  }

  bool SkipSpaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size();
  }

  std::string Rest() const {
    return std::string(text_.substr(at_, text_.find(' ', at_) - at_).substr(0, 40));
  }

  bool One() {
    const char c = text_[at_];
    if (IsDigit(c) || c == '.') return Number(false);
    if (c == '$' || text_.substr(at_).starts_with("€") || text_.substr(at_).starts_with("£"))
      return Money();
    if (text_.substr(at_).starts_with("√")) return Root();
    if (text_.substr(at_).starts_with("°")) return Take(LexemeKind::kSymbol, "°", 2);
    if (IsLower(c)) return Word();
    return Symbol();
  }

  bool Take(LexemeKind kind, std::string text, std::size_t length) {
    out_.push_back({.kind = kind, .text = std::move(text)});
    at_ += length;
    return true;
  }

  bool Root() { return Take(LexemeKind::kFunction, "√", std::string_view("√").size()); }

  bool Money() {
    at_ += text_[at_] == '$' ? 1
                             : (text_.substr(at_).starts_with("€") ? std::string_view("€").size()
                                                                   : std::string_view("£").size());
    return at_ < text_.size() && IsDigit(text_[at_]) && Number(true);
  }

  bool Number(bool money) {
    const auto literal = ReadNumber(text_.substr(at_));
    if (!literal) return false;
    at_ += literal->length;
    Lexeme lexeme{.kind = LexemeKind::kNumber,
                  .text = literal->text,
                  .value = literal->value,
                  .grouped = literal->grouped,
                  .money = money};
    ApplyScale(lexeme);
    out_.push_back(std::move(lexeme));
    return true;
  }

  // 2 million, 1.5 billion.
  void ApplyScale(Lexeme& lexeme) {
    const std::vector<std::string> words = WordsAhead(2);
    if (words.empty()) return;
    const auto scale = ReadNumberWords({"one", words[0]}, 0);
    if (!scale || scale->words != 2 || scale->value < 1000 || text_[at_] != ' ') return;
    lexeme.value *= scale->value;
    lexeme.text = lexeme.value.get_str();
    at_ += 1 + words[0].size();
  }

  // Up to `most` words from here, hyphens inside number words split, with nothing but a space or a
  // hyphen between them.
  std::vector<std::string> WordsAhead(std::size_t most) const {
    std::vector<std::string> words;
    std::size_t at = at_ < text_.size() && text_[at_] == ' ' ? at_ + 1 : at_;
    while (words.size() < most && at < text_.size() && IsLower(text_[at])) {
      std::size_t end = at;
      while (end < text_.size() && IsLower(text_[end])) ++end;
      words.emplace_back(text_.substr(at, end - at));
      const bool joined = end + 1 < text_.size() && (text_[end] == ' ' || text_[end] == '-') &&
                          IsLower(text_[end + 1]);
      if (!joined) break;
      at = end + 1;
    }
    return words;
  }

  bool Word() {
    if (NumberInWords() || Times()) return true;
    const auto word = FindCalculationWord(text_.substr(at_));
    if (!word) return false;
    at_ += word->phrase.size();
    return Apply(*word);
  }

  bool Apply(const CalculationWord& word) {
    const bool wordy = word.role == WordRole::kWordyFunction;
    if (wordy || word.role == WordRole::kFunction) {
      out_.push_back(
          {.kind = LexemeKind::kFunction, .text = std::string(word.meaning), .wordy = wordy});
    } else if (word.role == WordRole::kConstant) {
      out_.push_back({.kind = LexemeKind::kConstant, .text = std::string(word.meaning)});
    } else if (word.meaning == "^2" || word.meaning == "^3") {
      out_.push_back({.kind = LexemeKind::kSymbol, .text = "^"});
      const std::string exponent(word.meaning.substr(1));
      out_.push_back({.kind = LexemeKind::kNumber, .text = exponent, .value = mpq_class(exponent)});
    } else {
      out_.push_back(
          {.kind = LexemeKind::kSymbol, .text = std::string(word.meaning), .wordy = true});
    }
    return true;
  }

  // 3 x 4 and 3x4: the letter stands between two values.
  bool Times() {
    const bool alone = text_[at_] == 'x' && (at_ + 1 >= text_.size() || !IsLower(text_[at_ + 1]));
    const std::size_t next = text_.find_first_not_of(' ', at_ + 1);
    const bool value_next =
        next != std::string_view::npos && (IsDigit(text_[next]) || text_[next] == '(');
    const bool value_before =
        !out_.empty() && (out_.back().kind == LexemeKind::kNumber || out_.back().text == ")");
    return alone && value_next && value_before && Take(LexemeKind::kSymbol, "*", 1);
  }

  bool NumberInWords() {
    const std::vector<std::string> words = WordsAhead(24);
    if (words.empty()) return false;
    if (HalfOf(words)) return true;
    std::size_t used = words[0] == "a" && words.size() > 1 && DenominatorWord(words[1]) ? 1 : 0;
    mpq_class value = 1;
    if (used == 0) {
      const auto number = ReadNumberWords(words, 0);
      if (!number) return false;
      used = number->words;
      value = number->value;
    }
    used += Denominator(words, used, value);
    PushWords(words, used, value);
    return true;
  }

  // "two thirds": divides the value and tells that one more word was used.
  static std::size_t Denominator(const std::vector<std::string>& words, std::size_t at,
                                 mpq_class& value) {
    if (at >= words.size() || at != 1) return 0;
    const auto denominator = DenominatorWord(words[at]);
    if (!denominator) return 0;
    value /= *denominator;
    return 1;
  }

  bool HalfOf(const std::vector<std::string>& words) {
    if (words.size() < 2 || words[0] != "half" || words[1] != "of") return false;
    PushWords(words, 1, mpq_class(1, 2));
    return true;
  }

  void PushWords(const std::vector<std::string>& words, std::size_t count, const mpq_class& value) {
    std::size_t length = count - 1;
    for (std::size_t i = 0; i < count; ++i) length += words[i].size();
    at_ += length;
    out_.push_back({.kind = LexemeKind::kNumber, .text = value.get_str(), .value = value});
  }

  bool Symbol() {
    const char c = text_[at_];
    if (c == '*' && at_ + 1 < text_.size() && text_[at_ + 1] == '*')
      return Take(LexemeKind::kSymbol, "^", 2);
    if (c == '%') return Percent();
    if (std::string_view("+-*/^(),!").find(c) == std::string_view::npos) return false;
    const bool tight =
        at_ > 0 && text_[at_ - 1] != ' ' && at_ + 1 < text_.size() && text_[at_ + 1] != ' ';
    Take(LexemeKind::kSymbol, std::string(1, c), 1);
    out_.back().tight = tight;
    return true;
  }

  // "17% of x" is a percentage, "17 % 5" and "17%5" are remainders, "17% 5" could be either.
  bool Percent() {
    const std::size_t next = text_.find_first_not_of(' ', at_ + 1);
    const bool value_next =
        next != std::string_view::npos && (IsDigit(text_[next]) || text_[next] == '(');
    if (!value_next) return Take(LexemeKind::kSymbol, "%", 1);
    const bool space_before = at_ > 0 && text_[at_ - 1] == ' ';
    const bool space_after = next > at_ + 1;
    return space_before == space_after && Take(LexemeKind::kSymbol, "mod", 1);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Lexeme> out_;
};

}  // namespace

std::string NormalizeCalculation(std::string_view text) {
  const std::string plain = LowerAscii(PlainPunctuation(text));
  std::string_view rest = plain;
  std::string out;
  bool raised = false;
  while (!rest.empty()) {
    const auto* const hit =
        static_cast<unsigned char>(rest.front()) < 0x80
            ? kSpellings.end()
            : std::find_if(kSpellings.begin(), kSpellings.end(),
                           [&](const auto& entry) { return rest.starts_with(entry.first); });
    if (hit != kSpellings.end()) {
      AppendSymbol(out, hit->second, raised);
      rest.remove_prefix(hit->first.size());
      continue;
    }
    raised = false;
    const bool space = std::isspace(static_cast<unsigned char>(rest.front())) != 0;
    if (!space || (!out.empty() && out.back() != ' ')) out += space ? ' ' : rest.front();
    rest.remove_prefix(1);
  }
  return std::string(Trim(out));
}

Result<std::vector<Lexeme>> LexCalculation(std::string_view text) { return Lexer(text).Run(); }

Arity FunctionArity(std::string_view name) {
  static constexpr std::array<std::string_view, 21> kOne = {
      "sqrt", "√",   "cbrt", "abs",  "floor", "ceil", "exp",  "ln",   "log",  "log10",    "log2",
      "sin",  "cos", "tan",  "asin", "acos",  "atan", "sinh", "cosh", "tanh", "factorial"};
  static constexpr std::array<std::string_view, 3> kTwo = {"pow", "binomial", "permutations"};
  if (std::find(kOne.begin(), kOne.end(), name) != kOne.end()) return {1, 1};
  if (std::find(kTwo.begin(), kTwo.end(), name) != kTwo.end()) return {2, 2};
  if (name == "gcd" || name == "lcm" || name == "min" || name == "max") return {2, 64};
  return {};
}

}  // namespace moerge::tools
