#include "services/access/login_limit.h"

#include <gtest/gtest.h>

#include <string>

namespace moerge {
namespace {

using std::chrono::seconds;
constexpr LoginLimit::Clock::time_point kStart(std::chrono::hours(1000));

TEST(LoginLimit, AnAddressThatGuessesWaitsAndOthersDoNot) {
  LoginLimit limit;
  for (int i = 0; i < static_cast<int>(LoginLimit::kEach); ++i) {
    EXPECT_EQ(limit.Wait("10.0.0.1", kStart).count(), 0) << i;
    limit.Failed("10.0.0.1", kStart);
  }
  const auto wait = limit.Wait("10.0.0.1", kStart);
  EXPECT_EQ(wait, seconds(12));
  EXPECT_EQ(limit.Wait("10.0.0.2", kStart).count(), 0);
  EXPECT_EQ(limit.Wait("10.0.0.1", kStart + wait).count(), 0);
}

TEST(LoginLimit, AllTogetherAreLimitedToo) {
  LoginLimit limit;
  for (int i = 0; i < static_cast<int>(LoginLimit::kAll); ++i) {
    limit.Failed("10.0.0." + std::to_string(i), kStart);
  }
  EXPECT_GT(limit.Wait("10.1.0.1", kStart).count(), 0);
  EXPECT_EQ(limit.Wait("10.1.0.1", kStart + seconds(60)).count(), 0);
}

}  // namespace
}  // namespace moerge
