// Exact and rounded numbers as text. Pure functions; no exceptions.
#pragma once

#include <gmpxx.h>

#include <cstddef>
#include <optional>
#include <string>

#include "adapters/tools/real.h"

namespace moerge::tools {

// Marks every rounded value.
inline constexpr const char* kApproximately = "≈ ";

[[nodiscard]] mpz_class PowerOfTen(unsigned long exponent);

// The exact decimal expansion, nothing when it does not end within `max_places` decimals.
[[nodiscard]] std::optional<std::string> ExactDecimal(const mpq_class& value,
                                                      std::size_t max_places);

// Rounded half away from zero to this many decimals ("3.10" keeps its zeros) or significant digits.
[[nodiscard]] std::string RoundToPlaces(const mpq_class& value, std::size_t places);
[[nodiscard]] std::string RoundToSignificant(const mpq_class& value, std::size_t digits);

// "22/7", or "5" for an integer.
[[nodiscard]] std::string FractionText(const mpq_class& value);

// The exact decimal when it ends within `digits` significant digits or is an integer, else "≈ " and
// a rounded one.
[[nodiscard]] std::string DecimalText(const mpq_class& value, std::size_t digits);

// Rounded to nearest; scientific notation for very large and very small numbers. REQUIRES:
// value.finite().
[[nodiscard]] std::string RealText(const Real& value, std::size_t significant);
[[nodiscard]] std::string RealToPlaces(const Real& value, std::size_t places);

// An upper bound on the decimal digits of the integer.
[[nodiscard]] std::size_t DigitCount(const mpz_class& value);

}  // namespace moerge::tools
