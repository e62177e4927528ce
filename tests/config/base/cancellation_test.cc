#include "config/base/cancellation.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

namespace moerge {
namespace {

using Registration = Cancellation::Registration;

TEST(Cancellation, RunsCallbacksNewestFirstAndOnce) {
  Cancellation cancellation;
  std::vector<int> order;
  const Registration one = cancellation.OnCancel([&] { order.push_back(1); });
  const Registration two = cancellation.OnCancel([&] { order.push_back(2); });
  EXPECT_FALSE(cancellation.cancelled());
  cancellation.Cancel();
  cancellation.Cancel();
  EXPECT_TRUE(cancellation.cancelled());
  EXPECT_EQ(order, (std::vector<int>{2, 1}));
}

TEST(Cancellation, ALateCallbackRunsAtOnce) {
  Cancellation cancellation;
  cancellation.Cancel();
  int runs = 0;
  const Registration late = cancellation.OnCancel([&] { ++runs; });
  EXPECT_EQ(runs, 1);
}

TEST(Cancellation, AReleasedCallbackDoesNotRun) {
  Cancellation cancellation;
  int runs = 0;
  {
    const Registration gone = cancellation.OnCancel([&] { ++runs; });
  }
  Registration released = cancellation.OnCancel([&] { ++runs; });
  released.Release();
  released.Release();
  cancellation.Cancel();
  EXPECT_EQ(runs, 0);
}

TEST(Cancellation, ACallbackReleasedByAnEarlierOneDoesNotRun) {
  Cancellation cancellation;
  auto target = std::make_unique<int>(0);
  std::optional<Registration> older = cancellation.OnCancel([&] { ++*target; });
  const Registration newer = cancellation.OnCancel([&] {
    older.reset();
    target.reset();
  });
  cancellation.Cancel();
  EXPECT_EQ(target, nullptr);
}

TEST(Cancellation, ACallbackMayReleaseItself) {
  Cancellation cancellation;
  std::optional<Registration> self;
  int runs = 0;
  self = cancellation.OnCancel([&] {
    self.reset();
    ++runs;
  });
  cancellation.Cancel();
  EXPECT_EQ(runs, 1);
}

TEST(Cancellation, ACallbackMayRegisterAnother) {
  Cancellation cancellation;
  int runs = 0;
  const Registration outer = cancellation.OnCancel(
      [&] { const Registration inner = cancellation.OnCancel([&] { ++runs; }); });
  cancellation.Cancel();
  EXPECT_EQ(runs, 1);
}

TEST(Cancellation, AMovedRegistrationKeepsItsCallback) {
  Cancellation cancellation;
  int runs = 0;
  Registration first = cancellation.OnCancel([&] { ++runs; });
  Registration second = cancellation.OnCancel([&] { runs += 10; });
  second = std::move(first);
  cancellation.Cancel();
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace moerge
