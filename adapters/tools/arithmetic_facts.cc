// Yes-or-no questions about numbers, factors and comparisons.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/tools/arithmetic_phrases.h"
#include "adapters/tools/expression_parser.h"
#include "adapters/tools/integer_functions.h"
#include "adapters/tools/request.h"

namespace moerge::tools {
namespace {

using Numbers = std::vector<mpq_class>;
using Factors = std::vector<std::pair<mpz_class, unsigned>>;

struct Fact {
  Pattern pattern;
  bool integers;  // the slots must be whole numbers
  ToolReply (*answer)(const Numbers&);
};

ToolReply YesNo(bool yes, const std::string& statement, const std::string& working) {
  return Answered((yes ? "Yes, " : "No, ") + statement, working);
}

std::string Is(bool yes) { return yes ? " is " : " is not "; }

std::string FactorText(const Factors& factors) {
  std::string text;
  for (const auto& [prime, times] : factors) {
    text += (text.empty() ? "" : " * ") + prime.get_str() +
            (times > 1 ? "^" + std::to_string(times) : "");
  }
  return text;
}

ToolReply Prime(const Numbers& n) {
  const mpz_class number = n[0].get_num();
  const Result<bool> prime = IsPrime(number);
  if (!prime) return Declined(prime.error().message);
  const std::string statement = number.get_str() + Is(*prime) +
                                (*prime && BitSize(number) > 64 ? "a probable prime" : "prime");
  const auto factors = !*prime && number > 1 ? Factorize(number) : Result<Factors>(Factors{});
  const bool shown = factors.ok() && !factors->empty();
  return YesNo(*prime, statement,
               shown ? number.get_str() + " = " + FactorText(*factors)
                     : "primality test of " + number.get_str());
}

ToolReply Parity(const Numbers& n, bool want_even) {
  const bool even = mpz_even_p(n[0].get_num_mpz_t()) != 0;
  const std::string statement = n[0].get_str() + " is " + (even ? "even" : "odd");
  return YesNo(even == want_even, statement, n[0].get_str() + " mod 2 = " + (even ? "0" : "1"));
}
ToolReply Even(const Numbers& n) { return Parity(n, true); }
ToolReply Odd(const Numbers& n) { return Parity(n, false); }

ToolReply Divisible(const Numbers& n) {
  if (n[1] == 0) return Declined("nothing is divisible by zero");
  const mpq_class remainder = FloorModulo(n[0], abs(n[1]));
  const bool yes = remainder == 0;
  return YesNo(
      yes, n[0].get_str() + Is(yes) + "divisible by " + n[1].get_str(),
      n[0].get_str() + " mod " + mpq_class(abs(n[1])).get_str() + " = " + remainder.get_str());
}
ToolReply Divides(const Numbers& n) { return Divisible({n[1], n[0]}); }

ToolReply PerfectSquare(const Numbers& n) {
  const bool yes = n[0] >= 0 && mpz_perfect_square_p(n[0].get_num_mpz_t()) != 0;
  const std::string working =
      yes ? mpz_class(sqrt(n[0].get_num())).get_str() + "^2 = " + n[0].get_str()
          : "no whole number squared gives it";
  return YesNo(yes, n[0].get_str() + Is(yes) + "a perfect square", working);
}

ToolReply PrimeFactors(const Numbers& n) {
  if (n[0] < 2) return Declined("prime factors exist for whole numbers from 2");
  const Result<Factors> factors = Factorize(n[0].get_num());
  if (!factors) return Declined(factors.error().message);
  return Answered(n[0].get_str() + " = " + FactorText(*factors), "factored by trial division");
}

Result<std::vector<mpz_class>> AllDivisors(const mpz_class& number) {
  if (number < 1) return Fail("divisors are listed for positive whole numbers");
  Result<Factors> factors = number == 1 ? Result<Factors>(Factors{}) : Factorize(number);
  if (!factors) return std::move(factors).error();
  std::vector<mpz_class> divisors = {1};
  for (const auto& [prime, times] : *factors) {
    const std::size_t before = divisors.size();
    if (before * (times + 1) > 2000) return Fail("the number has too many divisors to list");
    mpz_class power = 1;
    for (unsigned i = 0; i < times; ++i) {
      power *= prime;
      for (std::size_t j = 0; j < before; ++j) divisors.emplace_back(divisors[j] * power);
    }
  }
  std::sort(divisors.begin(), divisors.end());
  return divisors;
}

ToolReply ListDivisors(const Numbers& n) {
  const Result<std::vector<mpz_class>> divisors = AllDivisors(n[0].get_num());
  if (!divisors) return Declined(divisors.error().message);
  std::string text;
  for (const mpz_class& divisor : *divisors) text += (text.empty() ? "" : ", ") + divisor.get_str();
  return Answered(
      text, "the " + std::to_string(divisors->size()) + " positive divisors of " + n[0].get_str());
}

ToolReply CountDivisors(const Numbers& n) {
  const Result<std::vector<mpz_class>> divisors = AllDivisors(n[0].get_num());
  if (!divisors) return Declined(divisors.error().message);
  return Answered(std::to_string(divisors->size()),
                  "the number of positive divisors of " + n[0].get_str());
}

ToolReply NextPrime(const Numbers& n) {
  const mpz_class number = n[0].get_num();
  if (BitSize(number) > 64 || number < 0) return Declined("the number is too large or negative");
  mpz_class next;
  mpz_nextprime(next.get_mpz_t(), number.get_mpz_t());
  return Answered(next.get_str(),
                  "the next prime after " + number.get_str() + " is " + next.get_str());
}

std::string Relation(const mpq_class& left, const mpq_class& right) {
  return left < right ? " < " : (left > right ? " > " : " = ");
}

ToolReply Comparison(const Numbers& n) {
  return Answered(n[0].get_str() + Relation(n[0], n[1]) + n[1].get_str(), "compared exactly");
}

std::vector<Fact> MakeFacts() {
  std::vector<Fact> facts;
  const auto add = [&](std::string_view pattern, ToolReply (*answer)(const Numbers&)) {
    facts.push_back({Pattern(pattern), true, answer});
  };
  add("is <n> [a] prime [number]", &Prime);
  add("is <n> (even|an even number)", &Even);
  add("is <n> (odd|an odd number)", &Odd);
  add("is <n> [evenly] divisible by <m>", &Divisible);
  add("is <n> a multiple of <m>", &Divisible);
  add("is <n> a (factor|divisor) of <m>", &Divides);
  add("is <n> a (perfect square|square number)", &PerfectSquare);
  add("[the] prime (factors|factorization|factorisation|decomposition) of <n>", &PrimeFactors);
  add("(factorize|factorise|factor) <n> [into primes]", &PrimeFactors);
  add("(all the|the|all) (factors|divisors) of <n>", &ListDivisors);
  add("(factors|divisors) of <n>", &ListDivisors);
  add("how many (factors|divisors) does <n> have", &CountDivisors);
  add("[the] next prime [number] after <n>", &NextPrime);
  add("[the] (smallest|first) prime [number] (greater|larger|bigger) than <n>", &NextPrime);
  facts.push_back({Pattern("compare <a> (and|with|to) <b>"), false, &Comparison});
  return facts;
}

struct Named {
  std::string text;
  mpq_class value;
};

std::optional<Named> ReadNumberSlot(std::string_view slot) {
  const ExprPtr operand = SimpleOperand(slot);
  if (!operand) return std::nullopt;
  Result<mpq_class> value = ExactValue(*operand);
  if (!value) return std::nullopt;
  return Named{.text = ExprText(*operand), .value = *std::move(value)};
}

ToolReply WhichIs(const Named& a, const Named& b, bool larger) {
  const std::string working = a.text + Relation(a.value, b.value) + b.text;
  if (a.value == b.value) return Answered("They are equal: " + working, working);
  return Answered((a.value > b.value) == larger ? a.text : b.text, working);
}

// Shows the numbers as the request writes them: 9.9, not 99/10.
std::optional<ToolReply> MatchComparison(std::span<const Token> tokens) {
  struct Question {
    Pattern pattern;
    bool larger;
    bool which;
  };
  static const std::vector<Question> questions = {
      {Pattern("(which|what) [number|one] is (larger|bigger|greater|higher) [:|,] <a> or <b>"),
       true, true},
      {Pattern("(which|what) [number|one] is (smaller|less|lower) [:|,] <a> or <b>"), false, true},
      {Pattern("is <a> (larger|bigger|greater|more|higher) than <b>"), true, false},
      {Pattern("is <a> (smaller|less|lower) than <b>"), false, false},
  };
  std::optional<ToolReply> reply;
  for (const Question& question : questions) {
    const bool matched = question.pattern.Match(tokens, [&](const Slots& slots) {
      const auto a = ReadNumberSlot(slots[0]);
      const auto b = ReadNumberSlot(slots[1]);
      if (!a || !b) return false;
      const std::string working = a->text + Relation(a->value, b->value) + b->text;
      const bool yes = question.larger ? a->value > b->value : a->value < b->value;
      reply = question.which ? WhichIs(*a, *b, question.larger) : YesNo(yes, working, working);
      return true;
    });
    if (matched) return reply;
  }
  return std::nullopt;
}

}  // namespace

std::optional<ToolReply> MatchNumberFact(std::span<const Token> tokens) {
  static const std::vector<Fact> facts = MakeFacts();
  if (auto reply = MatchComparison(tokens)) return reply;
  std::optional<ToolReply> reply;
  for (const Fact& fact : facts) {
    const bool matched = fact.pattern.Match(tokens, [&](const Slots& slots) {
      Numbers numbers;
      for (const std::string_view slot : slots) {
        const auto number = ReadNumberSlot(slot);
        if (!number || (fact.integers && number->value.get_den() != 1)) return false;
        numbers.push_back(number->value);
      }
      reply = fact.answer(numbers);
      return true;
    });
    if (matched) return reply;
  }
  return std::nullopt;
}

}  // namespace moerge::tools
