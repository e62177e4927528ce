#include "services/calls/model_turns.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/adapters/loop_fixture.h"

namespace moerge::test {
namespace {

using TurnResult = Result<std::unique_ptr<ModelTurns::Turn>>;

struct ModelTurnsTest : testing::Test, LoopFixture {
  ModelTurnsTest() {
    backend.name = "gpu";
    backend.residency.kind = ResidencyKind::kLlamaSwap;
    backend.residency.max_wait = std::chrono::hours(1);
    snapshot->backends.push_back(backend);
  }

  // Nothing waits any more before what it waits for goes.
  ~ModelTurnsTest() override {
    cancellation.Cancel();
    Settle();
    asked_.clear();
  }

  // A call of `model`, which goes as soon as it may; `turns` hold what it was given.
  struct Asked {
    ExpertEntry entry;
    ExpertCall call;
    std::optional<TurnResult> turn;
    bool gone() const { return turn.has_value() && turn->ok(); }
    bool refused() const { return turn.has_value() && !turn->ok(); }
  };
  Asked* Ask(const std::string& model, bool last_resort = true) {
    Asked* asked = Begin(model, last_resort);
    Settle();
    return asked;
  }
  Asked* Begin(const std::string& model, bool last_resort = true) {
    Asked* asked = &asked_.emplace_back();
    asked->entry.spec.name = asked->entry.spec.model = model;
    asked->entry.backend = &backend;
    asked->call.expert = ExpertPtr(snapshot, &asked->entry);
    asked->call.last_resort = last_resort;
    asked->call.deadline = deadline;
    Start(Wait(*asked));
    return asked;
  }
  Task<void> Wait(Asked& asked) {
    const CallScope scope{deadline, &cancellation};
    asked.turn.emplace(co_await turns.Enter(asked.call, scope));
  }
  // All that can happen now has happened.
  void Settle() {
    context().restart();
    while (context().poll() > 0) {
    }
  }
  void Answer(Asked& asked) {
    (**asked.turn)->Answered();
    asked.turn.reset();
    Settle();
  }
  double Waiting() {
    return metrics.GetGauge("moerge_residency_waiting", "", {{"backend", "gpu"}}).value();
  }

  Metrics metrics;
  ModelTurns turns{metrics};
  Backend backend;
  std::shared_ptr<Snapshot> snapshot = std::make_shared<Snapshot>();
  Cancellation cancellation;
  Deadline deadline = Deadline::Never();
  std::deque<Asked> asked_;
};

TEST_F(ModelTurnsTest, OnlyBackendsWithRoomForFewAreManaged) {
  EXPECT_TRUE(ModelTurns::Manages(backend));
  EXPECT_FALSE(ModelTurns::Manages(Backend()));
}

TEST_F(ModelTurnsTest, CallsWaitUntilTheOtherModelIsIdleAndGoTogether) {
  Asked* const first = Ask("a");
  ASSERT_TRUE(first->gone());
  EXPECT_TRUE((**first->turn)->loading());
  Asked* const second = Ask("b");
  Asked* const third = Ask("b");
  EXPECT_FALSE(second->turn.has_value());
  EXPECT_EQ(Waiting(), 2);
  Answer(*first);
  EXPECT_TRUE(second->gone());
  EXPECT_TRUE(third->gone());
  EXPECT_EQ(Waiting(), 0);
  const auto devices = turns.Devices();
  ASSERT_EQ(devices.size(), 1u);
  EXPECT_EQ(devices[0].swaps, 1);
  ASSERT_EQ(devices[0].models.size(), 2u);
  EXPECT_EQ(devices[0].models[1].model, "b");
  EXPECT_EQ(devices[0].models[1].view.running, 2);
}

TEST_F(ModelTurnsTest, ACallOfALoadedModelIsNotTakenForALoad) {
  Asked* const first = Ask("a");
  (**first->turn)->Ready();
  Asked* const second = Ask("a");
  ASSERT_TRUE(second->gone());
  EXPECT_FALSE((**second->turn)->loading());
}

TEST_F(ModelTurnsTest, AClientThatLeavesWaitsNoLongerAndHoldsNothingUp) {
  Ask("a");
  Asked* const second = Ask("b");
  cancellation.Cancel();
  Settle();
  ASSERT_TRUE(second->refused());
  EXPECT_EQ(second->turn->error().code, ErrorCode::kCancelled);
  EXPECT_EQ(Waiting(), 0);
}

TEST_F(ModelTurnsTest, NoWaitOutlastsTheDeadline) {
  Ask("a");
  deadline = Deadline::After(std::chrono::milliseconds(1));
  Asked* const second = Ask("b");
  RunUntil([&] { return second->refused(); });
  EXPECT_EQ(second->turn->error().code, ErrorCode::kTimeout);
}

TEST_F(ModelTurnsTest, ATurnThatIsNotTakenIsGivenBack) {
  Asked* const first = Ask("a");
  Asked* const second = Ask("b");
  // Granted and cancelled before its coroutine runs.
  (**first->turn)->Answered();
  first->turn.reset();
  cancellation.Cancel();
  Settle();
  ASSERT_TRUE(second->refused());
  EXPECT_EQ(turns.Devices()[0].models[1].view.running, 0);
}

TEST_F(ModelTurnsTest, AFullQueueSaysWhenToComeBack) {
  backend.max_queue = 2;
  Ask("a");
  Ask("b");
  Ask("c");
  Asked* const fourth = Ask("b");
  ASSERT_TRUE(fourth->refused());
  EXPECT_EQ(fourth->turn->error().code, ErrorCode::kRateLimited);
  EXPECT_GE(fourth->turn->error().retry_after, std::chrono::seconds(1));
  EXPECT_NE(fourth->turn->error().message.find("gpu"), std::string::npos);
}

TEST_F(ModelTurnsTest, WhereAModelCannotBeLoadedAnotherExpertIsAsked) {
  Asked* const first = Ask("a");
  Asked* const waiting = Ask("b", false);
  Asked* const stubborn = Ask("b", true);
  Answer(*first);
  ASSERT_TRUE(waiting->gone());
  ASSERT_TRUE(stubborn->gone());
  Asked* const behind = Ask("c", false);
  (**waiting->turn)->Failed();
  waiting->turn.reset();
  (**stubborn->turn)->Failed();
  stubborn->turn.reset();
  Settle();
  EXPECT_TRUE(behind->gone()) << "the room is another's";
  Asked* const next = Ask("b", false);
  ASSERT_TRUE(next->refused());
  EXPECT_EQ(next->turn->error().code, ErrorCode::kUnavailable);
  Asked* const last_resort = Ask("b", true);
  EXPECT_FALSE(last_resort->turn.has_value()) << "it waits, since there is nothing else to ask";
}

// Whoever looks again by itself does so when it is time, and sleeps until then.
TEST_F(ModelTurnsTest, CallsThatWaitForATimeLeaveTheLoopAlone) {
  // So many that a swap pays for itself in some seconds at the earliest.
  for (int i = 0; i < 200; ++i) Answer(*Ask("a"));
  ASSERT_TRUE(Ask("a")->gone());
  Begin("b");
  Begin("c");
  std::size_t handled = 0;
  for (int i = 0; i < 1000; ++i) {
    context().restart();
    handled += context().poll_one();
  }
  EXPECT_LT(handled, 50u);
  EXPECT_EQ(Waiting(), 2);
}

TEST_F(ModelTurnsTest, WhatWaitsTooLongIsToldSo) {
  backend.residency.max_wait = std::chrono::milliseconds(1);
  Ask("a");
  Asked* const second = Ask("b");
  RunUntil([&] { return second->refused(); });
  EXPECT_EQ(second->turn->error().code, ErrorCode::kOverloaded);
  EXPECT_GE(second->turn->error().retry_after, std::chrono::seconds(1));
}

// The plan says when to look again although nothing happens; one of those that wait does.
TEST_F(ModelTurnsTest, AModelDrainsWhenTheWaitLimitComes) {
  backend.residency.max_wait = std::chrono::milliseconds(200);
  Asked* const first = Ask("a");
  (**first->turn)->Ready();
  Asked* const second = Ask("b");
  RunUntil(
      [&] { return turns.Devices()[0].models[0].view.state == ResidencyPlan::State::kDraining; });
  Answer(*first);
  EXPECT_TRUE(second->gone());
}

}  // namespace
}  // namespace moerge::test
