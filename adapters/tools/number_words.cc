#include "adapters/tools/number_words.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "adapters/tools/number_format.h"
#include "adapters/tools/number_literal.h"
#include "adapters/tools/request.h"
#include "config/base/text.h"

namespace moerge::tools {
namespace {

using Table = std::unordered_map<std::string_view, long>;

const Table& Units() {
  static const Table table = {
      {"zero", 0},     {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},
      {"five", 5},     {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},
      {"ten", 10},     {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},
      {"fifteen", 15}, {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19}};
  return table;
}

const Table& Tens() {
  static const Table table = {{"twenty", 20}, {"thirty", 30},  {"forty", 40},  {"fifty", 50},
                              {"sixty", 60},  {"seventy", 70}, {"eighty", 80}, {"ninety", 90}};
  return table;
}

// Powers of ten of the short scale.
const Table& Scales() {
  static const Table table = {{"thousand", 3},  {"million", 6},      {"billion", 9},
                              {"trillion", 12}, {"quadrillion", 15}, {"quintillion", 18}};
  return table;
}

std::optional<long> Find(const Table& table, std::string_view word) {
  const auto hit = table.find(word);
  if (hit == table.end()) return std::nullopt;
  return hit->second;
}

class NumberReader {
 public:
  NumberReader(const std::vector<std::string>& words, std::size_t at)
      : words_(words), begin_(at), at_(at) {}

  std::optional<WordNumber> Read() {
    mpz_class total = 0;
    long last_scale = 1000;
    bool any = false;
    while (const auto group = Group(any)) {
      const auto scale = Find(Scales(), Peek());
      if (!scale) {
        total += *group;
        any = true;
        break;
      }
      if (*scale >= last_scale) break;
      ++at_;
      total += *group * PowerOfTen(static_cast<unsigned long>(*scale));
      last_scale = *scale;
      any = true;
      SkipAnd();
    }
    if (!any) return std::nullopt;
    if (at_ > begin_ && words_[at_ - 1] == "and") --at_;
    return WithDecimals(total);
  }

 private:
  std::string_view Peek(std::size_t ahead = 0) const {
    return at_ + ahead < words_.size() ? std::string_view(words_[at_ + ahead]) : std::string_view();
  }

  // "and" inside a number, as in "one hundred and five".
  void SkipAnd() {
    if (Peek() == "and" && (Find(Units(), Peek(1)) || Find(Tens(), Peek(1)))) {
      ++at_;
      has_and_ = true;
    }
  }

  // 0 to 999.
  std::optional<long> Group(bool follows) {
    const bool article =
        !follows && Peek() == "a" && (Peek(1) == "hundred" || Find(Scales(), Peek(1)));
    if (article) {
      ++at_;
      if (Peek() != "hundred") return 1;
    }
    std::optional<long> value = article ? std::optional<long>(1) : BelowHundred();
    if (!value || Peek() != "hundred" || *value == 0 || *value > 99) return value;
    ++at_;
    SkipAnd();
    const std::optional<long> rest = BelowHundred();
    return *value * 100 + rest.value_or(0);
  }

  std::optional<long> BelowHundred() {
    if (const auto unit = Find(Units(), Peek())) {
      ++at_;
      return unit;
    }
    const auto ten = Find(Tens(), Peek());
    if (!ten) return std::nullopt;
    ++at_;
    const auto unit = Find(Units(), Peek());
    if (!unit || *unit == 0 || *unit > 9) return ten;
    ++at_;
    return *ten + *unit;
  }

  WordNumber WithDecimals(const mpz_class& whole) {
    mpq_class value = whole;
    if (Peek() == "point" && Digit(1)) {
      ++at_;
      mpz_class scale = 1;
      for (auto digit = Digit(0); digit && at_ - begin_ < 100; digit = Digit(0)) {
        scale *= 10;
        value += mpq_class(*digit) / scale;
        ++at_;
      }
    }
    return {.value = value, .words = at_ - begin_, .has_and = has_and_};
  }

  std::optional<long> Digit(std::size_t ahead) const {
    const auto unit = Find(Units(), Peek(ahead));
    return unit && *unit < 10 ? unit : std::nullopt;
  }

  const std::vector<std::string>& words_;
  std::size_t begin_;
  std::size_t at_;
  bool has_and_ = false;
};

}  // namespace

std::optional<WordNumber> ReadNumberWords(const std::vector<std::string>& words, std::size_t at) {
  auto number = NumberReader(words, at).Read();
  // Two numbers in a row are not one number: "twenty thirty", "nineteen eighty four".
  const std::size_t next = number ? at + number->words : words.size();
  const bool clash =
      next < words.size() && (Find(Units(), words[next]) || Find(Tens(), words[next]) ||
                              Find(Scales(), words[next]) || words[next] == "hundred");
  return clash ? std::nullopt : number;
}

std::optional<mpq_class> ParseNumberWords(std::string_view text) {
  std::string spaced = LowerAscii(text);
  std::replace(spaced.begin(), spaced.end(), '-', ' ');
  std::vector<std::string> words = SplitWords(spaced);
  if (words.size() == 1 && (words[0] == "a" || words[0] == "an")) return mpq_class(1);
  if (words.size() <= 2 && !words.empty() && words[0] == "half" &&
      (words.size() == 1 || words[1] == "a" || words[1] == "an")) {
    return mpq_class(1, 2);
  }
  const auto number = ReadNumberWords(words, 0);
  if (!number || number->words != words.size()) return std::nullopt;
  return number->value;
}

std::optional<long> DenominatorWord(std::string_view word) {
  static const Table table = {{"half", 2},          {"halve", 2},          {"third", 3},
                              {"quarter", 4},       {"fourth", 4},         {"fifth", 5},
                              {"sixth", 6},         {"seventh", 7},        {"eighth", 8},
                              {"ninth", 9},         {"tenth", 10},         {"eleventh", 11},
                              {"twelfth", 12},      {"twentieth", 20},     {"hundredth", 100},
                              {"thousandth", 1000}, {"millionth", 1000000}};
  if (word.ends_with('s')) word.remove_suffix(1);
  return Find(table, word);
}

std::optional<long> ParseOrdinal(std::string_view word) {
  static constexpr std::array<std::string_view, 20> kOrdinals = {
      "first",     "second",      "third",      "fourth",     "fifth",
      "sixth",     "seventh",     "eighth",     "ninth",      "tenth",
      "eleventh",  "twelfth",     "thirteenth", "fourteenth", "fifteenth",
      "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"};
  const auto hit = std::find(kOrdinals.begin(), kOrdinals.end(), word);
  if (hit != kOrdinals.end()) return hit - kOrdinals.begin() + 1;
  const std::size_t digits = std::min(word.find_first_not_of("0123456789"), word.size());
  const std::string_view ending = word.substr(digits);
  if (digits == 0 || digits > 9 ||
      (ending != "st" && ending != "nd" && ending != "rd" && ending != "th"))
    return std::nullopt;
  return std::stol(std::string(word.substr(0, digits)));
}

}  // namespace moerge::tools
