#include "config/base/deadline.h"

#include <gtest/gtest.h>

namespace moerge {
namespace {

using namespace std::chrono_literals;
using Clock = Deadline::Clock;

const Clock::time_point kNow{1000s};

TEST(Deadline, NeverDoesNotPass) {
  const Deadline never = Deadline::Never();
  EXPECT_TRUE(never.never());
  EXPECT_FALSE(never.Passed(kNow));
  EXPECT_GT(never.Left(kNow), 24h * 365);
}

TEST(Deadline, PassesExactlyAtItsTime) {
  const Deadline deadline = Deadline::After(5s, kNow);
  EXPECT_FALSE(deadline.Passed(kNow + 5s - 1ns));
  EXPECT_TRUE(deadline.Passed(kNow + 5s));
  EXPECT_EQ(deadline.Left(kNow + 2s), 3s);
  EXPECT_EQ(deadline.Left(kNow + 9s), 0s);
}

TEST(Deadline, AHugeDurationIsNeverAndDoesNotOverflow) {
  EXPECT_TRUE(Deadline::After(Clock::duration::max(), kNow).never());
}

TEST(Deadline, WithinTakesTheEarlier) {
  const Deadline deadline = Deadline::After(5s, kNow);
  EXPECT_EQ(deadline.Within(2s, kNow).when(), kNow + 2s);
  EXPECT_EQ(deadline.Within(8s, kNow).when(), kNow + 5s);
  EXPECT_EQ(Deadline::Never().Within(1s, kNow).when(), kNow + 1s);
}

}  // namespace
}  // namespace moerge
