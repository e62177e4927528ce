#include "config/base/task.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "config/base/waker.h"

namespace moerge {
namespace {

using namespace std::chrono_literals;
using Trace = std::vector<std::string>;

// The loop runs to its end in each test: what waits for ever would hang, what is left is destroyed.
class TaskTest : public testing::Test {
 protected:
  Executor executor() { return loop_.get_executor(); }

  boost::asio::io_context loop_{1};
  Trace trace_;
};

Task<std::unique_ptr<int>> Make(int value) { co_return std::make_unique<int>(value); }

Task<std::unique_ptr<int>> MakeLater(Waker& waker, int value) {
  co_await waker.Wait();
  auto made = co_await Make(value);
  co_return made;
}

TEST_F(TaskTest, AResultIsMovedToTheAwaiter) {
  Waker waker;
  int sum = 0;
  const auto add = [&]() -> Task<void> {
    const auto now = co_await Make(1);
    const auto later = co_await MakeLater(waker, 20);
    sum = *now + *later;
  };
  Spawn(executor(), "add", add());
  boost::asio::post(loop_, [&] { waker.Wake(); });
  loop_.run();
  EXPECT_EQ(sum, 21);
}

TEST_F(TaskTest, ATaskRunsWhenItIsAwaitedAndNotBefore) {
  const auto say = [&](std::string what) -> Task<void> {
    trace_.push_back(std::move(what));
    co_return;
  };
  const auto run = [&]() -> Task<void> {
    Task<void> first = say("first");
    Task<void> never = say("never");
    trace_.push_back("begin");
    co_await first;
    trace_.push_back("end");
  };
  Spawn(executor(), "run", run());
  EXPECT_TRUE(trace_.empty());
  loop_.run();
  EXPECT_EQ(trace_, (Trace{"begin", "first", "end"}));
}

Task<int> Broken(Waker* waker) {
  if (waker != nullptr) co_await waker->Wait();
  throw std::runtime_error("broken on purpose");
  co_return 1;
}

TEST_F(TaskTest, AnExceptionGoesOnInTheAwaiter) {
  Waker waker;
  const auto run = [&](Waker* wait) -> Task<void> {
    try {
      co_await Broken(wait);
      ADD_FAILURE() << "it threw";
    } catch (const std::runtime_error& error) {
      trace_.push_back(error.what());
    }
  };
  Spawn(executor(), "now", run(nullptr));
  Spawn(executor(), "later", run(&waker));
  boost::asio::post(loop_, [&] { waker.Wake(); });
  loop_.run();
  EXPECT_EQ(trace_, (Trace{"broken on purpose", "broken on purpose"}));
}

TEST_F(TaskTest, AnExceptionIsLoggedWithTheTasksName) {
  const auto run = []() -> Task<void> { co_await Broken(nullptr); };
  testing::internal::CaptureStderr();
  Spawn(executor(), "reload", run());
  loop_.run();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("task=reload error=\"broken on purpose\""), std::string::npos) << log;
}

Task<int> One() { co_return 1; }

Task<void> WaitOnce(Waker& waker) { co_await waker.Wait(); }

// Many awaits in a row, whether they wait or not, take no stack.
TEST_F(TaskTest, ALoopOfAwaitsTakesNoStack) {
  constexpr int kTimes = 200'000;
  Waker waker;
  int done = 0;
  const auto run = [&]() -> Task<void> {
    int ones = 0;
    while (ones < kTimes) ones += co_await One();
    for (; done < kTimes; ++done) co_await WaitOnce(waker);
  };
  Spawn(executor(), "run", run());
  while (loop_.poll() > 0) {
  }
  while (waker.waiting()) waker.Wake();
  EXPECT_EQ(done, kTimes);
}

TEST_F(TaskTest, WakeResumesBeforeItReturns) {
  Waker waker;
  const auto run = [&]() -> Task<void> {
    co_await WaitOnce(waker);
    trace_.push_back("woken");
    co_await WaitOnce(waker);
    trace_.push_back("again");
  };
  Spawn(executor(), "run", run());
  loop_.poll();
  waker.Wake();
  EXPECT_EQ(trace_, Trace{"woken"});
  waker.Wake();
  EXPECT_EQ(trace_, (Trace{"woken", "again"}));
  waker.Wake();
}

TEST_F(TaskTest, AWakerMayMoveWhileACoroutineWaits) {
  std::vector<Waker> wakers(1);
  const auto run = [&]() -> Task<void> {
    co_await wakers.front().Wait();
    trace_.push_back("woken");
  };
  Spawn(executor(), "run", run());
  loop_.poll();
  Waker moved = std::move(wakers.front());
  EXPECT_FALSE(wakers.front().waiting());
  moved.Wake();
  EXPECT_EQ(trace_, Trace{"woken"});
}

TEST_F(TaskTest, EveryCoroutineKnowsItsLoop) {
  boost::asio::io_context other(1);
  std::vector<boost::asio::io_context*> seen;
  const auto inner = [&]() -> Task<void> { seen.push_back(&(co_await ThisLoop()).context()); };
  const auto outer = [&]() -> Task<void> {
    co_await inner();
    co_await SleepFor(1ms);
    co_await inner();
  };
  Spawn(executor(), "one", outer());
  Spawn(other.get_executor(), "other", outer());
  loop_.run();
  other.run();
  EXPECT_EQ(seen, (std::vector{&loop_, &loop_, &other, &other}));
}

TEST_F(TaskTest, OnItsLoopASpawnedTaskStartsAtOnce) {
  const auto run = [&]() -> Task<void> {
    trace_.push_back("ran");
    co_return;
  };
  boost::asio::post(loop_, [&] {
    Spawn(executor(), "run", run());
    trace_.push_back("spawned");
  });
  loop_.run();
  EXPECT_EQ(trace_, (Trace{"ran", "spawned"}));
}

TEST_F(TaskTest, ALoopHasWorkUntilItsTasksEnd) {
  Waker waker;
  const auto run = [&]() -> Task<void> { co_await WaitOnce(waker); };
  Spawn(executor(), "run", run());
  loop_.poll();
  EXPECT_FALSE(loop_.stopped());
  waker.Wake();
  EXPECT_EQ(loop_.poll(), 0u);
  EXPECT_TRUE(loop_.stopped());
}

TEST_F(TaskTest, OtherThreadsMaySpawn) {
  const auto work = boost::asio::make_work_guard(loop_);
  std::atomic<int> ran = 0;
  const auto run = [&]() -> Task<void> {
    co_await SleepFor(1ms);
    if (++ran == 200) loop_.stop();
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 50; ++j) Spawn(executor(), "run", run());
    });
  }
  loop_.run();
  EXPECT_EQ(ran, 200);
}

// Says when it is destroyed.
struct Witness {
  Witness(Trace& trace, std::string name) : trace(trace), name(std::move(name)) {}
  ~Witness() { trace.push_back(name); }
  Trace& trace;
  std::string name;
};

Task<void> WaitWith(Waker& waker, Trace& trace, std::string name) {
  const Witness witness(trace, name);
  co_await waker.Wait();
  trace.push_back("went on");
}

// Who waits on a loop that ends is destroyed, innermost last made first gone, and never goes on.
TEST_F(TaskTest, ACoroutineThatIsNeverResumedIsDestroyed) {
  {
    Waker waker;
    const auto run = [&]() -> Task<void> {
      const Witness witness(trace_, "outer");
      co_await WaitWith(waker, trace_, "inner");
    };
    Spawn(executor(), "run", run());
    loop_.poll();
    EXPECT_TRUE(trace_.empty());
  }
  EXPECT_EQ(trace_, (Trace{"inner", "outer"}));
}

TEST_F(TaskTest, ATaskThatNeverStartedIsDestroyed) {
  const auto run = [this](std::shared_ptr<Witness>) -> Task<void> {
    trace_.push_back("ran");
    co_return;
  };
  {
    boost::asio::io_context ends(1);
    Spawn(ends.get_executor(), "run", run(std::make_shared<Witness>(trace_, "gone")));
    EXPECT_TRUE(trace_.empty());
  }
  EXPECT_EQ(trace_, Trace{"gone"});
}

TEST_F(TaskTest, ALoopMayEndWithSleepersInside) {
  {
    boost::asio::io_context ends(1);
    const auto run = [&]() -> Task<void> {
      const Witness witness(trace_, "gone");
      co_await SleepFor(1h);
    };
    Spawn(ends.get_executor(), "run", run());
    ends.poll();
  }
  EXPECT_EQ(trace_, Trace{"gone"});
}

TEST_F(TaskTest, SleepEnds) {
  const auto run = [&]() -> Task<void> {
    co_await SleepFor(5ms);
    trace_.push_back("awake");
  };
  const auto start = std::chrono::steady_clock::now();
  Spawn(executor(), "sleep", run());
  loop_.run();
  EXPECT_EQ(trace_, Trace{"awake"});
  EXPECT_GE(std::chrono::steady_clock::now() - start, 5ms);
}

}  // namespace
}  // namespace moerge
