#include "registry/store_thread.h"

#include <gtest/gtest.h>

#include <numeric>
#include <optional>
#include <thread>

#include "registry/decision_queue.h"
#include "tests/registry/support.h"

namespace moerge {
namespace {

using testing::FaultyStore;
using testing::Gate;
using testing::MakeDecision;

double Lost(Metrics& metrics) {
  return metrics
      .GetCounter("moerge_decisions_lost_total",
                  "Decisions that could not be kept: queue full or store failed")
      .value();
}

DecisionRecord Record(int number) { return MakeDecision(number, std::chrono::system_clock::now()); }

constexpr int kBound = static_cast<int>(DecisionQueue::kGroup) + 50;  // of both queues

class StoreThreadTest : public ::testing::Test {
 protected:
  std::shared_ptr<FaultyStore::Faults> faults_ = std::make_shared<FaultyStore::Faults>();
  Metrics metrics_;
  std::optional<StoreThread> thread_{std::in_place, std::make_unique<FaultyStore>(faults_),
                                     metrics_, std::size_t{kBound}};

  std::size_t Kept() {
    std::size_t count = 0;
    DecisionFilter all;
    all.limit = 1000;
    thread_->Run([&](Store& store) { count = store.decisions().List(all)->size(); });
    return count;
  }
};

TEST_F(StoreThreadTest, JobsRunInOrder) {
  std::vector<int> order;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(thread_->Post([&order, i](Store&) { order.push_back(i); }));
  }
  thread_->Drain();
  std::vector<int> wanted(10);
  std::iota(wanted.begin(), wanted.end(), 0);
  EXPECT_EQ(order, wanted);
}

TEST_F(StoreThreadTest, PostIsRefusedWhenTheQueueIsFull) {
  Gate gate(*thread_);
  int taken = 0;
  for (int i = 0; i < kBound + 100; ++i) taken += thread_->Post([](Store&) {});
  gate.Open();
  thread_->Drain();
  EXPECT_EQ(taken, kBound);
  EXPECT_TRUE(thread_->Post([](Store&) {}));
}

TEST_F(StoreThreadTest, WhatWasAcceptedIsFinishedAtTheEnd) {
  int done = 0;
  Gate gate(*thread_);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(thread_->Post([&](Store&) { ++done; }));
  for (int i = 0; i < 7; ++i) thread_->AddDecision(Record(i));
  gate.Open();
  thread_.reset();
  EXPECT_EQ(done, 20);
  EXPECT_EQ(faults_->groups, std::vector<std::size_t>{7});
}

TEST_F(StoreThreadTest, RunInsideAJobDoesNotWaitForItself) {
  bool inner = false;
  thread_->Run([&](Store&) { thread_->Run([&](Store&) { inner = true; }); });
  EXPECT_TRUE(inner);
}

TEST_F(StoreThreadTest, DecisionsAreWrittenInGroups) {
  Gate gate(*thread_);
  for (int i = 0; i < kBound; ++i) thread_->AddDecision(Record(i));
  gate.Open();
  thread_->Drain();
  EXPECT_EQ(faults_->groups, (std::vector<std::size_t>{DecisionQueue::kGroup, 50}));
  EXPECT_EQ(Kept(), std::size_t{kBound});
}

TEST_F(StoreThreadTest, WhatWasWrittenLeavesItsRoomAndNothingElse) {
  for (int i = 0; i < 3; ++i) thread_->AddDecision(Record(i));
  thread_->Drain();
  const DecisionRecord used = thread_->NewDecision();
  EXPECT_GE(used.id.capacity(), Record(0).id.size());
  for (const std::string& text :
       {used.id, used.request_id, used.policy, used.expert, used.skill, used.outcome, used.json}) {
    EXPECT_TRUE(text.empty()) << text;
  }
}

TEST_F(StoreThreadTest, ASingleDecisionIsWrittenSoonWithoutADrain) {
  thread_->AddDecision(Record(1));
  while (Kept() == 0) std::this_thread::yield();
  EXPECT_EQ(faults_->groups, std::vector<std::size_t>{1});
}

TEST_F(StoreThreadTest, AFullQueueLosesAndCounts) {
  Gate gate(*thread_);
  for (int i = 0; i < kBound + 50; ++i) thread_->AddDecision(Record(i));
  EXPECT_EQ(Lost(metrics_), 50);
  gate.Open();
  thread_->Drain();
  EXPECT_EQ(Kept(), std::size_t{kBound});
}

TEST_F(StoreThreadTest, TheQueueIsBoundedInBytesToo) {
  Gate gate(*thread_);
  for (int i = 0; i < 10; ++i) {
    DecisionRecord large = Record(i);
    large.json.assign(DecisionQueue::kMaxBytes / 4, 'x');
    thread_->AddDecision(std::move(large));
  }
  EXPECT_EQ(Lost(metrics_), 7);
  gate.Open();
}

TEST_F(StoreThreadTest, AFailedDiskLosesTheGroupAndWorkGoesOn) {
  thread_->Run([&](Store&) { faults_->failure = Error{ErrorCode::kInternal, "disk is full"}; });
  for (int i = 0; i < 5; ++i) thread_->AddDecision(Record(i));
  thread_->Drain();
  EXPECT_EQ(Lost(metrics_), 5);
  thread_->Run([&](Store&) { faults_->failure.reset(); });
  thread_->AddDecision(Record(9));
  thread_->Drain();
  EXPECT_EQ(Kept(), 1u);
  EXPECT_EQ(Lost(metrics_), 5);
}

TEST_F(StoreThreadTest, ALockedStoreIsTriedAgainAndNothingIsLost) {
  thread_->Run([&](Store&) { faults_->failure = Error{ErrorCode::kUnavailable, "locked"}; });
  for (int i = 0; i < 5; ++i) thread_->AddDecision(Record(i));
  thread_->Drain();
  EXPECT_EQ(Kept(), 0u);
  EXPECT_EQ(Lost(metrics_), 0);
  thread_->Run([&](Store&) { faults_->failure.reset(); });
  thread_->Drain();
  EXPECT_EQ(Kept(), 5u);
}

TEST_F(StoreThreadTest, AStoreThatStaysLockedLosesInTheEnd) {
  thread_->Run([&](Store&) { faults_->failure = Error{ErrorCode::kUnavailable, "locked"}; });
  for (int i = 0; i < 5; ++i) thread_->AddDecision(Record(i));
  for (int i = 0; i < DecisionQueue::kTries; ++i) thread_->Drain();
  EXPECT_EQ(Lost(metrics_), 5);
}

TEST_F(StoreThreadTest, WhatWaitsOrIsBeingWrittenIsFoundUntilItIsInTheStore) {
  Gate gate(*thread_);
  thread_->AddDecision(Record(1));
  ASSERT_TRUE(thread_->FindWaiting("decision-1").has_value());
  EXPECT_EQ(thread_->FindWaiting("decision-1")->json, Record(1).json);
  EXPECT_FALSE(thread_->FindWaiting("decision-2").has_value());
  std::optional<DecisionRecord> while_written;
  faults_->on_add = [&] { while_written = thread_->FindWaiting("decision-1"); };
  gate.Open();
  thread_->Drain();
  ASSERT_TRUE(while_written.has_value());
  EXPECT_EQ(while_written->json, Record(1).json);
  EXPECT_FALSE(thread_->FindWaiting("decision-1").has_value());
  EXPECT_EQ(Kept(), 1u);
}

TEST_F(StoreThreadTest, WhatALockedStoreDoesNotTakeIsFoundUntilItIsLost) {
  thread_->Run([&](Store&) { faults_->failure = Error{ErrorCode::kUnavailable, "locked"}; });
  thread_->AddDecision(Record(1));
  thread_->Drain();
  thread_->AddDecision(Record(2));
  EXPECT_TRUE(thread_->FindWaiting("decision-1").has_value());
  EXPECT_TRUE(thread_->FindWaiting("decision-2").has_value());
  for (int i = 1; i < DecisionQueue::kTries; ++i) thread_->Drain();
  EXPECT_FALSE(thread_->FindWaiting("decision-1").has_value());
}

TEST_F(StoreThreadTest, WhyADecisionIsNotThereIsKnownWhileItWaitsAndWhenItIsLost) {
  EXPECT_FALSE(thread_->WhyNotKept("decision-1").has_value());
  thread_->Run([&](Store&) { faults_->failure = Error{ErrorCode::kUnavailable, "locked"}; });
  thread_->AddDecision(Record(1));
  thread_->Drain();
  const auto waits = thread_->WhyNotKept("decision-1");
  ASSERT_TRUE(waits.has_value());
  EXPECT_EQ(waits->code, ErrorCode::kUnavailable);
  EXPECT_GT(waits->retry_after.count(), 0);
  EXPECT_EQ(thread_->health().Failing(), "decisions");
  thread_->Run([&](Store&) { faults_->failure = Error{ErrorCode::kInternal, "disk is full"}; });
  thread_->Drain();
  const auto lost = thread_->WhyNotKept("decision-1");
  ASSERT_TRUE(lost.has_value());
  EXPECT_EQ(lost->code, ErrorCode::kConflict);
  EXPECT_NE(lost->message.find("could not be kept: disk is full"), std::string::npos);
  thread_->Run([&](Store&) { faults_->failure.reset(); });
  thread_->AddDecision(Record(2));
  thread_->Drain();
  EXPECT_EQ(thread_->health().Failing(), "");
  EXPECT_FALSE(thread_->WhyNotKept("decision-2").has_value());
}

TEST_F(StoreThreadTest, WhatAFullQueueLosesIsKnownToBeLost) {
  testing::Gate gate(*thread_);
  constexpr int kMoreThanFit = 10'000;
  for (int i = 0; i < kMoreThanFit; ++i) thread_->AddDecision(Record(i));
  const auto lost = thread_->WhyNotKept("decision-" + std::to_string(kMoreThanFit - 1));
  gate.Open();
  ASSERT_TRUE(lost.has_value());
  EXPECT_NE(lost->message.find("the queue to the store was full"), std::string::npos);
}

TEST_F(StoreThreadTest, AtTheEndALockedStoreIsTriedOnceMore) {
  thread_->Run([&](Store&) { faults_->failure = Error{ErrorCode::kUnavailable, "locked"}; });
  for (int i = 0; i < kBound; ++i) thread_->AddDecision(Record(i));
  thread_.reset();
  EXPECT_EQ(Lost(metrics_), kBound);
}

TEST_F(StoreThreadTest, RetentionIsAppliedWhenItIsSet) {
  for (int i = 0; i < 20; ++i) thread_->AddDecision(Record(i));
  thread_->Drain();
  thread_->SetRetention({std::chrono::hours(1), 5});
  thread_->Drain();
  EXPECT_EQ(Kept(), 5u);
}

TEST_F(StoreThreadTest, RetentionIsAppliedAgainAfterManyDecisions) {
  thread_->SetRetention({std::chrono::hours(1), 5});
  thread_->Drain();
  for (int i = 0; i < 10'000; ++i) {
    thread_->AddDecision(Record(i));
    if (i % 200 == 0) thread_->Drain();
  }
  thread_->Drain();
  EXPECT_EQ(Kept(), 5u);
}

TEST_F(StoreThreadTest, ManyThreadsMayAdd) {
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < 60; ++i) thread_->AddDecision(Record(writer * 100 + i));
    });
  }
  for (std::thread& writer : writers) writer.join();
  thread_->Drain();
  EXPECT_EQ(Kept() + static_cast<std::size_t>(Lost(metrics_)), 240u);
}

}  // namespace
}  // namespace moerge
