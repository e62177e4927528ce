#include "adapters/tools/number_format.h"

#include <algorithm>
#include <memory>

namespace moerge::tools {
namespace {

// An integer number of 10^-places as decimal text.
std::string Shifted(const mpz_class& scaled, std::size_t places) {
  std::string digits = mpz_class(abs(scaled)).get_str();
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, ".");
  return (scaled < 0 ? "-" : "") + digits;
}

// Half away from zero.
mpz_class RoundToInteger(const mpq_class& value) {
  const mpz_class twice = 2 * abs(value.get_num()) + value.get_den();
  const mpz_class rounded = twice / (2 * value.get_den());
  return value < 0 ? mpz_class(-rounded) : rounded;
}

// How often `factor` divides `number`, which loses those factors.
std::size_t RemoveFactor(mpz_class& number, unsigned long factor) {
  const mpz_class prime = factor;
  return mpz_remove(number.get_mpz_t(), number.get_mpz_t(), prime.get_mpz_t());
}

// floor(log10(|value|)) for value != 0.
long DecimalExponent(const mpq_class& value) {
  const mpq_class magnitude = abs(value);
  long exponent = static_cast<long>(DigitCount(magnitude.get_num())) -
                  static_cast<long>(DigitCount(magnitude.get_den()));
  const auto reaches = [&](long candidate) {
    if (candidate >= 0)
      return magnitude >= mpq_class(PowerOfTen(static_cast<std::size_t>(candidate)));
    return mpq_class(magnitude * PowerOfTen(static_cast<std::size_t>(-candidate))) >= 1;
  };
  exponent += 2;
  while (!reaches(exponent)) --exponent;
  return exponent;
}

std::string WithoutTrailingZeros(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

// Digits d1d2d3... with the point after `exponent` of them, as MPFR delivers them.
std::string PlaceDigits(std::string digits, mpfr_exp_t exponent) {
  const bool negative = digits.starts_with('-');
  if (negative) digits.erase(0, 1);
  std::string text;
  if (exponent > 40 || exponent < -10) {
    text = digits.substr(0, 1) + "." + digits.substr(1) + "e" + (exponent - 1 < 0 ? "" : "+") +
           std::to_string(exponent - 1);
  } else if (exponent <= 0) {
    text = "0." + std::string(static_cast<std::size_t>(-exponent), '0') + digits;
  } else {
    const auto whole = static_cast<std::size_t>(exponent);
    if (digits.size() < whole) digits.append(whole - digits.size(), '0');
    text = digits.substr(0, whole) + (digits.size() > whole ? "." + digits.substr(whole) : "");
  }
  return (negative ? "-" : "") + text;
}

}  // namespace

std::size_t DigitCount(const mpz_class& value) { return mpz_sizeinbase(value.get_mpz_t(), 10); }

mpz_class PowerOfTen(unsigned long exponent) {
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 10, exponent);
  return power;
}

std::optional<std::string> ExactDecimal(const mpq_class& value, std::size_t max_places) {
  mpz_class rest = value.get_den();
  const std::size_t places = std::max(RemoveFactor(rest, 2), RemoveFactor(rest, 5));
  if (rest != 1 || places > max_places) return std::nullopt;
  return Shifted(mpz_class(value.get_num() * PowerOfTen(places) / value.get_den()), places);
}

std::string RoundToPlaces(const mpq_class& value, std::size_t places) {
  return Shifted(RoundToInteger(value * PowerOfTen(places)), places);
}

std::string RoundToSignificant(const mpq_class& value, std::size_t digits) {
  if (value == 0) return "0";
  const long exponent = DecimalExponent(value);
  const long places = static_cast<long>(digits) - 1 - exponent;
  if (exponent < -10) {
    Real real(static_cast<mpfr_prec_t>(digits * 4 + 64));
    mpfr_set_q(real.get(), value.get_mpq_t(), MPFR_RNDN);
    return RealText(real, digits);
  }
  if (places >= 0) return RoundToPlaces(value, static_cast<std::size_t>(places));
  const mpz_class unit = PowerOfTen(static_cast<std::size_t>(-places));
  return mpz_class(RoundToInteger(value / unit) * unit).get_str();
}

std::string FractionText(const mpq_class& value) { return value.get_str(); }

std::string DecimalText(const mpq_class& value, std::size_t digits) {
  const bool small_parts = DigitCount(value.get_num()) <= digits + 20;
  if (value.get_den() == 1) return value.get_num().get_str();
  const auto exact = small_parts ? ExactDecimal(value, digits + 10) : std::nullopt;
  if (exact) {
    const auto significant = exact->find_first_of("123456789");
    const std::size_t point = exact->find('.') > significant ? 1 : 0;
    if (significant != std::string::npos && exact->size() - significant - point <= digits)
      return *exact;
  }
  return kApproximately + WithoutTrailingZeros(RoundToSignificant(value, digits));
}

std::string RealText(const Real& value, std::size_t significant) {
  if (mpfr_zero_p(value.get()) != 0) return "0";
  mpfr_exp_t exponent = 0;
  const std::unique_ptr<char, decltype(&mpfr_free_str)> digits(
      mpfr_get_str(nullptr, &exponent, 10, significant, value.get(), MPFR_RNDN), &mpfr_free_str);
  return PlaceDigits(digits.get(), exponent);
}

std::string RealToPlaces(const Real& value, std::size_t places) {
  char* text = nullptr;
  const int length = mpfr_asprintf(&text, "%.*RNf", static_cast<int>(places), value.get());
  const std::unique_ptr<char, decltype(&mpfr_free_str)> owner(text, &mpfr_free_str);
  return length < 0 ? "" : std::string(text, static_cast<std::size_t>(length));
}

}  // namespace moerge::tools
