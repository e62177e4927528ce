#include "adapters/tools/arithmetic_phrases.h"

#include <utility>
#include <vector>

#include "adapters/tools/expression_parser.h"
#include "adapters/tools/number_words.h"
#include "adapters/tools/request.h"
#include "config/base/text.h"

namespace moerge::tools {
namespace {

using Operands = std::vector<ExprPtr>;
using Built = Result<ExprPtr>;

// How a phrase's slots are read.
enum class SlotUse { kOperands, kList };

struct Phrase {
  Pattern pattern;
  SlotUse reading;
  ExprPtr (*build)(const Operands&);
};

ExprPtr Number(long value) { return NumberExpr(value); }
ExprPtr Group(ExprPtr inner) { return inner->op == Op::kNumber ? inner : Parenthesised(inner); }
ExprPtr Percent(const ExprPtr& rate) {
  return rate->op == Op::kPercent ? rate : UnaryExpr(Op::kPercent, rate);
}

ExprPtr Fold(Op op, const Operands& items) {
  ExprPtr total = items[0];
  for (std::size_t i = 1; i < items.size(); ++i) total = BinaryExpr(op, total, items[i]);
  return total;
}

ExprPtr Sum(const Operands& items) { return Fold(Op::kAdd, items); }
ExprPtr Product(const Operands& items) { return Fold(Op::kMultiply, items); }
ExprPtr Mean(const Operands& items) {
  return BinaryExpr(Op::kDivide, Parenthesised(Sum(items)),
                    Number(static_cast<long>(items.size())));
}
ExprPtr Gcd(const Operands& items) { return CallExpr("gcd", items); }
ExprPtr Lcm(const Operands& items) { return CallExpr("lcm", items); }
ExprPtr Max(const Operands& items) { return CallExpr("max", items); }
ExprPtr Min(const Operands& items) { return CallExpr("min", items); }

ExprPtr Difference(const Operands& o) {
  return CallExpr("abs", {BinaryExpr(Op::kSubtract, o[0], Group(o[1]))});
}
ExprPtr Quotient(const Operands& o) { return BinaryExpr(Op::kDivide, Group(o[0]), Group(o[1])); }
ExprPtr Times(const Operands& o) { return BinaryExpr(Op::kMultiply, Group(o[0]), Group(o[1])); }
ExprPtr Plus(const Operands& o) { return BinaryExpr(Op::kAdd, o[0], o[1]); }
ExprPtr SubtractFrom(const Operands& o) { return BinaryExpr(Op::kSubtract, o[1], Group(o[0])); }
ExprPtr Raise(const Operands& o) { return BinaryExpr(Op::kPower, Group(o[0]), Group(o[1])); }
ExprPtr Remainder(const Operands& o) { return BinaryExpr(Op::kModulo, Group(o[0]), Group(o[1])); }
ExprPtr Square(const Operands& o) { return BinaryExpr(Op::kPower, Group(o[0]), Number(2)); }
ExprPtr Cube(const Operands& o) { return BinaryExpr(Op::kPower, Group(o[0]), Number(3)); }
ExprPtr Twice(const Operands& o) { return BinaryExpr(Op::kMultiply, Number(2), Group(o[0])); }
ExprPtr Thrice(const Operands& o) { return BinaryExpr(Op::kMultiply, Number(3), Group(o[0])); }
ExprPtr Half(const Operands& o) { return BinaryExpr(Op::kDivide, Group(o[0]), Number(2)); }
ExprPtr Reciprocal(const Operands& o) { return BinaryExpr(Op::kDivide, Number(1), Group(o[0])); }
ExprPtr LogBase(const Operands& o) { return CallExpr("logbase", {o[0], o[1]}); }
ExprPtr ChooseFrom(const Operands& o) { return CallExpr("binomial", {o[1], o[0]}); }

// x * (1 ± p/100)
ExprPtr Changed(const ExprPtr& amount, const ExprPtr& rate, Op sign) {
  return BinaryExpr(Op::kMultiply, Group(amount),
                    Parenthesised(BinaryExpr(sign, Number(1), Percent(rate))));
}
ExprPtr Increase(const Operands& o) { return Changed(o[0], o[1], Op::kAdd); }
ExprPtr Decrease(const Operands& o) { return Changed(o[0], o[1], Op::kSubtract); }
ExprPtr MoreThan(const Operands& o) { return Changed(o[1], o[0], Op::kAdd); }
ExprPtr Off(const Operands& o) { return Changed(o[1], o[0], Op::kSubtract); }
ExprPtr ShareOf(const Operands& o) { return BinaryExpr(Op::kOf, Percent(o[0]), o[1]); }
ExprPtr PercentOfIs(const Operands& o) { return BinaryExpr(Op::kDivide, Group(o[1]), Group(o[0])); }
ExprPtr PercentChange(const Operands& o) {
  return BinaryExpr(Op::kDivide, Parenthesised(BinaryExpr(Op::kSubtract, o[1], Group(o[0]))),
                    Group(o[0]));
}

const std::vector<Phrase>& Phrases() {
  using enum SlotUse;
  static const std::vector<Phrase> phrases = {
      {Pattern("[the] (gcd|gcf|hcf|greatest common divisor|greatest common factor|highest common "
               "factor) (of|for|between) <list>"),
       kList, &Gcd},
      {Pattern("[the] (lcm|least common multiple|lowest common multiple) (of|for|between) <list>"),
       kList, &Lcm},
      {Pattern("[the] (sum|total) of <list>"), kList, &Sum},
      {Pattern("(add|add up|add these up|add these|add together|sum up|sum) [:] <list>"), kList,
       &Sum},
      {Pattern("[the] product of <list>"), kList, &Product},
      {Pattern("[the] (average|mean|arithmetic mean) of <list>"), kList, &Mean},
      {Pattern("[the] (largest|biggest|greatest|maximum|max) of <list>"), kList, &Max},
      {Pattern("[the] (smallest|least|minimum|min) of <list>"), kList, &Min},
      {Pattern("[the] difference (between|of) <a> and <b>"), kOperands, &Difference},
      {Pattern("[the] quotient of <a> and <b>"), kOperands, &Quotient},
      {Pattern("divide <a> by <b>"), kOperands, &Quotient},
      {Pattern("multiply <a> (by|and|with|times) <b>"), kOperands, &Times},
      {Pattern("add <a> to <b>"), kOperands, &Plus},
      {Pattern("subtract <a> from <b>"), kOperands, &SubtractFrom},
      {Pattern("<a> subtracted from <b>"), kOperands, &SubtractFrom},
      {Pattern("raise <a> to the power [of] <b>"), kOperands, &Raise},
      {Pattern("[the] remainder (when|if|of) <a> [is|gets] divided by <b>"), kOperands, &Remainder},
      {Pattern("[the] remainder of <a> / <b>"), kOperands, &Remainder},
      {Pattern("[the] remainder (when|of) dividing <a> by <b>"), kOperands, &Remainder},
      {Pattern("[the] square of <x>"), kOperands, &Square},
      {Pattern("[the] cube of <x>"), kOperands, &Cube},
      {Pattern("(double|twice) <x>"), kOperands, &Twice},
      {Pattern("(triple|thrice) <x>"), kOperands, &Thrice},
      {Pattern("half <x>"), kOperands, &Half},
      {Pattern("[the] reciprocal of <x>"), kOperands, &Reciprocal},
      {Pattern("[the] (log|logarithm) [to] [the] base <b> of <x>"), kOperands, &LogBase},
      {Pattern("[the] number of ways to choose <k> [items|objects|things|elements] (from|out "
               "of|of) <n> [items|objects|things|elements]"),
       kOperands, &ChooseFrom},
      {Pattern("increase <x> by <p> (%|percent)"), kOperands, &Increase},
      {Pattern("<x> increased by <p> (%|percent)"), kOperands, &Increase},
      {Pattern("(decrease|reduce) <x> by <p> (%|percent)"), kOperands, &Decrease},
      {Pattern("<x> (decreased|reduced) by <p> (%|percent)"), kOperands, &Decrease},
      {Pattern("<x> (with|after|at) a <p> (%|percent) discount"), kOperands, &Decrease},
      {Pattern("<p> (%|percent) off [of] <x>"), kOperands, &Off},
      {Pattern("<p> (%|percent) less than <x>"), kOperands, &Off},
      {Pattern("<p> (%|percent) more than <x>"), kOperands, &MoreThan},
      {Pattern("[a|the] <p> (%|percent) tip (on|for) [a|the] [bill of] <x> [bill|meal]"), kOperands,
       &ShareOf},
  };
  return phrases;
}

// Their results are ratios, shown as percentages.
const std::vector<Phrase>& PercentagePhrases() {
  using enum SlotUse;
  static const std::vector<Phrase> phrases = {
      {Pattern("(what|which) (percent|percentage|%) of <x> is <y>"), kOperands, &PercentOfIs},
      {Pattern("(what|which) (percent|percentage|%) is <y> of <x>"), kOperands, &Quotient},
      {Pattern("<y> is what (percent|percentage|%) of <x>"), kOperands, &Quotient},
      {Pattern("<y> as a (percent|percentage) of <x>"), kOperands, &Quotient},
      {Pattern("[the] (percent|percentage|%) (change|increase|decrease) from <a> to <b>"),
       kOperands, &PercentChange},
  };
  return phrases;
}

// Nothing next to it could attach to a part of it.
bool IsSimple(const Expr& expr) {
  if (expr.parenthesised) return true;
  const auto number = [&](std::size_t i) { return expr.args[i]->op == Op::kNumber; };
  switch (expr.op) {
    case Op::kNumber:
    case Op::kCall:
    case Op::kPower:
    case Op::kFactorial:
    case Op::kPi:
    case Op::kEuler: return true;
    case Op::kNegate: return number(0);
    case Op::kDivide: return number(0) && number(1);
    default: return false;
  }
}

// "add 3 and 4 times 5" could mean 35 as well as 23.
Result<Operands> ReadList(std::string_view text) {
  Result<Operands> items = ParseCalculationList(text);
  if (!items) return items;
  for (const ExprPtr& item : *items) {
    if (!IsSimple(*item)) return Fail("it is unclear how far the list reaches; use parentheses");
  }
  return items;
}

std::optional<Operands> ReadOperands(const Slots& slots) {
  Operands operands;
  for (const std::string_view slot : slots) {
    ExprPtr operand = SimpleOperand(slot);
    if (!operand) return std::nullopt;
    operands.push_back(std::move(operand));
  }
  return operands;
}

// An operand that is itself a percentage ("increase 80 by 15% percent", "50% off 20%") makes no
// clear sense here.
bool HasBarePercent(const Operands& operands) {
  for (const ExprPtr& operand : operands) {
    if (Contains(*operand, Op::kPercent)) return true;
  }
  return false;
}

std::optional<Built> TryPhrase(const Phrase& phrase, std::span<const Token> tokens) {
  std::optional<Built> built;
  const bool matched = phrase.pattern.Match(tokens, [&](const Slots& slots) {
    if (phrase.reading == SlotUse::kList) {
      Result<Operands> items = ReadList(slots[0]);
      built = items ? Built(phrase.build(*items)) : Built(items.error());
      return items.ok();
    }
    const auto operands = ReadOperands(slots);
    if (!operands || HasBarePercent(*operands)) return false;
    built = Built(phrase.build(*operands));
    return true;
  });
  if (!matched && phrase.reading == SlotUse::kOperands) return std::nullopt;
  return built;
}

std::optional<Result<ArithmeticQuestion>> TryAll(const std::vector<Phrase>& phrases,
                                                 std::span<const Token> tokens, Form form) {
  for (const Phrase& phrase : phrases) {
    const std::optional<Built> built = TryPhrase(phrase, tokens);
    if (!built) continue;
    if (!*built) return Result<ArithmeticQuestion>(built->error());
    ArithmeticQuestion question{.root = **built};
    question.presentation.form = form;
    return Result<ArithmeticQuestion>(std::move(question));
  }
  return std::nullopt;
}

// The 4th root of 16.
std::optional<Result<ArithmeticQuestion>> NthRoot(std::span<const Token> tokens) {
  static const Pattern pattern("[the] <n> root of <x>");
  ExprPtr root;
  const bool matched = pattern.Match(tokens, [&](const Slots& slots) {
    const auto degree = ParseOrdinal(LowerAscii(slots[0]));
    ExprPtr operand = SimpleOperand(slots[1]);
    if (!degree || *degree < 2 || *degree > 1000 || !operand) return false;
    root = BinaryExpr(Op::kPower, Group(operand),
                      Parenthesised(BinaryExpr(Op::kDivide, Number(1), Number(*degree))));
    return true;
  });
  if (!matched) return std::nullopt;
  return Result<ArithmeticQuestion>(ArithmeticQuestion{.root = root});
}

}  // namespace

ExprPtr SimpleOperand(std::string_view text) {
  Result<Calculation> calculation = ParseCalculation(text);
  if (!calculation || !calculation->notes.empty()) return nullptr;
  return IsSimple(*calculation->root) ? calculation->root : nullptr;
}

std::optional<Result<ArithmeticQuestion>> MatchCalculationPhrase(std::span<const Token> tokens) {
  if (auto question = TryAll(PercentagePhrases(), tokens, Form::kPercentage)) return question;
  if (auto question = TryAll(Phrases(), tokens, Form::kPlain)) return question;
  return NthRoot(tokens);
}

}  // namespace moerge::tools
