#include "services/jobs/job_loop.h"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "config/base/event.h"
#include "registry/memory_store.h"
#include "services/jobs/job_lease.h"

namespace moerge {
namespace {

using namespace std::chrono_literals;

constexpr const char* kKind = "task";

// A loop over jobs that do as their JSON says: "done", "later" (cannot go on the first time), or
// "waits" until it is stopped or something is wished of it.
class JobLoopTest : public testing::Test {
 protected:
  class Task final : public JobWork {
   public:
    Task(JobLoopTest& test, JobRecord record)
        : test_(test),
          what_(record.json),
          lease_(test.store_, test.executor(), std::move(record), 5ms),
          over_(test.executor()) {}

    moerge::Task<bool> Run() override {
      const int before = test_.Note("begins " + lease_.id());
      if (what_ == "later" && before == 0) co_return false;
      lease_.Begin("a task", [this] { return Keep(true); });
      if (what_ == "waits") co_await over_.Wait();
      co_await lease_.End();
      const bool given_back = end_ == "stopped" || end_ == "lost";
      if (!given_back) (void)co_await Keep(false);
      test_.Note(end_ + " " + lease_.id());
      co_return true;
    }
    void Stop() override { End("stopped"); }

   private:
    moerge::Task<Status> Keep(bool open) {
      JobLease::Kept kept{open ? "running" : "over", open, what_};
      const auto wish = co_await lease_.Keep(std::move(kept));
      if (!wish) co_return wish.error();
      if (*wish == JobLease::Wish::kCancel) End("cancelled");
      if (*wish == JobLease::Wish::kLost) End("lost");
      co_return Ok{};
    }
    void End(std::string how) {
      end_ = std::move(how);
      over_.Set();
    }

    JobLoopTest& test_;
    const std::string what_;
    JobLease lease_;
    Event over_;
    std::string end_ = "done";
  };

  JobLoopTest()
      : loop_({.store = store_,
               .loop = executor(),
               .kind = kKind,
               .what = "tasks",
               .poll = 5ms,
               .begin = [this](JobRecord record) {
                 return std::make_unique<Task>(*this, std::move(record));
               }}) {}
  ~JobLoopTest() override {
    loop_.Stop();
    work_.reset();
    thread_.join();
  }

  Executor executor() { return context_.get_executor(); }
  void Add(const std::string& id, const std::string& what) {
    store_.Run([&](Store& store) {
      EXPECT_TRUE(store.jobs().Add({.kind = kKind, .id = id, .open = true, .json = what}).ok());
    });
  }
  JobRecord Get(const std::string& id) {
    JobRecord record;
    store_.Run([&](Store& store) { record = **store.jobs().Get(kKind, id); });
    return record;
  }
  // How often that was noted before.
  int Note(const std::string& event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
    changed_.notify_all();
    return times_[event]++;
  }
  bool Await(const std::string& event) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [&] { return times_[event] > 0; });
  }
  std::vector<std::string> Events() {
    const std::lock_guard lock(mutex_);
    return events_;
  }

  std::mutex mutex_;  // guards the next three
  std::condition_variable changed_;
  std::vector<std::string> events_;
  std::map<std::string, int> times_;
  Metrics metrics_;
  StoreThread store_{std::make_unique<MemoryStore>(), metrics_};
  boost::asio::io_context context_{1};
  std::unique_ptr<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_ =
      std::make_unique<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>>(
          context_.get_executor());
  std::thread thread_{[this] { context_.run(); }};
  JobLoop loop_;
};

TEST_F(JobLoopTest, JobsAreWorkedOffOneAfterTheOtherOldestFirst) {
  Add("2", "done");
  Add("1", "done");
  loop_.Start();
  ASSERT_TRUE(Await("done 2"));
  Add("3", "done");
  loop_.Wake();
  ASSERT_TRUE(Await("done 3"));
  EXPECT_EQ(Events(), (std::vector<std::string>{"begins 1", "done 1", "begins 2", "done 2",
                                                "begins 3", "done 3"}));
  EXPECT_EQ(Get("1").state, "over");
  EXPECT_EQ(Get("1").owner, "");
}

TEST_F(JobLoopTest, OneThatCannotGoOnLeavesItsTurnToTheOthers) {
  Add("1", "later");
  Add("2", "done");
  loop_.Start();
  ASSERT_TRUE(Await("done 2"));
  EXPECT_EQ(Events(), (std::vector<std::string>{"begins 1", "begins 2", "done 2"}));
  EXPECT_TRUE(Get("1").open) << "it is tried again later";
}

TEST_F(JobLoopTest, WhatIsWishedOfAJobIsLearnt) {
  Add("1", "waits");
  loop_.Start();
  ASSERT_TRUE(Await("begins 1"));
  store_.Run([](Store& store) {
    EXPECT_TRUE(store.jobs().Wish(kKind, "1", "cancel", "cancelling").ok());
  });
  ASSERT_TRUE(Await("cancelled 1"));
  EXPECT_FALSE(Get("1").open);
}

TEST_F(JobLoopTest, AJobThatSomebodyElseHasIsLost) {
  Add("1", "waits");
  loop_.Start();
  ASSERT_TRUE(Await("begins 1"));
  store_.Run([](Store& store) { EXPECT_TRUE(*store.jobs().Remove(kKind, "1")); });
  ASSERT_TRUE(Await("lost 1"));
}

TEST_F(JobLoopTest, AStopEndsTheWorkAndBeginsNoMore) {
  Add("1", "waits");
  Add("2", "done");
  loop_.Start();
  ASSERT_TRUE(Await("begins 1"));
  loop_.Stop();
  EXPECT_EQ(Events(), (std::vector<std::string>{"begins 1", "stopped 1"}));
  EXPECT_TRUE(Get("1").open);
}

}  // namespace
}  // namespace moerge
