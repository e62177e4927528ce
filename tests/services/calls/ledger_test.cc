#include "services/calls/ledger.h"

#include <gtest/gtest.h>

#include <vector>

namespace moerge {
namespace {

using std::chrono::milliseconds;

// 1000 tokens of prompt cost 0.002 USD, 500 of an answer 0.002.
constexpr Price kPrice{2, 4};

CallEstimate Call(std::int64_t prompt = 1000, std::int64_t max = 500) {
  return {prompt, max, kPrice};
}

Spending Took(std::int64_t prompt, std::int64_t completion, bool estimated = false) {
  return SpendingOf(kPrice, {prompt, completion, estimated});
}

Ledger With(const CallLimits& limits) {
  Ledger ledger;
  ledger.SetLimits(limits, Ledger::Clock::now());
  return ledger;
}

TEST(SpendingOfUsage, PartsWithPricesOfTheirOwnCostThose) {
  struct Row {
    const char* what;
    Price price;
    Usage usage;
    double usd;
  };
  const Price plain{2, 10};
  const Row rows[] = {
      {"no prices of their own", plain, {1000, 500, false, 400, 300, 200}, 0.007},
      {"cached", {2, 10, 0.5}, {1000, 500, false, 400, 300, 200}, 0.0064},
      {"cached for nothing", {2, 10, 0.0}, {1000, 0, false, 1000}, 0},
      {"reasoning", {2, 10, {}, 20.0}, {1000, 500, false, 400, 300, 200}, 0.010},
      {"speech", {2, 10, {}, {}, {}, 40.0, 80.0}, {1000, 500, false, 0, 0, 0, 100, 50}, 0.0143},
      {"pictures", {2, 10, {}, {}, 4.0}, {1000, 500, false, 0, 0, 200}, 0.0074},
      {"all of them", {2, 10, 0.5, 20.0, 4.0}, {1000, 500, false, 400, 300, 200}, 0.0098},
      {"more cached than there was", {2, 10, 1.0}, {1000, 0, false, 5000}, 0.001},
      {"pictures beside what is cached",
       {2, 10, 0.0, {}, 4.0},
       {1000, 0, false, 900, 0, 500},
       0.0004},
      {"counts below zero", {2, 10, 0.0, 0.0, 0.0}, {1000, 0, false, -5, -5, -5}, 0.002},
  };
  for (const Row& row : rows) {
    EXPECT_NEAR(SpendingOf(row.price, row.usage).cost_usd, row.usd, 1e-12) << row.what;
  }
}

TEST(Ledger, WithoutCeilingsEverythingMayBeReserved) {
  Ledger ledger;
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(ledger.Reserve(Call(1'000'000)).ok());
  EXPECT_EQ(ledger.calls(), 100);
  EXPECT_EQ(ledger.limit(), "");
}

TEST(Ledger, WhatIsReservedIsNotSpent) {
  Ledger ledger;
  ASSERT_TRUE(ledger.Reserve(Call()).ok());
  EXPECT_EQ(ledger.Settled().tokens(), 0);
  EXPECT_FALSE(ledger.Settled().usage.estimated);
}

TEST(Ledger, SettledIsTheSumOfWhatCallsTook) {
  Ledger ledger;
  const auto a = *ledger.Reserve(Call());
  const auto b = *ledger.Reserve(Call());
  ledger.Settle(a, Took(900, 100));
  ledger.Settle(b, Took(800, 50, true));
  const Spending all = ledger.Settled();
  EXPECT_EQ(all.usage.prompt_tokens, 1700);
  EXPECT_EQ(all.usage.completion_tokens, 150);
  EXPECT_TRUE(all.usage.estimated);
  EXPECT_DOUBLE_EQ(all.cost_usd, 0.004);
  EXPECT_EQ(ledger.SettledBut(b).usage.prompt_tokens, 900);
  EXPECT_FALSE(ledger.SettledBut(b).usage.estimated);
  EXPECT_EQ(ledger.SettledBy(a).tokens(), 1000);
}

TEST(Ledger, ALaterSettlementReplacesTheEarlierOne) {
  Ledger ledger;
  const auto entry = *ledger.Reserve(Call());
  EXPECT_FALSE(ledger.IsSettled(entry));
  ledger.SettlePrompt(entry);
  EXPECT_TRUE(ledger.IsSettled(entry));
  EXPECT_EQ(ledger.Settled().tokens(), 1000);
  EXPECT_TRUE(ledger.Settled().usage.estimated);
  EXPECT_DOUBLE_EQ(ledger.Settled().cost_usd, 0.002);
  ledger.Settle(entry, Took(990, 400));
  EXPECT_EQ(ledger.Settled().tokens(), 1390);
  ledger.Settle(entry, {});
  EXPECT_EQ(ledger.Settled().tokens(), 0);
  EXPECT_EQ(ledger.Settled().cost_usd, 0);
}

struct Case {
  const char* what;
  CallLimits limits;
  int allowed;  // of calls of 1000 + 500 tokens at 0.004 USD, all under way
  const char* limit;
  const char* why;
};

TEST(Ledger, CallsUnderWayCountAgainstTheCeilings) {
  const Case cases[] = {
      {"calls", {.calls = 2}, 2, "calls", "would be one call too many, the request allows 2"},
      {"tokens",
       {.tokens = 3000},
       2,
       "tokens",
       "would take the request to about 4500 tokens, it allows 3000"},
      {"one token less",
       {.tokens = 2999},
       1,
       "tokens",
       "would take the request to about 3000 tokens, it allows 2999"},
      {"cost",
       {.cost_usd = 0.0121},
       3,
       "cost",
       "would cost about 0.016 USD, the request allows 0.0121 USD"},
      {"none at all",
       {.tokens = 1},
       0,
       "tokens",
       "would take the request to about 1500 tokens, it allows 1"},
  };
  for (const Case& each : cases) {
    Ledger ledger = With(each.limits);
    int made = 0;
    Result<Ledger::Entry> entry = ledger.Reserve(Call());
    for (; entry.ok(); entry = ledger.Reserve(Call())) ++made;
    EXPECT_EQ(made, each.allowed) << each.what;
    EXPECT_EQ(ledger.calls(), each.allowed) << each.what;
    EXPECT_EQ(ledger.limit(), each.limit) << each.what;
    EXPECT_EQ(entry.error().message, each.why);
    EXPECT_EQ(entry.error().code, ErrorCode::kNoExpert);
  }
}

TEST(Ledger, WhatACallDidNotTakeIsFreeAgain) {
  Ledger ledger = With({.tokens = 1600});
  const auto first = *ledger.Reserve(Call());
  EXPECT_FALSE(ledger.Reserve(Call(100, 0)).ok() && ledger.Reserve(Call(100, 0)).ok());
  ledger.Settle(first, Took(10, 10));
  EXPECT_TRUE(ledger.Reserve(Call(1000, 400)).ok());
}

TEST(Ledger, AnAnswerWithoutABoundCostsWhatAUsualOneDoes) {
  Ledger ledger = With({.cost_usd = 0.004});
  EXPECT_FALSE(ledger.Reserve(Call(1000, 0)).ok()) << "512 tokens cost more than 0.002";
  EXPECT_TRUE(ledger.Reserve(Call(1000, 500)).ok());
}

TEST(Ledger, WhatNoCeilingRefusesCountsForTheOthers) {
  Ledger ledger = With({.calls = 1, .tokens = 2000});
  const auto signal = ledger.ReserveUnlimited(Call(5000));
  EXPECT_EQ(ledger.calls(), 0);
  ledger.Settle(signal, Took(400, 101));
  EXPECT_FALSE(ledger.Reserve(Call()).ok());
  EXPECT_TRUE(ledger.Reserve(Call(1000, 499)).ok());
}

TEST(Ledger, TimeEndsWithTheEarlierOfTwoDeadlines) {
  const auto begin = Ledger::Clock::now();
  Ledger ledger;
  const Deadline far = Deadline::At(begin + milliseconds(100));
  EXPECT_EQ(ledger.Within(far).when(), far.when());
  ledger.SetLimits({.time = milliseconds(40)}, begin);
  EXPECT_EQ(ledger.Within(far).when(), begin + milliseconds(40));
  EXPECT_EQ(ledger.Within(Deadline::At(begin + milliseconds(5))).when(), begin + milliseconds(5));
  ledger.NoteTimeUp();
  EXPECT_EQ(ledger.limit(), "time");
}

// Allows so many tokens.
class Purse final : public ClientAccount {
 public:
  explicit Purse(std::int64_t tokens) : left(tokens) {}
  Status Reserve(const Spending& expected) override {
    if (expected.tokens() > left) return Error{ErrorCode::kRateLimited, "is over the day's budget"};
    left -= expected.tokens();
    return Ok{};
  }
  void Settle(const Spending& before, const Spending& actual) override {
    left += before.tokens() - actual.tokens();
  }
  std::int64_t left;
};

TEST(Ledger, TheClientsAccountIsAskedAndToldWhatCallsTook) {
  Purse purse(2000);
  Ledger ledger;
  ledger.SetLimits({}, Ledger::Clock::now(), &purse);
  const auto entry = *ledger.Reserve(Call());
  EXPECT_EQ(purse.left, 500);
  const auto refused = ledger.Reserve(Call());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kRateLimited);
  EXPECT_EQ(ledger.limit(), "client");
  EXPECT_EQ(ledger.calls(), 1);
  ledger.Settle(entry, Took(1000, 200));
  EXPECT_EQ(purse.left, 800);
  ledger.Settle(entry, {});
  EXPECT_EQ(purse.left, 2000);
  ledger.Settle(ledger.ReserveUnlimited(Call()), Took(30, 0));
  EXPECT_EQ(purse.left, 1970);
}

TEST(Ledger, TheAccountIsNotToldOfWhatWasChargedBefore) {
  Purse purse(100);
  {
    Ledger ledger;
    ledger.SetLimits({}, Ledger::Clock::now(), &purse);
    const auto entry = ledger.Reserve(Call(), Ledger::Charge::kBefore);
    ASSERT_TRUE(entry.ok()) << "whatever is left";
    ledger.Settle(*entry, Took(1000, 200));
    ASSERT_TRUE(ledger.Reserve(Call(), Ledger::Charge::kBefore).ok());
    const auto routing = ledger.ReserveUnlimited(Call(), Ledger::Charge::kBefore);
    ledger.Settle(routing, Took(30, 0));
    EXPECT_EQ(ledger.Settled().tokens(), 1230);
    EXPECT_EQ(ledger.ChargedBut({}).tokens(), 0);
  }
  EXPECT_EQ(purse.left, 100);
}

TEST(Ledger, WhatTheRequestsOwnCeilingRefusesTheAccountIsNotAskedFor) {
  Purse purse(2000);
  Ledger ledger;
  ledger.SetLimits({.tokens = 10}, Ledger::Clock::now(), &purse);
  EXPECT_FALSE(ledger.Reserve(Call()).ok());
  EXPECT_EQ(purse.left, 2000);
}

}  // namespace
}  // namespace moerge
