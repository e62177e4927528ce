#include "services/calls/attempt.h"

#include <gtest/gtest.h>

namespace moerge {
namespace {

using std::chrono::milliseconds;

WaitClock::Clock::time_point Tick(int ms) {
  return WaitClock::Clock::time_point(milliseconds(1000 + ms));
}

TEST(WaitClock, StretchesOneAfterTheOtherAddUp) {
  WaitClock clock;
  clock.Begin(Tick(0));
  EXPECT_EQ(clock.End(Tick(10)), milliseconds(10));
  clock.Begin(Tick(30));
  EXPECT_EQ(clock.Until(Tick(34)), milliseconds(14));
  EXPECT_EQ(clock.ended(), milliseconds(10));
  EXPECT_EQ(clock.End(Tick(35)), milliseconds(5));
  EXPECT_EQ(clock.Until(Tick(99)), milliseconds(15));
}

TEST(WaitClock, WhatOverlapsCountsOnce) {
  WaitClock whole;
  WaitClock first(&whole);
  WaitClock second(&whole);
  WaitClock third(&whole);
  first.Begin(Tick(0));
  second.Begin(Tick(4));
  EXPECT_EQ(whole.under_way(), 2);
  EXPECT_EQ(first.End(Tick(6)), milliseconds(6));
  EXPECT_EQ(whole.ended(), milliseconds(0)) << "the second is under way";
  EXPECT_EQ(whole.Until(Tick(8)), milliseconds(8));
  third.Begin(Tick(10));
  EXPECT_EQ(third.End(Tick(12)), milliseconds(2)) << "within the second";
  EXPECT_EQ(second.End(Tick(20)), milliseconds(16));
  EXPECT_EQ(whole.under_way(), 0);
  EXPECT_EQ(whole.ended(), milliseconds(20));
  first.Begin(Tick(50));
  first.End(Tick(51));
  EXPECT_EQ(whole.ended(), milliseconds(21)) << "nothing was under way in between";
  EXPECT_EQ(first.ended(), milliseconds(7));
}

TEST(WaitClock, CallsSideBySideCountAsTheLongestOne) {
  WaitClock whole;
  WaitClock calls[] = {WaitClock(&whole), WaitClock(&whole), WaitClock(&whole)};
  for (WaitClock& call : calls) call.Begin(Tick(0));
  calls[0].End(Tick(100));
  calls[2].End(Tick(200));
  calls[1].End(Tick(300));
  EXPECT_EQ(whole.ended(), milliseconds(300));
}

}  // namespace
}  // namespace moerge
