#include "services/background_worker.h"

#include <gtest/gtest.h>

#include <future>

namespace moerge {
namespace {

TEST(BackgroundWorker, RefusesASecondJobUntilTheFirstIsDone) {
  BackgroundWorker worker;
  std::promise<void> open;
  std::atomic<int> done = 0;
  ASSERT_TRUE(worker.TryRun([&] {
    open.get_future().wait();
    ++done;
  }));
  EXPECT_FALSE(worker.TryRun([&] { done = 100; }));
  open.set_value();
  worker.Join();
  EXPECT_EQ(done, 1);
  EXPECT_TRUE(worker.TryRun([&] { ++done; }));
  worker.Join();
  EXPECT_EQ(done, 2);
}

TEST(BackgroundWorker, ANotifiedCallerCanSubmitTheNextJob) {
  BackgroundWorker worker;
  for (int i = 0; i < 100; ++i) {
    std::promise<void> heard;
    ASSERT_TRUE(worker.TryRun([] {}, [&heard] { heard.set_value(); })) << i;
    heard.get_future().wait();
  }
  worker.Join();
}

TEST(BackgroundWorker, ItsEndWaitsForTheJob) {
  std::atomic<bool> done = false;
  {
    BackgroundWorker worker;
    ASSERT_TRUE(worker.TryRun([&] { done = true; }));
  }
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace moerge
