#include "adapters/tools/arithmetic_answer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/tools/evaluator.h"
#include "adapters/tools/integer_functions.h"
#include "adapters/tools/number_format.h"
#include "adapters/tools/request.h"

namespace moerge::tools {
namespace {

constexpr std::size_t kDefaultDigits = 20;
constexpr std::size_t kMaxDecimals = 60;
constexpr std::size_t kMaxAnswerDigits = 10000;
constexpr std::size_t kMaxWorking = 300;

std::string Marked(bool exact, std::string text) {
  return (exact ? "" : kApproximately) + std::move(text);
}

std::string InBase(const mpz_class& value, int base) {
  static const std::string prefixes[] = {"0b", "0o", "0x"};
  const std::string& prefix = prefixes[base == 2 ? 0 : (base == 8 ? 1 : 2)];
  return (value < 0 ? "-" : "") + prefix + mpz_class(abs(value)).get_str(base);
}

std::string MixedText(const mpq_class& value) {
  const mpz_class whole = abs(value.get_num()) / value.get_den();
  const mpq_class part = abs(value) - whole;
  if (part == 0) return value.get_str();
  return (value < 0 ? "-" : "") + (whole == 0 ? "" : whole.get_str() + " ") + part.get_str();
}

// Places or significant digits as asked; exactness is judged by the rounded value itself.
std::string RoundedRational(const mpq_class& value, const Presentation& how) {
  const std::string text =
      how.places ? RoundToPlaces(value, *how.places) : RoundToSignificant(value, *how.significant);
  const auto exact = ExactDecimal(value, 2000);
  const auto shown = [](std::string number) {
    if (number.find('.') == std::string::npos) return number;
    number.erase(number.find_last_not_of('0') + 1);
    if (number.back() == '.') number.pop_back();
    return number;
  };
  return Marked(exact && shown(*exact) == shown(text), text);
}

std::string NearestText(const mpq_class& value, const mpq_class& unit) {
  const mpq_class steps = value / unit;
  const mpz_class down = Floor(abs(steps) + mpq_class(1, 2));
  const mpq_class rounded = (steps < 0 ? mpq_class(-down) : mpq_class(down)) * unit;
  return Marked(rounded == value, *ExactDecimal(rounded, 3));
}

std::string MoneyText(const mpq_class& value) {
  const auto exact = ExactDecimal(value, 20);
  const std::string cents = RoundToPlaces(value, 2);
  if (!exact) return Marked(false, cents);
  const std::size_t point = exact->find('.');
  if (point == std::string::npos) return *exact;
  return exact->size() - point <= 3 ? cents : *exact;
}

bool HasDecimalLiteral(const Expr& expr) {
  if (expr.op == Op::kNumber) return expr.text.find('.') != std::string::npos;
  return std::any_of(expr.args.begin(), expr.args.end(),
                     [](const ExprPtr& arg) { return HasDecimalLiteral(*arg); });
}

// 0.5 (1/2); 22/7 ≈ 3.142...
std::string PlainRational(const mpq_class& value, const Expr& root) {
  if (value.get_den() == 1) return value.get_num().get_str();
  const std::string fraction = FractionText(value);
  const auto exact = ExactDecimal(value, kMaxDecimals);
  const bool fractions = Contains(root, Op::kDivide) && !HasDecimalLiteral(root);
  if (exact) return fractions && fraction.size() <= 12 ? *exact + " (" + fraction + ")" : *exact;
  const std::string rounded = RoundToSignificant(value, kDefaultDigits);
  return fraction.size() <= 60 ? fraction + " ≈ " + rounded : kApproximately + rounded;
}

Result<std::string> RationalText(const mpq_class& value, const ArithmeticQuestion& question) {
  const Presentation& how = question.presentation;
  if (std::max(DigitCount(value.get_num()), DigitCount(value.get_den())) > kMaxAnswerDigits) {
    return Fail("the result has more than 10,000 digits");
  }
  if (how.places || how.significant) return RoundedRational(value, how);
  if (how.nearest) return NearestText(value, *how.nearest);
  switch (how.form) {
    case Form::kFraction: return FractionText(value);
    case Form::kMixed: return MixedText(value);
    case Form::kDecimal: return DecimalText(value, kDefaultDigits);
    case Form::kPercentage: return DecimalText(value * 100, kDefaultDigits) + "%";
    case Form::kBase:
      if (value.get_den() != 1) return Fail("only whole numbers are shown in another base");
      return InBase(value.get_num(), how.base);
    case Form::kPlain: break;
  }
  return question.currency.empty() ? PlainRational(value, *question.root) : MoneyText(value);
}

// sqrt(2) * sqrt(8) reads better as 4 than as 4.0000000000000000000.
std::string WithoutZeroTail(std::string text) {
  const std::size_t last = text.find_last_not_of('0');
  if (text.find('.') == std::string::npos || text.find('e') != std::string::npos ||
      text.size() - last < 9)
    return text;
  text.erase(text[last] == '.' ? last : last + 1);
  return text;
}

std::optional<std::string> RealTextAt(const ArithmeticQuestion& question, mpfr_prec_t precision) {
  Evaluator evaluator(precision);
  const Result<Value> value = evaluator.Evaluate(*question.root);
  if (!value) return std::nullopt;
  const Presentation& how = question.presentation;
  const Real real = evaluator.ToReal(*value);
  if (mpfr_regular_p(real.get()) != 0 && std::abs(mpfr_get_exp(real.get())) > 2000000)
    return std::nullopt;
  const bool fits = mpfr_zero_p(real.get()) != 0 || mpfr_get_exp(real.get()) < 4000;
  if ((how.places || how.nearest == mpq_class(1)) && fits)
    return RealToPlaces(real, how.places.value_or(0));
  return how.significant ? RealText(real, *how.significant)
                         : WithoutZeroTail(RealText(real, kDefaultDigits));
}

// Rounded at two precisions: equal texts mean that no digit shown hangs on the error of the
// computation.
Result<std::string> IrrationalText(const ArithmeticQuestion& question) {
  const Presentation& how = question.presentation;
  const bool plain = how.form == Form::kPlain || how.form == Form::kDecimal;
  if (!plain || (how.nearest && *how.nearest != 1))
    return Fail("the result is irrational and cannot be shown that way");
  const std::size_t digits =
      std::max(how.significant.value_or(kDefaultDigits), how.places.value_or(0) + kDefaultDigits);
  const auto precision = static_cast<mpfr_prec_t>(digits * 4 + 128);
  const auto text = RealTextAt(question, precision);
  if (!text || text != RealTextAt(question, precision * 2))
    return Fail("the result cannot be rounded reliably");
  return kApproximately + *text;
}

// How many factors of money the value has; nothing when amounts are mixed with plain numbers.
std::optional<int> MoneyDegree(const Expr& expr) {
  if (expr.op == Op::kNumber) return expr.money ? 1 : 0;
  std::vector<int> degrees;
  for (const ExprPtr& arg : expr.args) {
    const auto degree = MoneyDegree(*arg);
    if (!degree) return std::nullopt;
    degrees.push_back(*degree);
  }
  switch (expr.op) {
    case Op::kNegate: return degrees[0];
    case Op::kAdd:
    case Op::kSubtract:
      return degrees[0] == degrees[1] ? std::optional<int>(degrees[0]) : std::nullopt;
    case Op::kMultiply:
    case Op::kOf: return degrees[0] + degrees[1];
    case Op::kDivide: return degrees[0] - degrees[1];
    default: break;
  }
  const bool none =
      std::all_of(degrees.begin(), degrees.end(), [](int degree) { return degree == 0; });
  return none ? std::optional<int>(0) : std::nullopt;
}

std::string WithCurrency(std::string text, const std::string& currency) {
  const std::size_t at =
      text.starts_with(kApproximately) ? std::string_view(kApproximately).size() : 0;
  const bool negative = text.substr(at).starts_with('-');
  return text.insert(at + (negative ? 1 : 0), currency);
}

std::string Notes(const std::vector<std::string>& notes) {
  std::string text;
  for (const std::string& note : notes) {
    if (text.find(note) == std::string::npos) text += (text.empty() ? " (" : ", ") + note;
  }
  return text.empty() ? text : text + ")";
}

std::string Working(const Expr& root, const std::string& result) {
  const std::string equals = result.starts_with(kApproximately) ? " " : " = ";
  const std::string text = ExprText(root) + equals + result;
  return text.size() <= kMaxWorking ? text : "computed with exact arithmetic";
}

}  // namespace

ToolReply AnswerCalculation(const ArithmeticQuestion& question) {
  ArithmeticQuestion asked = question;
  const auto degree = MoneyDegree(*asked.root);
  if (!degree || *degree < 0 || *degree > 1)
    return Declined("amounts of money are mixed with plain numbers");
  if (*degree == 0) asked.currency.clear();
  Evaluator evaluator(256);
  const Result<Value> value = evaluator.Evaluate(*asked.root);
  if (!value) return Declined(value.error().message);
  const Result<std::string> text =
      value->rational() ? RationalText(value->exact, asked) : IrrationalText(asked);
  if (!text) return Declined(text.error().message);
  const std::string shown = asked.currency.empty() ? *text : WithCurrency(*text, asked.currency);
  return Answered(shown + Notes(asked.notes), Working(*asked.root, shown));
}

Result<mpq_class> ExactValue(const Expr& expr) {
  Evaluator evaluator(256);
  Result<Value> value = evaluator.Evaluate(expr);
  if (!value) return std::move(value).error();
  if (!value->rational()) return Fail("that needs a rational number");
  return std::move(value->exact);
}

}  // namespace moerge::tools
