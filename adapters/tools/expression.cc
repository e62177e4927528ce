#include "adapters/tools/expression.h"

#include <algorithm>
#include <utility>

namespace moerge::tools {
namespace {

std::string_view Infix(Op op) {
  switch (op) {
    case Op::kAdd: return " + ";
    case Op::kSubtract: return " - ";
    case Op::kMultiply: return " * ";
    case Op::kDivide: return " / ";
    case Op::kPower: return "^";
    case Op::kModulo: return " mod ";
    case Op::kChoose: return " choose ";
    case Op::kOf: return " of ";
    default: return "";
  }
}

std::string_view Postfix(Op op) {
  switch (op) {
    case Op::kPercent: return "%";
    case Op::kFactorial: return "!";
    case Op::kDegrees: return "°";
    default: return "";
  }
}

std::string CallText(const Expr& expr) {
  std::string text = expr.text + "(";
  for (std::size_t i = 0; i < expr.args.size(); ++i)
    text += (i > 0 ? ", " : "") + ExprText(*expr.args[i]);
  return text + ")";
}

std::string BareText(const Expr& expr) {
  switch (expr.op) {
    case Op::kNumber: return expr.text.empty() ? expr.value.get_str() : expr.text;
    case Op::kPi: return "pi";
    case Op::kEuler: return "e";
    case Op::kNegate: return "-" + ExprText(*expr.args[0]);
    case Op::kCall: return CallText(expr);
    default: break;
  }
  if (expr.args.size() == 1) return ExprText(*expr.args[0]) + std::string(Postfix(expr.op));
  return ExprText(*expr.args[0]) + std::string(Infix(expr.op)) + ExprText(*expr.args[1]);
}

}  // namespace

ExprPtr NumberExpr(const mpq_class& value) {
  return std::make_shared<Expr>(Expr{.op = Op::kNumber, .value = value});
}

ExprPtr UnaryExpr(Op op, ExprPtr operand) {
  Expr expr{.op = op};
  expr.args.push_back(std::move(operand));
  return std::make_shared<Expr>(std::move(expr));
}

ExprPtr BinaryExpr(Op op, ExprPtr left, ExprPtr right) {
  Expr expr{.op = op};
  expr.args.push_back(std::move(left));
  expr.args.push_back(std::move(right));
  return std::make_shared<Expr>(std::move(expr));
}

ExprPtr CallExpr(std::string function, std::vector<ExprPtr> args) {
  return std::make_shared<Expr>(
      Expr{.op = Op::kCall, .text = std::move(function), .args = std::move(args)});
}

ExprPtr Parenthesised(const ExprPtr& inner) {
  Expr copy = *inner;
  copy.parenthesised = true;
  return std::make_shared<Expr>(std::move(copy));
}

std::string ExprText(const Expr& expr) {
  return expr.parenthesised ? "(" + BareText(expr) + ")" : BareText(expr);
}

bool Contains(const Expr& expr, Op op) {
  return expr.op == op || std::any_of(expr.args.begin(), expr.args.end(),
                                      [op](const ExprPtr& arg) { return Contains(*arg, op); });
}

}  // namespace moerge::tools
