// Computes the tree of a calculation: exactly wherever that is possible, else to a chosen binary
// precision.
//
// An Evaluator serves one calculation on one thread. Numbers are bounded to 60,000 bits and the
// whole work to a budget, so that no short text can occupy a processor; beyond that Evaluate()
// fails with a reason.
#pragma once

#include <gmpxx.h>

#include <cstddef>
#include <optional>

#include "adapters/tools/expression.h"
#include "adapters/tools/real.h"
#include "config/base/result.h"

namespace moerge::tools {

// A rational, a rational multiple of pi (so that sin(pi/6) is exactly 1/2), or a rounded real.
struct Value {
  enum class Kind { kRational, kPiMultiple, kReal };
  Kind kind = Kind::kRational;
  mpq_class exact = 0;         // kRational: the value; kPiMultiple: the factor of pi
  std::optional<Real> real{};  // kReal

  [[nodiscard]] bool rational() const { return kind == Kind::kRational; }
  [[nodiscard]] bool integer() const { return rational() && exact.get_den() == 1; }
};

[[nodiscard]] Value RationalValue(mpq_class value);
[[nodiscard]] Value PiMultiple(mpq_class factor);

class Evaluator {
 public:
  explicit Evaluator(mpfr_prec_t precision) : precision_(precision) {}

  [[nodiscard]] Result<Value> Evaluate(const Expr& expr);
  // The value as a real of this evaluator's precision.
  [[nodiscard]] Real ToReal(const Value& value) const;

 private:
  Result<Value> Dispatch(const Expr& expr);
  Result<Value> Unary(const Expr& expr);
  Result<Value> Binary(const Expr& expr);
  Result<Value> Call(const Expr& expr);
  Result<Value> Combine(Op op, const Value& left, const Value& right) const;
  Result<Value> CombineReal(Op op, const Value& left, const Value& right) const;
  Result<Value> Power(const Value& base, const Value& exponent) const;
  Result<Value> LogarithmTo(const Value& base, const Value& value) const;
  Result<Value> ModularPower(const Expr& power, const Expr& modulus);
  Result<Value> Charge(Value value);

  mpfr_prec_t precision_;
  std::size_t work_ = 0;  // bits of all results so far
};

}  // namespace moerge::tools
