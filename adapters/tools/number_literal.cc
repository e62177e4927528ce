#include "adapters/tools/number_literal.h"

#include <array>
#include <cctype>
#include <utility>

#include "adapters/tools/characters.h"
#include "adapters/tools/number_format.h"
#include "adapters/tools/number_words.h"
#include "config/base/text.h"

namespace moerge::tools {
namespace {

constexpr long kMaxExponent = 5000;

std::size_t DigitsAt(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && IsDigit(text[end])) ++end;
  return end - at;
}

// 0xff, 0b101, 0o17.
std::optional<NumberLiteral> ReadPrefixed(std::string_view text) {
  if (text.size() < 3 || text[0] != '0') return std::nullopt;
  static constexpr std::array<std::pair<char, int>, 3> kBases = {{{'x', 16}, {'b', 2}, {'o', 8}}};
  for (const auto& [letter, base] : kBases) {
    if (std::tolower(static_cast<unsigned char>(text[1])) != letter) continue;
    std::size_t end = 2;
    while (end < text.size() && std::isalnum(static_cast<unsigned char>(text[end])) != 0) ++end;
    mpz_class value;
    const std::string digits(text.substr(2, end - 2));
    if (digits.empty() || value.set_str(digits, base) != 0) return std::nullopt;
    return NumberLiteral{.value = value, .text = std::string(text.substr(0, end)), .length = end};
  }
  return std::nullopt;
}

// Reads groups of three digits behind commas; false when commas and digits do not fit together.
bool ReadGroups(std::string_view text, std::size_t& end, std::string& digits, bool& grouped) {
  const std::size_t first = end;
  while (end + 1 < text.size() && text[end] == ',' && IsDigit(text[end + 1])) {
    if (first > 3 || DigitsAt(text, end + 1) != 3 || text[0] == '0') return false;
    digits += text.substr(end + 1, 3);
    end += 4;
    grouped = true;
  }
  return true;
}

mpq_class Scale(const mpq_class& value, long exponent) {
  const mpz_class power =
      PowerOfTen(static_cast<unsigned long>(exponent < 0 ? -exponent : exponent));
  mpq_class scaled = exponent < 0 ? mpq_class(value / power) : mpq_class(value * power);
  scaled.canonicalize();
  return scaled;
}

// An exponent directly behind the digits: e5, e-3. Nothing there is exponent 0.
std::optional<long> ReadExponent(std::string_view text, std::size_t& end) {
  if (end + 1 >= text.size() || (text[end] != 'e' && text[end] != 'E')) return 0;
  std::size_t at = end + 1;
  const bool negative = text[at] == '-';
  if (text[at] == '-' || text[at] == '+') ++at;
  const std::size_t count = DigitsAt(text, at);
  if (count == 0) return 0;
  if (count > 4) return std::nullopt;
  const long exponent = std::stol(std::string(text.substr(at, count)));
  if (exponent > kMaxExponent) return std::nullopt;
  end = at + count;
  return negative ? -exponent : exponent;
}

}  // namespace

std::optional<NumberLiteral> ReadNumber(std::string_view text) {
  if (auto prefixed = ReadPrefixed(text)) return prefixed;
  std::size_t end = DigitsAt(text, 0);
  std::string digits(text.substr(0, end));
  NumberLiteral literal;
  if (end > 0 && !ReadGroups(text, end, digits, literal.grouped)) return std::nullopt;
  const std::size_t fraction =
      end + 1 < text.size() && text[end] == '.' ? DigitsAt(text, end + 1) : 0;
  if (digits.empty() && fraction == 0) return std::nullopt;
  literal.text = digits.empty() ? "0" : digits;
  if (fraction > 0) {
    digits += text.substr(end + 1, fraction);
    literal.text += text.substr(end, fraction + 1);
    end += fraction + 1;
  }
  const std::size_t before_exponent = end;
  const std::optional<long> exponent = ReadExponent(text, end);
  if (!exponent ||
      (fraction > 0 && end < text.size() && text[end] == '.' && DigitsAt(text, end + 1) > 0))
    return std::nullopt;
  literal.text += text.substr(before_exponent, end - before_exponent);
  literal.value = Scale(mpz_class(digits, 10), *exponent - static_cast<long>(fraction));
  literal.decimal = fraction > 0 || end != before_exponent;
  literal.length = end;
  return literal;
}

namespace {

std::optional<mpq_class> WholeLiteral(std::string_view text) {
  const auto literal = ReadNumber(text);
  if (!literal || literal->length != text.size()) return std::nullopt;
  return literal->value;
}

std::optional<mpq_class> Fraction(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto over = WholeLiteral(Trim(text.substr(0, slash)));
  const auto under = WholeLiteral(Trim(text.substr(slash + 1)));
  if (!over || !under || *under == 0) return std::nullopt;
  return mpq_class(*over / *under);
}

std::optional<mpq_class> Mixed(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto whole = WholeLiteral(text.substr(0, space));
  const auto part = Fraction(text.substr(space + 1));
  if (!whole || !part || whole->get_den() != 1 || *part >= 1) return std::nullopt;
  return mpq_class(*whole + *part);
}

}  // namespace

std::optional<mpq_class> ParseNumber(std::string_view text) {
  text = Trim(text);
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text = Trim(text.substr(1));
  std::optional<mpq_class> value = WholeLiteral(text);
  if (!value) value = Fraction(text);
  if (!value) value = Mixed(text);
  if (!value) value = ParseNumberWords(text);
  if (value && negative) *value = -*value;
  return value;
}

std::optional<long> ParseSmallInteger(std::string_view text) {
  const auto value = ParseNumber(text);
  if (!value || value->get_den() != 1 || !value->get_num().fits_slong_p()) return std::nullopt;
  return value->get_num().get_si();
}

}  // namespace moerge::tools
