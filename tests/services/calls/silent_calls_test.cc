#include "services/calls/silent_calls.h"

#include <gtest/gtest.h>

#include <deque>
#include <string_view>

namespace moerge {
namespace {

using std::chrono::seconds;

struct SilentCallsTest : testing::Test {
  SilentCalls::Clock::time_point At(int second) const { return begin + seconds(second); }
  void Send(int second, std::string_view model = "m") {
    under_way.emplace_back().Sent(&calls, model, At(second));
  }

  const SilentCalls::Clock::time_point begin{seconds(1'000)};
  SilentCalls calls;
  std::deque<SilentCalls::Call> under_way;
};

TEST_F(SilentCallsTest, ManyThatWaitLongAreStuck) {
  for (int second = 0; second < 4; ++second) Send(second);
  EXPECT_FALSE(calls.Stuck("m", seconds(2), At(100))) << "four are not many";
  Send(4);
  EXPECT_FALSE(calls.Stuck("m", seconds(2), At(5)));
  EXPECT_TRUE(calls.Stuck("m", seconds(2), At(6)));
  for (int second = 5; second < 20; ++second) Send(second);
  EXPECT_TRUE(calls.Stuck("m", seconds(2), At(20))) << "whatever came behind them";
}

TEST_F(SilentCallsTest, AnAnswerShowsThatItGoesOn) {
  for (int second = 0; second < 6; ++second) Send(second);
  under_way.back().Answered(At(10));
  EXPECT_FALSE(calls.Stuck("m", seconds(2), At(100))) << "long requests beside quick ones";
}

TEST_F(SilentCallsTest, AnAnswerBeforeTheyWereSentSaysNothing) {
  Send(0);
  under_way.front().Answered(At(1));
  for (int second = 2; second < 7; ++second) Send(second);
  EXPECT_TRUE(calls.Stuck("m", seconds(2), At(20)));
}

TEST_F(SilentCallsTest, ThoseThatHaveEndedWaitNoMore) {
  for (int second = 0; second < 5; ++second) Send(second);
  under_way.pop_front();
  EXPECT_FALSE(calls.Stuck("m", seconds(2), At(100)));
  under_way.front().Answered(At(5));
  under_way.front().Answered(At(6));
  EXPECT_FALSE(calls.Stuck("m", seconds(2), At(100)));
}

TEST_F(SilentCallsTest, ManyOfOneModelAreItsOwn) {
  for (int second = 0; second < 9; ++second) Send(second);
  EXPECT_TRUE(calls.Stuck("m", seconds(2), At(20)));
  EXPECT_FALSE(calls.Stuck("other", seconds(2), At(20)));
  EXPECT_FALSE(calls.AllStuck(seconds(2), At(20)));
}

TEST_F(SilentCallsTest, WhatAnotherModelAnswersIsNoAnswerOfThisOne) {
  for (int second = 0; second < 5; ++second) Send(second);
  Send(5, "other");
  EXPECT_TRUE(calls.AllStuck(seconds(2), At(20)));
  under_way.back().Answered(At(20));
  EXPECT_TRUE(calls.Stuck("m", seconds(2), At(20)));
  EXPECT_FALSE(calls.AllStuck(seconds(2), At(20)));
}

TEST_F(SilentCallsTest, ManyOfSeveralModelsAreTheBackends) {
  for (const std::string_view model : {"a", "b", "c", "d"}) Send(0, model);
  EXPECT_FALSE(calls.AllStuck(seconds(2), At(20)));
  Send(1, "a");
  EXPECT_TRUE(calls.AllStuck(seconds(2), At(20)));
  EXPECT_FALSE(calls.Stuck("a", seconds(2), At(20)));
  under_way.pop_front();
  EXPECT_FALSE(calls.AllStuck(seconds(2), At(20))) << "it was given up";
}

}  // namespace
}  // namespace moerge
