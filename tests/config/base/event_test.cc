#include "config/base/event.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <memory>
#include <string>
#include <vector>

namespace moerge {
namespace {

using namespace std::chrono_literals;

// The loop runs to its end in each test: what waits for ever would hang, what is left is destroyed.
class EventTest : public testing::Test {
 protected:
  Executor executor() { return loop_.get_executor(); }

  boost::asio::io_context loop_{1};
  std::vector<std::string> trace_;
};

Task<void> WaitFor(Event& event, std::vector<std::string>& trace, std::string name) {
  co_await event.Wait();
  trace.push_back(std::move(name));
}

Task<void> WaitUntil(Event& event, Deadline deadline, std::vector<std::string>& trace) {
  const bool set = co_await event.WaitUntil(deadline);
  trace.push_back(set ? "set" : "late");
}

TEST_F(EventTest, SetWakesEveryoneThatWaits) {
  Event event(executor());
  Spawn(executor(), "a", WaitFor(event, trace_, "a"));
  Spawn(executor(), "b", WaitFor(event, trace_, "b"));
  boost::asio::post(loop_, [&] {
    EXPECT_TRUE(trace_.empty());
    event.Set();
  });
  loop_.run();
  EXPECT_EQ(trace_.size(), 2u);
}

TEST_F(EventTest, SetFollowedByResetStillWakes) {
  Event event(executor());
  Spawn(executor(), "a", WaitFor(event, trace_, "a"));
  Spawn(executor(), "b", WaitUntil(event, Deadline::After(1h), trace_));
  boost::asio::post(loop_, [&] {
    event.Set();
    event.Reset();
  });
  loop_.run();
  EXPECT_EQ(trace_.size(), 2u);
  EXPECT_FALSE(event.IsSet());
}

TEST_F(EventTest, AWaitOnASetEventReturnsAtOnce) {
  Event event(executor());
  event.Set();
  Spawn(executor(), "a", WaitFor(event, trace_, "a"));
  Spawn(executor(), "b", WaitUntil(event, Deadline::At({}), trace_));
  loop_.run();
  EXPECT_EQ(trace_.size(), 2u);
  EXPECT_EQ(trace_[1], "set");
}

TEST_F(EventTest, AResetEventIsWaitedForAgain) {
  Event event(executor());
  event.Set();
  event.Reset();
  Spawn(executor(), "a", WaitUntil(event, Deadline::After(1ms), trace_));
  loop_.run();
  EXPECT_EQ(trace_, std::vector<std::string>{"late"});
}

TEST_F(EventTest, ADeadlineThatPassedIsLate) {
  Event event(executor());
  Spawn(executor(), "a", WaitUntil(event, Deadline::At({}), trace_));
  loop_.run();
  EXPECT_EQ(trace_, std::vector<std::string>{"late"});
}

TEST_F(EventTest, OneDeadlineDoesNotEndTheOtherWaits) {
  Event event(executor());
  Spawn(executor(), "early", WaitUntil(event, Deadline::After(1ms), trace_));
  Spawn(executor(), "never", WaitUntil(event, Deadline::Never(), trace_));
  Spawn(executor(), "long", WaitUntil(event, Deadline::After(1h), trace_));
  SteadyTimer later(executor(), 20ms);
  later.async_wait([&](boost::system::error_code) { event.Set(); });
  loop_.run();
  EXPECT_EQ(trace_, (std::vector<std::string>{"late", "set", "set"}));
}

TEST_F(EventTest, ALoopMayDieWithWaitersInside) {
  auto loop = std::make_unique<boost::asio::io_context>(1);
  Event event(loop->get_executor());
  Spawn(loop->get_executor(), "a", WaitUntil(event, Deadline::After(1h), trace_));
  Spawn(loop->get_executor(), "b", WaitFor(event, trace_, "b"));
  loop->poll();
  EXPECT_TRUE(trace_.empty());
}

}  // namespace
}  // namespace moerge
