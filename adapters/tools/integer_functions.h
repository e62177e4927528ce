// Exact functions of integers with bounded cost: what would grow beyond kMaxBits or take too long
// fails with a reason. Pure functions.
#pragma once

#include <gmpxx.h>

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "config/base/result.h"

namespace moerge::tools {

inline constexpr std::size_t kMaxBits = 60000;

[[nodiscard]] std::size_t BitSize(const mpz_class& value);
[[nodiscard]] std::size_t BitSize(const mpq_class& value);

[[nodiscard]] Result<mpq_class> Factorial(const mpz_class& n);
[[nodiscard]] Result<mpq_class> Binomial(const mpz_class& n, const mpz_class& k);
[[nodiscard]] Result<mpq_class> Permutations(const mpz_class& n, const mpz_class& k);
// base^exponent for an integer exponent of either sign.
[[nodiscard]] Result<mpq_class> IntegerPower(const mpq_class& base, const mpz_class& exponent);
// The exact real root of this degree, nothing when it is irrational. REQUIRES: degree >= 1; value
// >= 0 or odd degree.
[[nodiscard]] std::optional<mpq_class> ExactRoot(const mpq_class& value, unsigned long degree);
// The integer e with base^e == value, nothing when there is none. REQUIRES: value > 0, base > 1.
[[nodiscard]] std::optional<long> ExactLogarithm(const mpq_class& value, unsigned long base);
// Remainder with the sign of the divisor. REQUIRES: divisor != 0.
[[nodiscard]] mpq_class FloorModulo(const mpq_class& value, const mpq_class& divisor);
[[nodiscard]] mpz_class Floor(const mpq_class& value);

// Certain below 2^64; above it, true says that no test known finds a factor. Fails above 1,000
// bits.
[[nodiscard]] Result<bool> IsPrime(const mpz_class& n);
// Prime factors with exponents, ascending; fails when they cannot be found quickly. REQUIRES: n
// >= 2.
[[nodiscard]] Result<std::vector<std::pair<mpz_class, unsigned>>> Factorize(const mpz_class& n);

}  // namespace moerge::tools
