#include "adapters/tools/integer_functions.h"

#include <algorithm>
#include <cmath>

#include "adapters/tools/request.h"

namespace moerge::tools {
namespace {

constexpr unsigned long kMaxFactorial = 5000;
constexpr unsigned long kTrialLimit = 1000000;

Error TooLarge() { return Fail("the result would have more than 10,000 digits"); }

mpq_class PowerOf(const mpq_class& base, unsigned long exponent) {
  mpq_class power;
  mpz_pow_ui(power.get_num_mpz_t(), base.get_num_mpz_t(), exponent);
  mpz_pow_ui(power.get_den_mpz_t(), base.get_den_mpz_t(), exponent);
  return power;
}

std::optional<mpz_class> ExactIntegerRoot(const mpz_class& value, unsigned long degree) {
  mpz_class root;
  if (mpz_root(root.get_mpz_t(), value.get_mpz_t(), degree) == 0) return std::nullopt;
  return root;
}

}  // namespace

std::size_t BitSize(const mpz_class& value) { return mpz_sizeinbase(value.get_mpz_t(), 2); }

std::size_t BitSize(const mpq_class& value) {
  return BitSize(value.get_num()) + BitSize(value.get_den());
}

Result<mpq_class> Factorial(const mpz_class& n) {
  if (n < 0) return Fail("the factorial of a negative number is not defined");
  if (n > kMaxFactorial) return TooLarge();
  mpz_class value;
  mpz_fac_ui(value.get_mpz_t(), n.get_ui());
  return mpq_class(value);
}

Result<mpq_class> Binomial(const mpz_class& n, const mpz_class& k) {
  if (n < 0 || k < 0) return Fail("a binomial coefficient of negative numbers is not defined here");
  if (k > n) return mpq_class(0);
  const mpz_class smaller = std::min(k, mpz_class(n - k));
  if (smaller > kMaxFactorial || BitSize(n) * smaller.get_ui() > 4 * kMaxBits || BitSize(n) > 1000)
    return TooLarge();
  mpz_class value;
  mpz_bin_ui(value.get_mpz_t(), n.get_mpz_t(), smaller.get_ui());
  return mpq_class(value);
}

Result<mpq_class> Permutations(const mpz_class& n, const mpz_class& k) {
  if (n < 0 || k < 0) return Fail("permutations of negative numbers are not defined");
  if (k > n) return mpq_class(0);
  if (k > kMaxFactorial || BitSize(n) * k.get_ui() > kMaxBits) return TooLarge();
  mpz_class value = 1;
  for (unsigned long i = 0; i < k.get_ui(); ++i) value *= n - i;
  return mpq_class(value);
}

Result<mpq_class> IntegerPower(const mpq_class& base, const mpz_class& exponent) {
  if (base == 0 && exponent <= 0)
    return Fail(exponent == 0 ? "0^0 is not defined" : "division by zero");
  if (base == 1 || exponent == 0) return mpq_class(1);
  if (base == -1) return mpq_class(mpz_odd_p(exponent.get_mpz_t()) != 0 ? -1 : 1);
  if (base == 0) return mpq_class(0);
  const mpz_class magnitude = abs(exponent);
  const std::size_t bits = std::max(BitSize(base.get_num()), BitSize(base.get_den()));
  // A number of b bits to the power n has more than (b - 1) * n bits.
  if (magnitude > kMaxBits || (bits - 1) * magnitude.get_ui() > kMaxBits) return TooLarge();
  mpq_class power = PowerOf(base, magnitude.get_ui());
  return exponent < 0 ? mpq_class(1 / power) : power;
}

std::optional<mpq_class> ExactRoot(const mpq_class& value, unsigned long degree) {
  const auto over = ExactIntegerRoot(value.get_num(), degree);
  const auto under = over ? ExactIntegerRoot(value.get_den(), degree) : std::nullopt;
  if (!under) return std::nullopt;
  return mpq_class(*over, *under);
}

std::optional<long> ExactLogarithm(const mpq_class& value, unsigned long base) {
  const bool inverse = value < 1;
  if ((inverse ? value.get_num() : value.get_den()) != 1) return std::nullopt;
  mpz_class rest = inverse ? value.get_den() : value.get_num();
  const mpz_class factor = base;
  const auto exponent =
      static_cast<long>(mpz_remove(rest.get_mpz_t(), rest.get_mpz_t(), factor.get_mpz_t()));
  if (rest != 1) return std::nullopt;
  return inverse ? -exponent : exponent;
}

mpz_class Floor(const mpq_class& value) {
  mpz_class floor;
  mpz_fdiv_q(floor.get_mpz_t(), value.get_num_mpz_t(), value.get_den_mpz_t());
  return floor;
}

mpq_class FloorModulo(const mpq_class& value, const mpq_class& divisor) {
  return value - divisor * Floor(value / divisor);
}

Result<bool> IsPrime(const mpz_class& n) {
  if (BitSize(n) > 1000) return Fail("the number is too large for a primality test here");
  return n >= 2 && mpz_probab_prime_p(n.get_mpz_t(), 40) != 0;
}

Result<std::vector<std::pair<mpz_class, unsigned>>> Factorize(const mpz_class& n) {
  if (BitSize(n) > 128) return Fail("the number is too large to factor here");
  std::vector<std::pair<mpz_class, unsigned>> factors;
  mpz_class rest = n;
  for (unsigned long candidate = 2; candidate <= kTrialLimit && rest >= candidate * candidate;
       candidate += candidate == 2 ? 1 : 2) {
    if (mpz_divisible_ui_p(rest.get_mpz_t(), candidate) == 0) continue;
    const mpz_class factor = candidate;
    const auto times = mpz_remove(rest.get_mpz_t(), rest.get_mpz_t(), factor.get_mpz_t());
    factors.emplace_back(factor, static_cast<unsigned>(times));
  }
  if (rest == 1) return factors;
  const bool certain =
      rest < mpz_class(kTrialLimit) * kTrialLimit || (BitSize(rest) <= 64 && *IsPrime(rest));
  if (!certain) return Fail("a factor above one million could not be found quickly");
  factors.emplace_back(rest, 1);
  return factors;
}

}  // namespace moerge::tools
