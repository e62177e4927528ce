#include "adapters/tools/real_functions.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "adapters/tools/integer_functions.h"
#include "adapters/tools/request.h"

namespace moerge::tools {
namespace {

using MpfrFunction = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);

struct NamedFunction {
  std::string_view name;
  MpfrFunction function;
};

constexpr std::array<NamedFunction, 13> kFunctions = {{{"exp", mpfr_exp},
                                                       {"ln", mpfr_log},
                                                       {"log10", mpfr_log10},
                                                       {"log2", mpfr_log2},
                                                       {"sin", mpfr_sin},
                                                       {"cos", mpfr_cos},
                                                       {"tan", mpfr_tan},
                                                       {"asin", mpfr_asin},
                                                       {"acos", mpfr_acos},
                                                       {"atan", mpfr_atan},
                                                       {"sinh", mpfr_sinh},
                                                       {"cosh", mpfr_cosh},
                                                       {"tanh", mpfr_tanh}}};

// sin(factor * pi) where it is rational (Niven's theorem: only at multiples of a sixth).
std::optional<mpq_class> ExactSine(const mpq_class& factor) {
  const mpq_class turn = FloorModulo(factor, 2);
  const mpq_class sixths = turn * 6;
  if (sixths.get_den() != 1) return std::nullopt;
  switch (sixths.get_num().get_si()) {
    case 0:
    case 6: return mpq_class(0);
    case 1:
    case 5: return mpq_class(1, 2);
    case 3: return mpq_class(1);
    case 7:
    case 11: return mpq_class(-1, 2);
    case 9: return mpq_class(-1);
    default: return std::nullopt;
  }
}

// tan(factor * pi) where it is rational; the poles are left to the caller.
std::optional<mpq_class> ExactTangent(const mpq_class& factor) {
  const mpq_class quarters = FloorModulo(factor, 1) * 4;
  if (quarters == 0) return mpq_class(0);
  if (quarters == 1) return mpq_class(1);
  if (quarters == 3) return mpq_class(-1);
  return std::nullopt;
}

std::optional<mpq_class> ExactTrigonometry(std::string_view name, const mpq_class& factor) {
  if (name == "sin") return ExactSine(factor);
  if (name == "cos") return ExactSine(factor + mpq_class(1, 2));
  if (name == "tan") return ExactTangent(factor);
  return std::nullopt;
}

std::optional<Value> ExactAtRational(std::string_view name, const mpq_class& x) {
  const bool odd_through_zero = name == "sin" || name == "tan" || name == "asin" ||
                                name == "atan" || name == "sinh" || name == "tanh";
  if (x == 0 && odd_through_zero) return RationalValue(0);
  if (x == 0 && (name == "exp" || name == "cos" || name == "cosh")) return RationalValue(1);
  if (x == 1 && name == "ln") return RationalValue(0);
  if (x == 1 && name == "acos") return RationalValue(0);
  if (x > 0 && (name == "log10" || name == "log2")) {
    const auto exponent = ExactLogarithm(x, name == "log2" ? 2 : 10);
    if (exponent) return RationalValue(*exponent);
  }
  return std::nullopt;
}

// Reducing an argument modulo pi costs as many bits as the argument's exponent.
bool ArgumentTooLarge(const Real& real) {
  return mpfr_regular_p(real.get()) != 0 && mpfr_get_exp(real.get()) > 4096;
}

Result<Value> Rounded(std::string_view name, const Real& real) {
  for (const NamedFunction& entry : kFunctions) {
    if (entry.name != name) continue;
    Real result(mpfr_get_prec(real.get()));
    entry.function(result.get(), real.get(), MPFR_RNDN);
    if (!result.finite())
      return Fail(std::string(name) + " is not defined there, or its value is out of range");
    return RealValue(std::move(result));
  }
  return Fail("the function " + std::string(name) + " is not known");
}

}  // namespace

Result<Value> RealValue(Real real) {
  if (!real.finite()) return Fail("the result is not a finite real number");
  return Value{.kind = Value::Kind::kReal, .real = std::move(real)};
}

Result<Value> Root(const Value& value, const Real& real, unsigned long degree) {
  if (mpfr_sgn(real.get()) < 0 && degree % 2 == 0)
    return Fail("an even root of a negative number is not real");
  if (value.rational()) {
    if (const auto exact = ExactRoot(value.exact, degree)) return RationalValue(*exact);
  }
  Real result(mpfr_get_prec(real.get()));
  mpfr_rootn_ui(result.get(), real.get(), degree, MPFR_RNDN);
  return RealValue(std::move(result));
}

Result<Value> RealFunction(std::string_view name, const Value& value, const Real& real) {
  if (name == "sqrt") return Root(value, real, 2);
  if (name == "cbrt") return Root(value, real, 3);
  if (name == "log") return RealFunction("log10", value, real);
  if (ArgumentTooLarge(real)) return Fail("the argument of " + std::string(name) + " is too large");
  if (value.kind == Value::Kind::kPiMultiple) {
    if (name == "tan" && FloorModulo(value.exact, 1) == mpq_class(1, 2))
      return Fail("tan is not defined there");
    if (const auto exact = ExactTrigonometry(name, value.exact)) return RationalValue(*exact);
  }
  if (value.rational()) {
    if (auto exact = ExactAtRational(name, value.exact)) return *std::move(exact);
  }
  return Rounded(name, real);
}

}  // namespace moerge::tools
