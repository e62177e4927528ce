#include "config/base/task_group.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <stdexcept>

namespace moerge {
namespace {

using std::chrono_literals::operator""ms;

Task<void> Until(Event& event) { co_await event.Wait(); }

Task<void> Throws(Event* first) {
  if (first != nullptr) co_await first->Wait();
  throw std::runtime_error("it broke");
}

struct Group : testing::Test {
  boost::asio::io_context loop{1};
  TaskGroup group{loop.get_executor()};
  Event go_on{loop.get_executor()};
  bool joined = false;

  Task<void> Join() {
    co_await group.Join();
    joined = true;
  }
  // Runs until nothing is left to do; a coroutine that waits for what never comes stays behind.
  void RunOut() {
    Spawn(loop.get_executor(), "join", Join());
    loop.poll();
  }
};

TEST_F(Group, JoinReturnsOnceAllHaveEnded) {
  group.Start("waits", Until(go_on));
  group.Start("waits", Until(go_on));
  EXPECT_EQ(group.running(), 2);
  RunOut();
  EXPECT_FALSE(joined);
  go_on.Set();
  loop.poll();
  EXPECT_TRUE(joined);
  EXPECT_EQ(group.running(), 0);
}

TEST_F(Group, AnEmptyOneIsJoinedAtOnce) {
  RunOut();
  EXPECT_TRUE(joined);
}

TEST_F(Group, ATaskThatThrowsAtOnceHasEnded) {
  group.Start("throws", Throws(nullptr));
  RunOut();
  EXPECT_EQ(group.running(), 0);
  EXPECT_TRUE(joined);
}

TEST_F(Group, ATaskThatThrowsLaterHasEnded) {
  group.Start("throws", Throws(&go_on));
  RunOut();
  EXPECT_FALSE(joined);
  go_on.Set();
  loop.poll();
  EXPECT_TRUE(joined);
  EXPECT_EQ(group.running(), 0);
}

TEST_F(Group, AwaitOneWakesForATaskThatThrows) {
  bool woken = false;
  group.Start("throws", Throws(&go_on));
  const auto wait = [&]() -> Task<void> { woken = co_await group.AwaitOne(Deadline::Never()); };
  Spawn(loop.get_executor(), "wait", wait());
  loop.poll();
  EXPECT_FALSE(woken);
  go_on.Set();
  loop.poll();
  EXPECT_TRUE(woken);
}

TEST_F(Group, AwaitOneEndsAtItsDeadline) {
  bool woken = true;
  group.Start("waits", Until(go_on));
  const auto wait = [&]() -> Task<void> { woken = co_await group.AwaitOne(Deadline::After(0ms)); };
  Spawn(loop.get_executor(), "wait", wait());
  while (woken) loop.run_one();
  EXPECT_EQ(group.running(), 1);
  go_on.Set();
  loop.poll();
}

}  // namespace
}  // namespace moerge
