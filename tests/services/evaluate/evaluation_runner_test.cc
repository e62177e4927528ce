#include "services/evaluate/evaluation_runner.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "registry/memory_store.h"
#include "services/jobs/assigned_lines.h"

namespace moerge {
namespace {

// Calls that end when the test says so, whether they are cancelled or not.
class HeldCalls {
 public:
  explicit HeldCalls(const Executor& loop) : loop_(loop), release_(loop) {}

  std::unique_ptr<LineAnswerer> MakeAnswerer() { return std::make_unique<Answerer>(*this); }
  int asked() const { return asked_; }
  void Release() {
    boost::asio::post(loop_, [this] { release_.Set(); });
  }

 private:
  class Answerer final : public LineAnswerer {
   public:
    explicit Answerer(HeldCalls& calls) : calls_(calls) {}
    Task<LineResult> Answer(const LineRequest&, Cancellation&) override {
      ++calls_.asked_;
      co_await calls_.release_.Wait();
      co_return LineResult{.status = 499, .request_id = {}, .body = "{}"};
    }
    bool IsGrouped() const override { return false; }
    bool Assigns() const override { return false; }
    Task<void> Plan(const LineRequest&, Cancellation&) override { co_return; }
    Task<std::vector<std::vector<std::string_view>>> EndWindow() override {
      co_return std::vector<std::vector<std::string_view>>();
    }
    const AssignedLines& assigned() const override { return none_; }
    void ServeInOrder(const std::vector<std::string_view>&) override {}

   private:
    HeldCalls& calls_;
    AssignedLines none_;
  };

  Executor loop_;
  Event release_;  // the loop's
  std::atomic<int> asked_ = 0;
};

class EvaluationRunnerTest : public testing::Test {
 protected:
  EvaluationRunnerTest() {
    EXPECT_TRUE(registry_.Start({}).ok());
    thread_ = std::thread([this] { context_.run(); });
  }
  ~EvaluationRunnerTest() override {
    calls_.Release();
    runner_.Stop();
    work_.reset();
    thread_.join();
  }

  template <class T>
  T Do(Task<T> task) {
    std::promise<T> promise;
    const auto kept = std::make_shared<Task<void>>(Give(std::move(task), &promise));
    boost::asio::post(context_,
                      [this, kept] { Spawn(context_.get_executor(), "test", std::move(*kept)); });
    return promise.get_future().get();
  }

  Result<Evaluation> Add() {
    EvaluationOrder order;
    order.experts = {"ada", "clio"};
    order.questions = {{.id = "1", .prompt = "6 * 7", .category = "maths", .reference = "42"}};
    order.source = "exam";
    return Do(runner_.Add(std::move(order)));
  }
  std::string StatusOf(const std::string& id) {
    const Result<Evaluation> run = Do(runner_.Find(id));
    return run ? run->status : run.error().message;
  }
  template <class Condition>
  static bool Eventually(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      context_.get_executor()};
  std::thread thread_;
  Metrics metrics_;
  StoreThread store_{std::make_unique<MemoryStore>(), metrics_};
  Registry registry_{store_};
  WorkPool disk_;
  FileRoom room_{"memory:"};
  HeldCalls calls_{context_.get_executor()};
  EvaluationRunner runner_{{.registry = registry_,
                            .store = store_,
                            .disk = disk_,
                            .room = room_,
                            .loop = context_.get_executor(),
                            .make_answerer = [this] { return calls_.MakeAnswerer(); },
                            .poll = std::chrono::milliseconds(1)}};

 private:
  template <class T>
  static Task<void> Give(Task<T> task, std::promise<T>* promise) {
    T value = co_await std::move(task);
    promise->set_value(std::move(value));
  }
};

TEST_F(EvaluationRunnerTest, OneThatIsCancelledSaysSoUntilItsCallsHaveEnded) {
  runner_.Start();
  const Result<Evaluation> run = Add();
  ASSERT_TRUE(run.ok()) << run.error().message;
  EXPECT_EQ(run->status, "running");
  ASSERT_TRUE(Eventually([&] { return calls_.asked() == 2; }));
  const Result<Evaluation> cancelled = Do(runner_.Cancel(run->id));
  ASSERT_TRUE(cancelled.ok()) << cancelled.error().message;
  EXPECT_EQ(cancelled->status, "cancelling");
  EXPECT_FALSE(cancelled->over());
  for (int i = 0; i < 50; ++i) EXPECT_EQ(StatusOf(run->id), "cancelling") << "while it beats";
  const auto all = Do(runner_.List());
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->front().status, "cancelling");
  const Result<Evaluation> again = Do(runner_.Cancel(run->id));
  ASSERT_TRUE(again.ok()) << "it may be asked for twice";
  EXPECT_EQ(again->status, "cancelling");
  EXPECT_EQ(Add().error().code, ErrorCode::kConflict) << "it is not over";
  calls_.Release();
  EXPECT_TRUE(Eventually([&] { return StatusOf(run->id) != "cancelling"; }));
  EXPECT_EQ(StatusOf(run->id), "cancelled");
  const Result<Evaluation> late = Do(runner_.Cancel(run->id));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().message, "the evaluation is over: its status is `cancelled`");
}

// As when the server ended between the wish and the end of the calls.
TEST_F(EvaluationRunnerTest, TheNextStartEndsOneThatWasToBeCancelled) {
  const Result<Evaluation> run = Add();
  ASSERT_TRUE(run.ok()) << run.error().message;
  ASSERT_TRUE(Do(runner_.Cancel(run->id)).ok());
  EXPECT_EQ(StatusOf(run->id), "cancelling");
  EXPECT_EQ(Add().error().code, ErrorCode::kConflict);
  runner_.Start();
  EXPECT_TRUE(Eventually([&] { return StatusOf(run->id) != "cancelling"; }));
  EXPECT_EQ(StatusOf(run->id), "cancelled");
  EXPECT_EQ(calls_.asked(), 0);
}

TEST_F(EvaluationRunnerTest, NoneOfThatNameIsCancelled) {
  EXPECT_EQ(Do(runner_.Cancel("none")).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace moerge
