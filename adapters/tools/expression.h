// The tree of one calculation: what the parser builds, the evaluator computes and the reply
// renders. Immutable once built; a tree belongs to whoever holds its root. Depth and size are
// bounded by the parser.
#pragma once

#include <gmpxx.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace moerge::tools {

enum class Op {
  kNumber,
  kPi,
  kEuler,
  kNegate,
  kPercent,
  kFactorial,
  kDegrees,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kPower,
  kModulo,
  kChoose,
  kOf,    // a share of something: 17% of 2340, 2/3 of 90
  kCall,  // a function by name
};

struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;

struct Expr {
  Op op = Op::kNumber;
  mpq_class value = 0;    // kNumber
  std::string text = {};  // kNumber: as written; kCall: the function's name
  bool money = false;     // kNumber: carried the currency sign
  bool parenthesised = false;
  std::vector<ExprPtr> args = {};
};

[[nodiscard]] ExprPtr NumberExpr(const mpq_class& value);
[[nodiscard]] ExprPtr UnaryExpr(Op op, ExprPtr operand);
[[nodiscard]] ExprPtr BinaryExpr(Op op, ExprPtr left, ExprPtr right);
[[nodiscard]] ExprPtr CallExpr(std::string function, std::vector<ExprPtr> args);
[[nodiscard]] ExprPtr Parenthesised(const ExprPtr& inner);

// In plain notation: "17% of 2340", "(1 + 2) * 3".
[[nodiscard]] std::string ExprText(const Expr& expr);

// Whether any node of the tree is of this kind.
[[nodiscard]] bool Contains(const Expr& expr, Op op);

}  // namespace moerge::tools
