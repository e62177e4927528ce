#include "adapters/tools/evaluator.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/tools/integer_functions.h"
#include "adapters/tools/real_functions.h"
#include "adapters/tools/request.h"

namespace moerge::tools {
namespace {

constexpr std::size_t kWorkBudget = 3000000;
constexpr std::size_t kBaseCharge = 500;  // per node, so that many small operations count too

Result<Value> Lift(Result<mpq_class> result) {
  if (!result) return std::move(result).error();
  return RationalValue(*std::move(result));
}

Result<Value> ExactArithmetic(Op op, const mpq_class& left, const mpq_class& right) {
  switch (op) {
    case Op::kAdd: return RationalValue(left + right);
    case Op::kSubtract: return RationalValue(left - right);
    case Op::kMultiply:
    case Op::kOf: return RationalValue(left * right);
    case Op::kDivide:
      if (right == 0) return Fail("division by zero");
      return RationalValue(left / right);
    case Op::kModulo:
      if (right == 0) return Fail("division by zero");
      if (left < 0 || right < 0)
        return Fail("the remainder of negative numbers depends on the convention");
      return RationalValue(FloorModulo(left, right));
    default: return Fail("the operation needs whole numbers");
  }
}

// Sums, differences and rational multiples of multiples of pi stay such multiples.
std::optional<Value> PiArithmetic(Op op, const Value& left, const Value& right) {
  const bool left_pi = left.kind == Value::Kind::kPiMultiple;
  const bool right_pi = right.kind == Value::Kind::kPiMultiple;
  if (left.kind == Value::Kind::kReal || right.kind == Value::Kind::kReal) return std::nullopt;
  if (left_pi && right_pi && op == Op::kAdd) return PiMultiple(left.exact + right.exact);
  if (left_pi && right_pi && op == Op::kSubtract) return PiMultiple(left.exact - right.exact);
  if (left_pi != right_pi && (op == Op::kMultiply || op == Op::kOf))
    return PiMultiple(left.exact * right.exact);
  if (left_pi && op == Op::kDivide && right.exact != 0) {
    if (right_pi) return RationalValue(left.exact / right.exact);
    return PiMultiple(left.exact / right.exact);
  }
  return std::nullopt;
}

Result<Value> WholeNumberFunction(std::string_view name, const std::vector<Value>& args) {
  for (const Value& arg : args) {
    if (!arg.integer()) return Fail(std::string(name) + " needs whole numbers");
  }
  const mpz_class first = args[0].exact.get_num();
  if (name == "factorial") return Lift(Factorial(first));
  if (name == "binomial") return Lift(Binomial(first, args[1].exact.get_num()));
  if (name == "permutations") return Lift(Permutations(first, args[1].exact.get_num()));
  mpz_class result = abs(first);
  for (std::size_t i = 1; i < args.size(); ++i) {
    const mpz_class next = args[i].exact.get_num();
    result = name == "gcd" ? mpz_class(gcd(result, next)) : mpz_class(lcm(result, next));
    if (BitSize(result) > kMaxBits) return Fail("the result would have more than 10,000 digits");
  }
  return RationalValue(result);
}

Result<Value> Extreme(std::string_view name, const std::vector<Value>& args) {
  mpq_class best = args[0].exact;
  for (const Value& arg : args) {
    if (!arg.rational()) return Fail("comparing irrational numbers is not supported");
    best = name == "max" ? std::max(best, arg.exact) : std::min(best, arg.exact);
  }
  return RationalValue(best);
}

Result<Value> RoundingFunction(std::string_view name, const Value& value) {
  if (name == "abs" && value.kind != Value::Kind::kReal) {
    return Value{.kind = value.kind, .exact = abs(value.exact)};
  }
  if (!value.rational())
    return Fail(std::string(name) + " of an irrational number is not supported");
  if (name == "floor") return RationalValue(Floor(value.exact));
  return RationalValue(-Floor(-value.exact));
}

bool In(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Value RationalValue(mpq_class value) {
  return {.kind = Value::Kind::kRational, .exact = std::move(value)};
}

Value PiMultiple(mpq_class factor) {
  if (factor == 0) return RationalValue(0);
  return {.kind = Value::Kind::kPiMultiple, .exact = std::move(factor)};
}

Real Evaluator::ToReal(const Value& value) const {
  if (value.kind == Value::Kind::kReal) return *value.real;
  Real real(precision_);
  mpfr_set_q(real.get(), value.exact.get_mpq_t(), MPFR_RNDN);
  if (value.kind == Value::Kind::kPiMultiple) {
    Real pi(precision_);
    mpfr_const_pi(pi.get(), MPFR_RNDN);
    mpfr_mul(real.get(), real.get(), pi.get(), MPFR_RNDN);
  }
  return real;
}

Result<Value> Evaluator::Charge(Value value) {
  const std::size_t bits = value.kind == Value::Kind::kReal
                               ? static_cast<std::size_t>(precision_) * 4
                               : BitSize(value.exact);
  if (bits > kMaxBits) return Fail("an intermediate result is too large");
  work_ += bits + kBaseCharge;
  if (work_ > kWorkBudget) return Fail("the calculation takes too long");
  return value;
}

Result<Value> Evaluator::Evaluate(const Expr& expr) {
  Result<Value> value = Dispatch(expr);
  if (!value) return value;
  return Charge(*std::move(value));
}

Result<Value> Evaluator::Dispatch(const Expr& expr) {
  switch (expr.op) {
    case Op::kNumber: return RationalValue(expr.value);
    case Op::kPi: return PiMultiple(1);
    case Op::kEuler:
      return RealFunction("exp", {.kind = Value::Kind::kReal}, ToReal(RationalValue(1)));
    case Op::kCall: return Call(expr);
    default: return expr.args.size() == 1 ? Unary(expr) : Binary(expr);
  }
}

Result<Value> Evaluator::Unary(const Expr& expr) {
  Result<Value> operand = Evaluate(*expr.args[0]);
  if (!operand) return operand;
  switch (expr.op) {
    case Op::kNegate: return Combine(Op::kMultiply, RationalValue(-1), *operand);
    case Op::kPercent: return Combine(Op::kDivide, *operand, RationalValue(100));
    case Op::kFactorial: return WholeNumberFunction("factorial", {*std::move(operand)});
    case Op::kDegrees:
      if (!operand->rational()) return Fail("degrees of an irrational number are not supported");
      return PiMultiple(operand->exact / 180);
    default: return Fail("unknown operation");
  }
}

Result<Value> Evaluator::Binary(const Expr& expr) {
  if (expr.op == Op::kModulo && expr.args[0]->op == Op::kPower)
    return ModularPower(*expr.args[0], *expr.args[1]);
  Result<Value> left = Evaluate(*expr.args[0]);
  if (!left) return left;
  Result<Value> right = Evaluate(*expr.args[1]);
  if (!right) return right;
  return Combine(expr.op, *left, *right);
}

Result<Value> Evaluator::Combine(Op op, const Value& left, const Value& right) const {
  if (op == Op::kPower) return Power(left, right);
  if (op == Op::kChoose) return WholeNumberFunction("binomial", {left, right});
  if (left.rational() && right.rational()) return ExactArithmetic(op, left.exact, right.exact);
  if (auto multiple = PiArithmetic(op, left, right)) return *std::move(multiple);
  return CombineReal(op, left, right);
}

Result<Value> Evaluator::CombineReal(Op op, const Value& left, const Value& right) const {
  Real result = ToReal(left);
  const Real other = ToReal(right);
  switch (op) {
    case Op::kAdd: mpfr_add(result.get(), result.get(), other.get(), MPFR_RNDN); break;
    case Op::kSubtract: mpfr_sub(result.get(), result.get(), other.get(), MPFR_RNDN); break;
    case Op::kMultiply:
    case Op::kOf: mpfr_mul(result.get(), result.get(), other.get(), MPFR_RNDN); break;
    case Op::kDivide: mpfr_div(result.get(), result.get(), other.get(), MPFR_RNDN); break;
    default: return Fail("the remainder of an irrational number is not supported");
  }
  return RealValue(std::move(result));
}

Result<Value> Evaluator::Power(const Value& base, const Value& exponent) const {
  if (base.rational() && exponent.integer())
    return Lift(IntegerPower(base.exact, exponent.exact.get_num()));
  const Real real_base = ToReal(base);
  if (exponent.rational() && base.rational() && exponent.exact.get_den() <= 1000) {
    // x^(p/q): the root first, so that it is exact where it can be. Of a negative number only real
    // odd roots would exist, and whether x^(1/3) means those is disputed.
    if (base.exact < 0) return Fail("a fractional power of a negative number is ambiguous");
    Result<Value> root = Root(base, real_base, exponent.exact.get_den().get_ui());
    if (root && root->rational()) return Lift(IntegerPower(root->exact, exponent.exact.get_num()));
  }
  Real result(precision_);
  mpfr_pow(result.get(), real_base.get(), ToReal(exponent).get(), MPFR_RNDN);
  return RealValue(std::move(result));
}

// base^exponent mod m without the huge power in between.
Result<Value> Evaluator::ModularPower(const Expr& power, const Expr& modulus) {
  Result<Value> base = Evaluate(*power.args[0]);
  if (!base) return base;
  Result<Value> exponent = Evaluate(*power.args[1]);
  if (!exponent) return exponent;
  Result<Value> divisor = Evaluate(modulus);
  if (!divisor) return divisor;
  if (!base->integer() || !exponent->integer() || !divisor->integer())
    return Fail("a power modulo a number needs whole numbers");
  if (base->exact < 0 || exponent->exact < 0 || divisor->exact < 1)
    return Fail("a power modulo a number needs positive numbers");
  if (BitSize(exponent->exact) > 4100 || BitSize(divisor->exact) > 4100)
    return Fail("the numbers are too large");
  mpz_class result;
  mpz_powm(result.get_mpz_t(), base->exact.get_num_mpz_t(), exponent->exact.get_num_mpz_t(),
           divisor->exact.get_num_mpz_t());
  work_ += BitSize(exponent->exact) * BitSize(divisor->exact) / 40;
  return RationalValue(result);
}

Result<Value> Evaluator::LogarithmTo(const Value& base, const Value& value) const {
  const bool whole_base = base.integer() && base.exact > 1 && base.exact.get_num().fits_ulong_p();
  if (whole_base && value.rational() && value.exact > 0) {
    if (const auto exact = ExactLogarithm(value.exact, base.exact.get_num().get_ui()))
      return RationalValue(*exact);
  }
  Result<Value> over = RealFunction("ln", {.kind = Value::Kind::kReal}, ToReal(value));
  if (!over) return over;
  Result<Value> under = RealFunction("ln", {.kind = Value::Kind::kReal}, ToReal(base));
  if (!under) return under;
  return CombineReal(Op::kDivide, *over, *under);
}

Result<Value> Evaluator::Call(const Expr& expr) {
  std::vector<Value> args;
  for (const ExprPtr& arg : expr.args) {
    Result<Value> value = Evaluate(*arg);
    if (!value) return value;
    args.push_back(*std::move(value));
  }
  const std::string_view name = expr.text;
  if (In(name, {"gcd", "lcm", "factorial", "binomial", "permutations"}))
    return WholeNumberFunction(name, args);
  if (In(name, {"max", "min"})) return Extreme(name, args);
  if (In(name, {"abs", "floor", "ceil"})) return RoundingFunction(name, args[0]);
  if (name == "pow") return Power(args[0], args[1]);
  if (name == "logbase") return LogarithmTo(args[0], args[1]);
  work_ += static_cast<std::size_t>(precision_) * 20;
  return RealFunction(name, args[0], ToReal(args[0]));
}

}  // namespace moerge::tools
