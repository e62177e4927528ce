#include "adapters/gate.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "adapters/breaker.h"
#include "tests/adapters/loop_fixture.h"

namespace moerge::test {
namespace {

using Entered = Result<std::unique_ptr<Gate::Permit>>;
using std::chrono::milliseconds;

// What calls that still wait at a test's end refer to: it goes after the loop.
struct GateParts {
  GateParts() : gates_(metrics_), gate_(gates_.For("gpu")) {}
  Metrics metrics_;
  Gates gates_;
  std::shared_ptr<Gate> gate_;
  Backend limits_;
  bool last_resort_ = false;
};

class GateTest : public ::testing::Test, public GateParts, public LoopFixture {
 protected:
  GateTest() {
    limits_.name = "gpu";
    limits_.max_concurrency = 1;
    limits_.max_queue = 2;
    limits_.queue_timeout = std::chrono::seconds(20);
  }

  Entered Enter(CallScope scope = {}) { return EnterFor("", scope); }
  Entered EnterFor(std::string_view model, CallScope scope = {}) {
    return RunTask(gate_->Enter(limits_, {CallClass::kInteractive, last_resort_, model}, scope));
  }

  // Enters in the background; the outcome appears in the result.
  std::shared_ptr<std::optional<Entered>> EnterLater(CallScope scope = {},
                                                     CallClass call_class = CallClass::kInteractive,
                                                     std::string_view model = {}) {
    auto outcome = std::make_shared<std::optional<Entered>>();
    Start(EnterInto(scope, {call_class, last_resort_, model}, outcome));
    context().poll();
    return outcome;
  }

  double Gauge(const std::string& name, const std::string& model = {}) {
    const std::string text = metrics_.Text();
    const std::string of_model = model.empty() ? "" : ",model=\"" + model + "\"";
    const std::string series = "\n" + name + "{backend=\"gpu\"" + of_model + "} ";
    const std::size_t at = text.find(series);
    return at == text.npos ? -1 : std::stod(text.substr(at + series.size()));
  }

 private:
  Task<void> EnterInto(CallScope scope, Gate::CallKind kind,
                       std::shared_ptr<std::optional<Entered>> outcome) {
    Entered entered = co_await gate_->Enter(limits_, kind, scope);
    outcome->emplace(std::move(entered));
  }
};

TEST_F(GateTest, OneGatePerName) {
  EXPECT_EQ(gates_.For("gpu"), gate_);
  EXPECT_NE(gates_.For("other"), gate_);
}

TEST_F(GateTest, ABackgroundCallWaitsBehindAllOthers) {
  auto first = Enter();
  ASSERT_TRUE(first.ok());
  const auto background = EnterLater({}, CallClass::kBackground);
  const auto interactive = EnterLater();
  first = Error{};
  RunUntil([&] { return interactive->has_value(); });
  context().poll();
  EXPECT_FALSE(background->has_value());
  interactive->reset();
  RunUntil([&] { return background->has_value(); });
  EXPECT_TRUE((*background)->ok());
}

TEST_F(GateTest, BackgroundCallsWaitBeyondTheBoundsOfInteractiveOnes) {
  limits_.queue_timeout = milliseconds(1);
  auto first = Enter();
  std::vector<std::shared_ptr<std::optional<Entered>>> background;
  for (int i = 0; i < 5; ++i) background.push_back(EnterLater({}, CallClass::kBackground));
  const auto late = Enter();
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, ErrorCode::kOverloaded) << "there was room in the queue";
  for (const auto& each : background) EXPECT_FALSE(each->has_value());
  first = Error{};
  for (const auto& each : background) {
    RunUntil([&] { return each->has_value(); });
    EXPECT_TRUE((*each)->ok());
    each->reset();
  }
}

TEST_F(GateTest, WaitsFirstComeFirstServed) {
  auto first = Enter();
  ASSERT_TRUE(first.ok());
  const auto second = EnterLater();
  const auto third = EnterLater();
  EXPECT_EQ(Gauge("moerge_backend_in_flight"), 1);
  EXPECT_EQ(Gauge("moerge_backend_queued"), 2);
  first = Error{};
  RunUntil([&] { return second->has_value(); });
  ASSERT_TRUE((*second)->ok());
  context().poll();
  EXPECT_FALSE(third->has_value());
  second->reset();
  RunUntil([&] { return third->has_value(); });
  ASSERT_TRUE((*third)->ok());
  third->reset();
  EXPECT_EQ(Gauge("moerge_backend_in_flight"), 0);
  EXPECT_EQ(Gauge("moerge_backend_queued"), 0);
}

TEST_F(GateTest, FullQueueIsSaidAtOnce) {
  const auto first = Enter();
  const auto second = EnterLater();
  const auto third = EnterLater();
  const auto fourth = Enter();
  ASSERT_FALSE(fourth.ok());
  EXPECT_EQ(fourth.error().code, ErrorCode::kRateLimited);
  EXPECT_GE(fourth.error().retry_after.count(), 1);
}

TEST_F(GateTest, QueueTimeout) {
  limits_.queue_timeout = milliseconds(5);
  const auto first = Enter();
  const auto second = Enter();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kOverloaded);
  EXPECT_GE(second.error().retry_after.count(), 1);
  EXPECT_EQ(Gauge("moerge_backend_queued"), 0);
}

TEST_F(GateTest, DeadlineWhileWaiting) {
  const auto first = Enter();
  CallScope scope;
  scope.deadline = Deadline::After(milliseconds(5));
  const auto second = Enter(scope);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kTimeout);
}

TEST_F(GateTest, CancelWhileWaitingLeavesTheQueue) {
  auto first = Enter();
  Cancellation cancellation;
  CallScope scope;
  scope.cancellation = &cancellation;
  const auto second = EnterLater(scope);
  const auto third = EnterLater();
  cancellation.Cancel();
  RunUntil([&] { return second->has_value(); });
  EXPECT_EQ((*second)->error().code, ErrorCode::kCancelled);
  first = Error{};
  RunUntil([&] { return third->has_value(); });
  EXPECT_TRUE((*third)->ok());
}

TEST_F(GateTest, CancelAfterThePlaceWasGivenPassesItOn) {
  auto first = Enter();
  Cancellation cancellation;
  CallScope scope;
  scope.cancellation = &cancellation;
  const auto second = EnterLater(scope);
  const auto third = EnterLater();
  first = Error{};  // the place is the second's now, but it has not run yet
  cancellation.Cancel();
  RunUntil([&] { return second->has_value() && third->has_value(); });
  EXPECT_EQ((*second)->error().code, ErrorCode::kCancelled);
  EXPECT_TRUE((*third)->ok());
}

TEST_F(GateTest, MorePlacesAfterAReloadAreUsed) {
  const auto first = Enter();
  const auto second = EnterLater();
  limits_.max_concurrency = 3;
  const auto third = Enter();
  EXPECT_TRUE(third.ok());
  RunUntil([&] { return second->has_value(); });
  EXPECT_TRUE((*second)->ok());
}

TEST_F(GateTest, BreakerOpensAndRefusesWaitingCalls) {
  const auto first = Enter();
  const auto second = EnterLater();
  EXPECT_TRUE(gate_->Healthy());
  for (int i = 0; i < 5; ++i) gate_->Report({.success = false, .reason = "500"});
  EXPECT_FALSE(gate_->Healthy());
  EXPECT_EQ(Gauge("moerge_backend_breaker_open"), 1);
  RunUntil([&] { return second->has_value(); });
  EXPECT_EQ((*second)->error().code, ErrorCode::kUnavailable);
  const auto third = Enter();
  ASSERT_FALSE(third.ok());
  EXPECT_EQ(third.error().code, ErrorCode::kUnavailable);
  EXPECT_GE(third.error().retry_after.count(), 1);
  EXPECT_EQ(gate_->condition().reason, "500");
  for (int i = 0; i < Breaker::kTrialsToClose; ++i) gate_->Report({.success = true});
  EXPECT_TRUE(gate_->Healthy());
  EXPECT_FALSE(gate_->condition().avoided);
  EXPECT_EQ(Gauge("moerge_backend_breaker_open"), 0);
}

TEST_F(GateTest, ABrokenModelsCallsAreRefusedAndItsNeighboursAreNot) {
  const ModelAtBackend broken{"broken", true};
  auto first = EnterFor("sound");
  const auto second = EnterLater({}, CallClass::kInteractive, "broken");
  const auto third = EnterLater({}, CallClass::kInteractive, "sound");
  for (int i = 0; i < 5; ++i) gate_->Report({.model = broken, .reason = "status 500"});
  RunUntil([&] { return second->has_value(); });
  ASSERT_FALSE((*second)->ok());
  EXPECT_EQ((*second)->error().code, ErrorCode::kUnavailable);
  EXPECT_EQ((*second)->error().message,
            "most requests to model `broken` of backend `gpu` fail, so that other experts are "
            "preferred for a while; the latest failure: status 500");
  first = Error{};
  RunUntil([&] { return third->has_value(); });
  EXPECT_TRUE((*third)->ok());
  third->reset();

  EXPECT_TRUE(gate_->Open("broken"));
  EXPECT_FALSE(gate_->Open("sound"));
  EXPECT_FALSE(gate_->Healthy("broken"));
  EXPECT_TRUE(gate_->Healthy("sound"));
  EXPECT_FALSE(gate_->Healthy());
  EXPECT_FALSE(gate_->condition().avoided);
  ASSERT_EQ(gate_->condition().models.size(), 1u);
  EXPECT_EQ(gate_->condition().models[0].model, "broken");
  EXPECT_EQ(gate_->ConditionOf("broken").reason, "status 500");
  EXPECT_FALSE(gate_->ConditionOf("broken").whole_backend);
  EXPECT_FALSE(gate_->ConditionOf("sound").avoided);
  EXPECT_EQ(Gauge("moerge_backend_breaker_open"), 0);
  EXPECT_EQ(Gauge("moerge_backend_model_breaker_open", "broken"), 1);
  EXPECT_GT(Gauge("moerge_backend_model_breaker_open_since_seconds", "broken"), 1.6e9);
  EXPECT_EQ(Gauge("moerge_backend_model_breaker_open", "sound"), -1) << "it never was";

  last_resort_ = true;
  EXPECT_TRUE(EnterFor("broken").ok()) << "who has no other expert is not refused";
  for (int i = 0; i < Breaker::kTrialsToClose; ++i) {
    gate_->Report({.model = broken, .success = true});
  }
  EXPECT_TRUE(gate_->Healthy());
  EXPECT_TRUE(gate_->condition().models.empty());
  EXPECT_EQ(Gauge("moerge_backend_model_breaker_open", "broken"), 0);
  EXPECT_EQ(Gauge("moerge_backend_model_breaker_open_since_seconds", "broken"), 0);
}

// A neighbour that answers all the time is no reason to trust a model.
TEST_F(GateTest, ANeighboursAnswersDoNotSpeakForAModel) {
  for (int i = 0; i < 50; ++i) gate_->Report({.model = {"sound", true}, .success = true});
  for (int i = 0; i < 5; ++i) gate_->Report({.model = {"broken", true}, .reason = "500"});
  EXPECT_TRUE(gate_->Open("broken"));
  for (int i = 0; i < 5; ++i) gate_->Report({.model = {"sound", true}, .reason = "500"});
  EXPECT_FALSE(gate_->Open("sound")) << "its own do";
}

TEST_F(GateTest, CallsInARowWithoutAByteOpenTheBreaker) {
  for (int i = 1; i < BackendHealth::kSilencesToOpen; ++i) gate_->ReportSilence({"m"});
  EXPECT_TRUE(gate_->Healthy());
  gate_->Report({.model = {"m"}, .success = true});
  for (int i = 1; i < BackendHealth::kSilencesToOpen; ++i) gate_->ReportSilence({"m"});
  EXPECT_TRUE(gate_->Healthy()) << "an answer came between";
  EXPECT_EQ(Gauge("moerge_backend_breaker_open_since_seconds"), 0);
  gate_->ReportSilence({"m"});
  EXPECT_FALSE(gate_->Healthy());
  EXPECT_NE(gate_->condition().reason.find("without a byte"), std::string::npos);
  EXPECT_GT(Gauge("moerge_backend_breaker_open_since_seconds"), 1.6e9);
  for (int i = 0; i < Breaker::kTrialsToClose; ++i) gate_->Report({.success = true});
  EXPECT_TRUE(gate_->Healthy());
}

TEST_F(GateTest, AnOpenBreakerRefusesNobodyThatHasNoOtherExpert) {
  auto first = Enter();
  last_resort_ = true;
  const auto second = EnterLater();
  for (int i = 0; i < 5; ++i) gate_->Report({.success = false, .reason = "500"});
  context().poll();
  EXPECT_FALSE(second->has_value());
  first = Error{};
  RunUntil([&] { return second->has_value(); });
  EXPECT_TRUE((*second)->ok());
  second->reset();
  EXPECT_TRUE(Enter().ok());
}

TEST_F(GateTest, ABackendThatAskedForRestIsLeftAlone) {
  auto first = Enter();
  const auto second = EnterLater();
  gate_->Rest("", std::chrono::seconds(7));
  EXPECT_TRUE(gate_->Rests(""));
  EXPECT_FALSE(gate_->Rests("other"));
  EXPECT_TRUE(gate_->Healthy());
  EXPECT_GT(gate_->condition().resting_ms.count(), 0);
  RunUntil([&] { return second->has_value(); });
  EXPECT_EQ((*second)->error().code, ErrorCode::kRateLimited);
  first = Error{};
  for (const bool last_resort : {false, true}) {
    last_resort_ = last_resort;
    const auto refused = Enter();
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kRateLimited);
    EXPECT_GE(refused.error().retry_after.count(), 6);
  }
}

TEST_F(GateTest, AShortRestIsWaitedForByWhoHasNoOtherExpert) {
  gate_->Rest("", {});
  EXPECT_FALSE(Enter().ok());
  last_resort_ = true;
  EXPECT_TRUE(Enter().ok());
}

TEST_F(GateTest, RestsGrowUntilACallSucceeds) {
  gate_->Rest("", {});
  const auto first = gate_->condition().resting_ms;
  last_resort_ = true;
  ASSERT_TRUE(Enter().ok());
  gate_->Rest("", {});
  EXPECT_GT(gate_->condition().resting_ms, first);
  ASSERT_TRUE(Enter().ok());
  gate_->Report({.success = true});
  gate_->Rest("", {});
  EXPECT_LE(gate_->condition().resting_ms, first);
}

// Many loops, few places: all calls get through, never more at once than there are places.
TEST_F(GateTest, NoWakeUpIsLostBetweenLoops) {
  constexpr int kLoops = 3;
  constexpr int kCalls = 300;
  limits_.max_concurrency = 2;
  limits_.max_queue = 1000;
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::atomic<int> done = 0;
  const auto call = [&]() -> Task<void> {
    auto entered = co_await gate_->Enter(limits_, Gate::CallKind(), CallScope());
    if (!entered.ok()) co_return;
    const int now = ++inside;
    for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
    }
    const Executor executor = co_await ThisLoop();
    auto yield = [&](Resumption done) { boost::asio::post(executor, std::move(done)); };
    co_await Suspend(yield);
    --inside;
    entered = Error{};
    ++done;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kLoops; ++i) {
    threads.emplace_back([&] {
      boost::asio::io_context loop(1);
      for (int j = 0; j < kCalls; ++j) {
        Spawn(loop.get_executor(), "call", call());
      }
      const auto work = boost::asio::make_work_guard(loop);
      while (done < kLoops * kCalls) loop.run_one_for(milliseconds(20));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, kLoops * kCalls);
  EXPECT_LE(most, 2);
  EXPECT_EQ(Gauge("moerge_backend_in_flight"), 0);
}

TEST_F(GateTest, ALoopThatEndsWithWaitingCallsLosesNoPlace) {
  auto first = Enter();
  {
    boost::asio::io_context other(1);
    const auto enter = [&]() -> Task<void> {
      const auto entered = co_await gate_->Enter(limits_, Gate::CallKind(), CallScope());
      ADD_FAILURE() << "nobody runs this loop for so long";
    };
    Spawn(other.get_executor(), "enter", enter());
    other.poll();
    EXPECT_EQ(Gauge("moerge_backend_queued"), 1);
    first = Error{};  // granted to a call that will never run
  }
  EXPECT_TRUE(Enter().ok());
}

}  // namespace
}  // namespace moerge::test
