#include "services/calls/retry_rules.h"

#include <gtest/gtest.h>

namespace moerge {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Failure After(const Error& error) {
  return Failure{.error = error, .max_retries = 2, .left = seconds(60)};
}

Reaction Judge(const Failure& failure, double chance = 0) {
  return AfterFailure(failure, RetryRules{}, chance);
}

TEST(RetryRules, TriesAgainAfterConnectionFailureAnd429) {
  for (const ErrorCode code : {ErrorCode::kUnavailable, ErrorCode::kRateLimited}) {
    const Error error{code, "x"};
    EXPECT_EQ(Judge(After(error)).step, NextStep::kRetry);
  }
}

TEST(RetryRules, GoesOnToTheNextExpertWhenAnotherTryCannotHelp) {
  for (const ErrorCode code : {ErrorCode::kInvalid, ErrorCode::kUpstream, ErrorCode::kUnauthorized,
                               ErrorCode::kTimeout, ErrorCode::kNoExpert}) {
    const Error error{code, "x"};
    EXPECT_EQ(Judge(After(error)).step, NextStep::kNextExpert) << static_cast<int>(code);
  }
}

TEST(RetryRules, LastRetryIsFollowedByTheNextExpert) {
  const Error error{ErrorCode::kUnavailable, "x"};
  Failure failure = After(error);
  failure.retry = 1;
  EXPECT_EQ(Judge(failure).step, NextStep::kRetry);
  failure.retry = 2;
  EXPECT_EQ(Judge(failure).step, NextStep::kNextExpert);
}

TEST(RetryRules, RefusalByTheGateIsNotRetried) {
  const Error error{ErrorCode::kUnavailable, "the breaker is open"};
  Failure failure = After(error);
  failure.reached_expert = false;
  EXPECT_EQ(Judge(failure).step, NextStep::kNextExpert);
}

TEST(RetryRules, CancelledBegunAndOverdueStop) {
  const Error cancelled{ErrorCode::kCancelled, "x"};
  EXPECT_EQ(Judge(After(cancelled)).step, NextStep::kStop);
  const Error broken{ErrorCode::kUnavailable, "x"};
  Failure begun = After(broken);
  begun.answer_begun = true;
  EXPECT_EQ(Judge(begun).step, NextStep::kStop);
  Failure late = After(broken);
  late.left = {};
  EXPECT_EQ(Judge(late).step, NextStep::kStop);
}

TEST(RetryRules, BackoffDoublesAndIsCapped) {
  const Error error{ErrorCode::kUnavailable, "x"};
  Failure failure = After(error);
  failure.max_retries = 100;
  EXPECT_EQ(Judge(failure).wait, milliseconds(50));
  failure.retry = 2;
  EXPECT_EQ(Judge(failure).wait, milliseconds(200));
  failure.retry = 90;
  EXPECT_EQ(Judge(failure).wait, seconds(2));
}

TEST(RetryRules, ChanceCutsAWaitByAtMostHalf) {
  const Error error{ErrorCode::kUnavailable, "x"};
  EXPECT_EQ(Judge(After(error), 0.5).wait, std::chrono::microseconds(37'500));
  EXPECT_GE(Judge(After(error), 0.999).wait, milliseconds(25));
}

TEST(RetryRules, RetryAfterIsHonouredUpToItsCap) {
  Error error{ErrorCode::kUnavailable, "x"};
  error.retry_after = seconds(10);
  EXPECT_EQ(Judge(After(error)).wait, seconds(10));
  error.retry_after = seconds(11);
  EXPECT_EQ(Judge(After(error)).step, NextStep::kNextExpert);
}

TEST(RetryRules, ALimitOfRateIsTriedAgainOnlyWhereNoOtherExpertIsLeftAndTheWaitIsShort) {
  Error error{ErrorCode::kRateLimited, "x"};
  Failure failure = After(error);
  EXPECT_EQ(Judge(failure).step, NextStep::kRetry);
  EXPECT_EQ(Judge(failure).wait, seconds(0));  // its gate waits
  failure.last_resort = false;
  EXPECT_EQ(Judge(failure).step, NextStep::kNextExpert);
  error.retry_after = seconds(1);
  EXPECT_EQ(Judge(After(error)).step, NextStep::kNextExpert);
}

TEST(RetryRules, NoWaitOutlastsTheDeadline) {
  Error error{ErrorCode::kUnavailable, "x"};
  error.retry_after = seconds(5);
  Failure failure = After(error);
  failure.left = seconds(5);
  EXPECT_EQ(Judge(failure).step, NextStep::kNextExpert);
}

TEST(RetryRules, WhatTheRequestGotWrongSaysMost) {
  const ErrorCode order[] = {ErrorCode::kInvalid, ErrorCode::kRateLimited, ErrorCode::kOverloaded,
                             ErrorCode::kTimeout, ErrorCode::kUpstream,    ErrorCode::kUnavailable,
                             ErrorCode::kNoExpert};
  for (std::size_t i = 0; i + 1 < std::size(order); ++i) {
    EXPECT_TRUE(IsMoreInformative(Error{order[i], ""}, Error{order[i + 1], ""})) << i;
    EXPECT_FALSE(IsMoreInformative(Error{order[i + 1], ""}, Error{order[i], ""})) << i;
  }
}

}  // namespace
}  // namespace moerge
