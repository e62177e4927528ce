#include "adapters/tools/expression_parser.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "adapters/tools/expression_lexer.h"
#include "adapters/tools/number_words.h"
#include "adapters/tools/request.h"
#include "config/base/text.h"

namespace moerge::tools {
namespace {

constexpr int kMaxExpressionDepth = 60;

// Recursive descent; a null pointer travels up after error_ has been set once.
class Parser {
 public:
  explicit Parser(std::vector<Lexeme> lexemes) : lexemes_(std::move(lexemes)) {}

  Result<Calculation> Run() {
    ExprPtr root = Sum();
    if (root && Now().kind != LexemeKind::kEnd)
      root = Reject("\"" + Now().text + "\" does not fit there");
    if (!root) return Fail(error_);
    return Calculation{.root = std::move(root), .notes = std::move(notes_)};
  }

 private:
  const Lexeme& Now() const { return lexemes_[at_]; }
  bool IsSymbol(std::string_view symbol) const {
    return Now().kind == LexemeKind::kSymbol && Now().text == symbol;
  }

  bool Accept(std::string_view symbol) {
    if (!IsSymbol(symbol)) return false;
    ++at_;
    return true;
  }

  ExprPtr Reject(std::string reason) {
    if (error_.empty()) error_ = std::move(reason);
    return nullptr;
  }

  bool AtBoundary() const {
    return Now().kind == LexemeKind::kEnd || IsSymbol(")") || IsSymbol(",");
  }

  ExprPtr Sum() {
    if (++depth_ > kMaxExpressionDepth) return Reject("the calculation is nested too deeply");
    ExprPtr left = Term();
    while (left && (IsSymbol("+") || IsSymbol("-"))) {
      const Op op = Accept("+") ? Op::kAdd : (Accept("-"), Op::kSubtract);
      ExprPtr right = Term();
      if (!right) return nullptr;
      // 100 + 10% is 110 for a shop and 100.1 for a mathematician.
      if ((left->op == Op::kPercent) != (right->op == Op::kPercent)) {
        return Reject("adding a percentage to a number is ambiguous; say \"increase X by P%\"");
      }
      left = BinaryExpr(op, std::move(left), std::move(right));
    }
    --depth_;
    return left;
  }

  ExprPtr Term() {
    ExprPtr left = Signed();
    bool divided = false;
    while (left) {
      if (Accept("*")) {
        left = Join(Op::kMultiply, std::move(left), Signed());
      } else if (Accept("/")) {
        divided = true;
        left = Join(Op::kDivide, std::move(left), Signed());
      } else if (Accept("mod")) {
        left = Join(Op::kModulo, std::move(left), Signed());
      } else if (Accept("choose")) {
        left = Join(Op::kChoose, std::move(left), Signed());
      } else if (IsSymbol("of")) {
        left = Share(std::move(left));
      } else if (ImpliedProduct(*left)) {
        if (divided) return Reject("a product without a sign after a division is ambiguous");
        left = Join(Op::kMultiply, std::move(left), Signed());
      } else {
        break;
      }
    }
    return left;
  }

  static ExprPtr Join(Op op, ExprPtr left, ExprPtr right) {
    return right ? BinaryExpr(op, std::move(left), std::move(right)) : nullptr;
  }

  // 2(3+4), (1+2)(3+4), 2pi, 2 sqrt(2).
  bool ImpliedProduct(const Expr& left) const {
    const bool value_before =
        lexemes_[at_ - 1].kind == LexemeKind::kNumber || lexemes_[at_ - 1].text == ")";
    const bool value_next =
        IsSymbol("(") || Now().kind == LexemeKind::kConstant || Now().kind == LexemeKind::kFunction;
    return value_before && value_next && left.op != Op::kPower && left.op != Op::kOf;
  }

  // 17% of 2340, 2/3 of 90. What follows could belong to the whole or to the part: only a boundary
  // is clear.
  ExprPtr Share(ExprPtr part) {
    const bool is_share = part->op == Op::kPercent || part->op == Op::kNumber ||
                          part->op == Op::kOf ||
                          (part->op == Op::kDivide && part->args[0]->op == Op::kNumber &&
                           part->args[1]->op == Op::kNumber);
    if (!is_share || (part->op == Op::kNumber && part->value.get_den() == 1))
      return Reject("\"of\" does not fit there");
    ++at_;
    ExprPtr whole = Signed();
    if (whole && IsSymbol("of")) whole = Share(std::move(whole));
    if (whole && whole->op == Op::kNumber && Accept("/"))
      whole = Join(Op::kDivide, std::move(whole), Primary());
    if (whole && !AtBoundary())
      return Reject("it is unclear how far \"of\" reaches; use parentheses");
    return Join(Op::kOf, std::move(part), std::move(whole));
  }

  ExprPtr Signed() {
    if (++depth_ > kMaxExpressionDepth) return Reject("the calculation is nested too deeply");
    ExprPtr result;
    if (Accept("-")) {
      ExprPtr operand = Signed();
      result = operand ? UnaryExpr(Op::kNegate, std::move(operand)) : nullptr;
    } else {
      Accept("+");
      result = Power();
    }
    --depth_;
    return result;
  }

  ExprPtr Power() {
    ExprPtr base = Postfix();
    if (!base || !Accept("^")) return base;
    return Join(Op::kPower, std::move(base), Signed());
  }

  ExprPtr Postfix() {
    ExprPtr operand = Primary();
    while (operand) {
      if (Accept("!")) {
        if (IsSymbol("!")) return Reject("two factorial signs in a row are ambiguous");
        operand = UnaryExpr(Op::kFactorial, std::move(operand));
      } else if (Accept("%")) {
        operand = UnaryExpr(Op::kPercent, std::move(operand));
      } else if (Accept("°")) {
        operand = UnaryExpr(Op::kDegrees, std::move(operand));
      } else {
        break;
      }
    }
    return operand;
  }

  ExprPtr Primary() {
    const Lexeme lexeme = Now();
    switch (lexeme.kind) {
      case LexemeKind::kNumber:
        ++at_;
        return std::make_shared<Expr>(Expr{
            .op = Op::kNumber, .value = lexeme.value, .text = lexeme.text, .money = lexeme.money});
      case LexemeKind::kConstant:
        ++at_;
        return std::make_shared<Expr>(Expr{.op = lexeme.text == "pi" ? Op::kPi : Op::kEuler});
      case LexemeKind::kFunction: ++at_; return Function(lexeme);
      case LexemeKind::kSymbol:
        if (lexeme.text == "(") return Group();
        return Reject("\"" + lexeme.text + "\" does not fit there");
      case LexemeKind::kEnd: return Reject("the calculation is not complete");
    }
    return nullptr;
  }

  ExprPtr Group() {
    ++at_;
    ExprPtr inner = Sum();
    if (!inner) return nullptr;
    if (!Accept(")")) return Reject("a parenthesis is not closed");
    return Parenthesised(inner);
  }

  ExprPtr Function(const Lexeme& function) {
    NoteBase(function.text);
    if (IsSymbol("(") && FunctionArity(function.text).most > 1) return Call(function.text);
    const bool parenthesis = IsSymbol("(");
    if (++depth_ > kMaxExpressionDepth) return Reject("the calculation is nested too deeply");
    ExprPtr operand = parenthesis ? Group() : (function.text == "√" ? Primary() : Postfix());
    --depth_;
    if (!operand) return nullptr;
    const bool clear = function.text == "√" ? !(IsSymbol("^") || IsSymbol("!"))
                                            : (parenthesis && !function.wordy) || AtBoundary();
    if (!clear)
      return Reject("it is unclear how far " + function.text + " reaches; use parentheses");
    if (FunctionArity(function.text).least != 1)
      return Reject(function.text + " needs its arguments in parentheses");
    NoteAngle(function.text, *operand);
    return CallExpr(function.text == "√" ? "sqrt" : function.text, {Unwrapped(*operand)});
  }

  // A call brings its own parentheses.
  static ExprPtr Unwrapped(const Expr& operand) {
    Expr copy = operand;
    copy.parenthesised = false;
    return std::make_shared<Expr>(std::move(copy));
  }

  ExprPtr Call(const std::string& name) {
    if (HasGroupedNumber())
      return Reject("a comma between digits is ambiguous in a list; put a space after it");
    ++at_;
    std::vector<ExprPtr> args;
    do {
      ExprPtr arg = Sum();
      if (!arg) return nullptr;
      args.push_back(std::move(arg));
    } while (Accept(","));
    if (!Accept(")")) return Reject("a parenthesis is not closed");
    const Arity arity = FunctionArity(name);
    if (args.size() < arity.least || args.size() > arity.most)
      return Reject(name + " takes another number of arguments");
    return CallExpr(name, std::move(args));
  }

  // In gcd(100,200) the comma could separate arguments or thousands.
  bool HasGroupedNumber() const {
    const auto begin = lexemes_.begin() + static_cast<std::ptrdiff_t>(at_);
    const auto end = std::find_if(begin, lexemes_.end(),
                                  [](const Lexeme& lexeme) { return lexeme.text == ")"; });
    return std::any_of(begin, end, [](const Lexeme& lexeme) { return lexeme.grouped; });
  }

  void NoteBase(std::string_view name) {
    if (name == "log") notes_.emplace_back("log to base 10");
  }

  void NoteAngle(std::string_view name, const Expr& operand) {
    const bool angle = name == "sin" || name == "cos" || name == "tan";
    const bool clear = Contains(operand, Op::kDegrees) || Contains(operand, Op::kPi) ||
                       (operand.op == Op::kNumber && operand.value == 0);
    if (angle && !clear) notes_.emplace_back("angle in radians");
    if (name == "asin" || name == "acos" || name == "atan") notes_.emplace_back("in radians");
  }

  std::vector<Lexeme> lexemes_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::string error_;
  std::vector<std::string> notes_;
};

// Splits at ", " and " and "; a comma without a space separates too when it cannot be a thousands
// separator.
std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    const bool and_here = depth == 0 && text.substr(i).starts_with(" and ");
    const bool and_after_comma = text.substr(i).starts_with(", and ");
    if (depth == 0 && (text[i] == ',' || and_here)) {
      parts.emplace_back();
      if (and_here) i += 4;
      if (and_after_comma) i += 5;
      continue;
    }
    parts.back() += text[i];
  }
  return parts;
}

// 1,200 in a list is a number for one reader and two numbers for another.
bool HasAmbiguousComma(std::string_view text) {
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
    if (text[i] != ',' || !digit(i - 1) || !digit(i + 1)) continue;
    std::size_t run = i + 1;
    while (run < text.size() && digit(run)) ++run;
    if (run - i - 1 == 3) return true;
  }
  return false;
}

bool HasWordWithAnd(std::string_view text) {
  const std::vector<std::string> words = SplitWords(text);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto number = ReadNumberWords(words, i);
    if (number && number->has_and) return true;
  }
  return false;
}

}  // namespace

Result<Calculation> ParseCalculation(std::string_view text) {
  Result<std::vector<Lexeme>> lexemes = LexCalculation(text);
  if (!lexemes) return std::move(lexemes).error();
  return Parser(*std::move(lexemes)).Run();
}

Result<std::vector<ExprPtr>> ParseCalculationList(std::string_view text) {
  if (HasAmbiguousComma(text))
    return Fail("a comma between digits is ambiguous in a list; put a space after it");
  if (HasWordWithAnd(text)) return Fail("\"and\" could belong to a number or separate two");
  std::vector<ExprPtr> items;
  for (const std::string& part : SplitList(text)) {
    Result<Calculation> item = ParseCalculation(Trim(part));
    if (!item) return std::move(item).error();
    if (!item->notes.empty()) return Fail("a list of such functions needs an interpretation");
    items.push_back(item->root);
  }
  if (items.size() < 2 || items.size() > 200) return Fail("a list of 2 to 200 numbers is needed");
  return items;
}

}  // namespace moerge::tools
