#include "services/work_pool.h"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/adapters/loop_fixture.h"

namespace moerge {
namespace {

class WorkPoolTest : public testing::Test, public test::LoopFixture {
 protected:
  template <class T>
  T Do(std::function<T()> work) {
    return RunTask(pool_.Run(std::move(work)));
  }
  WorkPool pool_;
};

TEST_F(WorkPoolTest, WorkIsDoneOnAnotherThread) {
  const std::function<std::thread::id()> where = [] { return std::this_thread::get_id(); };
  EXPECT_NE(Do(where), std::this_thread::get_id());
  const std::function<std::string()> text = [] { return std::string(100, 'x'); };
  EXPECT_EQ(Do(text), std::string(100, 'x'));
}

// The work ends only once the loop has done something else.
TEST_F(WorkPoolTest, TheLoopGoesOnMeanwhile) {
  std::promise<int> given;
  std::optional<int> got;
  const auto wait = [&]() -> Task<void> {
    std::function<int()> work = [&given] { return given.get_future().get(); };
    got = co_await pool_.Run(std::move(work));
  };
  Start(wait());
  const auto give = [&]() -> Task<void> {
    given.set_value(7);
    co_return;
  };
  Start(give());
  RunUntil([&] { return got.has_value(); });
  EXPECT_EQ(*got, 7);
}

TEST_F(WorkPoolTest, AnExceptionIsTheCallers) {
  bool caught = false;
  const auto run = [&]() -> Task<bool> {
    std::function<int()> work = []() -> int { throw std::runtime_error("no"); };
    try {
      (void)co_await pool_.Run(std::move(work));
    } catch (const std::runtime_error& error) {
      caught = error.what() == std::string("no");
    }
    co_return true;
  };
  EXPECT_TRUE(RunTask(run()));
  EXPECT_TRUE(caught);
}

TEST_F(WorkPoolTest, AllThatWaitsIsDone) {
  int sum = 0;
  const auto one = [&](int number) -> Task<void> {
    std::function<int()> work = [number] { return number; };
    sum += co_await pool_.Run(std::move(work));
  };
  for (int i = 1; i <= 100; ++i) Start(one(i));
  RunUntil([&] { return sum == 5050; });
}

}  // namespace
}  // namespace moerge
