#include "services/access/key_account.h"

#include <gtest/gtest.h>

namespace moerge {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = KeyAccount::Clock;

ApiKey WithLimits(const KeyLimits& limits) {
  ApiKey key;
  key.name = "k";
  key.limits = limits;
  return key;
}

std::string ReasonOf(const Status& status) { return status ? "" : status.error().reason; }
Spending Costs(double usd, std::int64_t tokens = 0) {
  return {{.prompt_tokens = tokens, .completion_tokens = 0}, usd};
}

TEST(KeyAccount, RequestsAreLimitedByTheMinuteAndComeBackEvenly) {
  KeyAccount account("k");
  const ApiKey key = WithLimits({.requests_per_minute = 3});
  Clock::time_point now = Clock::now();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(account.Enter(key, now).ok());
    account.Leave();
  }
  const Status fourth = account.Enter(key, now);
  ASSERT_FALSE(fourth.ok());
  EXPECT_EQ(fourth.error().code, ErrorCode::kRateLimited);
  EXPECT_EQ(fourth.error().reason, KeyAccount::kTooFast);
  EXPECT_EQ(fourth.error().retry_after, seconds(20));
  const auto left = account.Left(now).requests;
  EXPECT_EQ(left.limit, 3);
  EXPECT_EQ(left.remaining, 0);
  EXPECT_EQ(left.reset, seconds(60));
  EXPECT_TRUE(account.Enter(key, now += seconds(20)).ok());
  EXPECT_FALSE(account.Enter(key, now).ok());
}

TEST(KeyAccount, AHigherLimitAddsWhatItIsHigherBy) {
  KeyAccount account("k");
  const Clock::time_point now = Clock::now();
  EXPECT_TRUE(account.Enter(WithLimits({.requests_per_minute = 1}), now).ok());
  EXPECT_FALSE(account.Enter(WithLimits({.requests_per_minute = 1}), now).ok());
  EXPECT_TRUE(account.Enter(WithLimits({.requests_per_minute = 2}), now).ok());
  EXPECT_FALSE(account.Enter(WithLimits({.requests_per_minute = 2}), now).ok());
}

TEST(KeyAccount, RequestsAtOnceAreLimitedAndBackgroundWorkTakesNoPlace) {
  KeyAccount account("k");
  const ApiKey key = WithLimits({.concurrent_requests = 1});
  const Clock::time_point now = Clock::now();
  EXPECT_TRUE(account.Enter(key, now).ok());
  EXPECT_EQ(ReasonOf(account.Enter(key, now)), KeyAccount::kTooMany);
  EXPECT_TRUE(account.EnterBackground(key, now).ok());
  account.Leave();
  EXPECT_TRUE(account.Enter(key, now).ok());
}

TEST(KeyAccount, TokensAreTakenByCallsAndRefuseWhatDoesNotFit) {
  KeyAccount account("k");
  const ApiKey key = WithLimits({.tokens_per_minute = 600});
  const Clock::time_point now = Clock::now();
  EXPECT_TRUE(account.Enter(key, now).ok());
  EXPECT_TRUE(account.MayTake(600, now).ok());
  EXPECT_EQ(account.MayTake(601, now).error().code, ErrorCode::kInvalid);  // it never fits
  EXPECT_TRUE(account.Reserve(Costs(0, 500)).ok());
  EXPECT_EQ(ReasonOf(account.MayTake(200, now)), KeyAccount::kTooFast);
  account.Settle(Costs(0, 500), Costs(0, 700));  // more than there was: the next ones wait
  EXPECT_EQ(ReasonOf(account.Enter(key, now)), KeyAccount::kTooFast);
  EXPECT_EQ(account.Left(now).tokens.remaining, 0);
  EXPECT_TRUE(account.Enter(key, Clock::now() + seconds(11)).ok());
}

TEST(KeyAccount, MoneyIsReservedAndSettled) {
  KeyAccount account("k");
  const ApiKey key = WithLimits({.budget_usd_day = 1, .budget_usd_month = 10});
  EXPECT_TRUE(account.Enter(key, Clock::now()).ok());
  EXPECT_TRUE(account.Reserve(Costs(0.6)).ok());
  const Status second = account.Reserve(Costs(0.6));
  EXPECT_EQ(ReasonOf(second), KeyAccount::kNoMoney);
  EXPECT_NE(second.error().message.find("daily budget of the key `k`"), std::string::npos);
  EXPECT_GT(second.error().retry_after.count(), 0);
  account.Settle(Costs(0.6), Costs(0.3));
  EXPECT_TRUE(account.Reserve(Costs(0.6)).ok());
  account.Settle(Costs(0.6), Costs(0.8));  // costs more than expected: known afterwards alone
  EXPECT_EQ(ReasonOf(account.Reserve(Costs(0))), KeyAccount::kNoMoney);
  EXPECT_EQ(ReasonOf(account.Enter(key, Clock::now())), KeyAccount::kNoMoney);
  EXPECT_NEAR(account.SpentBy(std::chrono::system_clock::now()).day_usd, 1.1, 1e-9);
}

TEST(KeyAccount, TheMonthHasABudgetOfItsOwn) {
  KeyAccount account("k");
  const ApiKey key = WithLimits({.budget_usd_month = 5});
  EXPECT_TRUE(account.Enter(key, Clock::now()).ok());
  account.NoteSpent({.when = std::chrono::system_clock::now(), .day_usd = 1, .month_usd = 4.5});
  const Status refused = account.Reserve(Costs(0.6));
  EXPECT_EQ(ReasonOf(refused), KeyAccount::kNoMoney);
  EXPECT_NE(refused.error().message.find("monthly"), std::string::npos);
  EXPECT_TRUE(account.Reserve(Costs(0.4)).ok());
}

TEST(KeyAccount, WhatOthersSpentIsTakenOverAndOursIsNotCountedTwice) {
  KeyAccount account("k");
  const ApiKey key = WithLimits({.budget_usd_day = 100});
  const auto wall = std::chrono::system_clock::now();
  Clock::time_point now = Clock::now();
  EXPECT_TRUE(account.WantsSpent(key, now));
  EXPECT_FALSE(account.WantsSpent(key, now));
  EXPECT_TRUE(account.WantsSpent(key, now + KeyAccount::kLookEvery));
  EXPECT_TRUE(account.Enter(key, now).ok());
  account.NoteSpent({.when = wall, .day_usd = 10, .month_usd = 10});
  EXPECT_TRUE(account.Reserve(Costs(2)).ok());
  account.Settle(Costs(2), Costs(2));
  EXPECT_TRUE(account.Reserve(Costs(1)).ok());
  account.NoteSpent({.when = wall, .day_usd = 12, .month_usd = 12});  // ours has arrived
  EXPECT_NEAR(account.SpentBy(wall).day_usd, 13, 1e-9);
  account.NoteSpent({.when = wall, .day_usd = 20, .month_usd = 20});  // another process
  EXPECT_NEAR(account.SpentBy(wall).day_usd, 21, 1e-9);
}

TEST(KeyAccount, AKeyWithoutBudgetAsksTheStoreNothing) {
  KeyAccount account("k");
  EXPECT_FALSE(account.WantsSpent(WithLimits({.requests_per_minute = 1}), Clock::now()));
}

TEST(KeyAccount, ALedgerThatGoesGivesBackWhatItReserved) {
  KeyAccount account("k");
  const ApiKey key = WithLimits({.budget_usd_day = 1});
  EXPECT_TRUE(account.Enter(key, Clock::now()).ok());
  {
    Ledger ledger;
    ledger.SetLimits({}, Clock::now(), &account);
    const Price price{.input = 1e6, .output = 1e6};
    EXPECT_TRUE(ledger.Reserve({.prompt_tokens = 0, .max_tokens = 1, .price = price}).ok());
    EXPECT_EQ(ReasonOf(account.Reserve(Costs(0.5))), KeyAccount::kNoMoney);
  }
  EXPECT_TRUE(account.Reserve(Costs(0.5)).ok());
}

TEST(KeyAccounts, OneForEachName) {
  KeyAccounts accounts;
  EXPECT_EQ(accounts.Find("a"), nullptr);
  const auto a = accounts.For("a");
  EXPECT_EQ(accounts.For("a"), a);
  EXPECT_EQ(accounts.Find("a"), a);
  EXPECT_NE(accounts.For("b"), a);
}

}  // namespace
}  // namespace moerge
