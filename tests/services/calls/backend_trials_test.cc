// A backend that fails is tried beside what clients ask, and no client waits for it.
#include "services/calls/backend_trials.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/services/pipeline/pipeline_fixture.h"

namespace moerge {
namespace {

using test::Breaks;
using test::Fails;
using test::Play;

class BackendTrialsTest : public testing::Test, protected test::PipelineFixture {
 protected:
  BackendTrialsTest() : orchestrator_(WithTwoBackends()) {
    router().roster = {"first"};
    router().fallbacks = {"second"};
    for (int i = 0; i < 5; ++i) gate_->Report({.reason = "it broke"});
    EXPECT_TRUE(gate_->Open("upstream-first"));
  }
  Orchestrator& WithTwoBackends() {
    Backend other = state.backends.front();
    other.name = "other";
    state.backends.push_back(other);
    state.experts[1].backend = "other";  // of "second"
    state.experts.push_back(test::LlmExpert("neighbour"));
    with_trials = true;
    return MakeOrchestrator();
  }
  // What still waits for an answer goes while its loop is there.
  ~BackendTrialsTest() override {
    trials->Stop();
    RunUntil([this] { return gate_->condition().in_flight == 0; });
  }

  void WaitUntilOneIsDue() {
    RunUntil([this] { return gate_->Healthy("upstream-first"); });
  }
  std::string AskOnce(ClientStream* stream = nullptr) {
    record = {};
    script->asked.clear();
    ChatRequest request = Request();
    EXPECT_TRUE(RunTask(orchestrator_.Chat(request, stream, scope, record)).ok());
    RunUntil([this] { return hole_ || gate_->condition().in_flight == 0; });
    std::string asked;
    for (const std::string& each : script->asked) asked += (asked.empty() ? "" : " ") + each;
    return asked;
  }
  std::shared_ptr<Gate> gate_ = gates.For("gpu");
  Orchestrator& orchestrator_;  // one, which trials outlive requests in
  bool hole_ = false;
};

TEST_F(BackendTrialsTest, NoClientWaitsForABlackHole) {
  hole_ = true;
  for (int i = 0; i < 4; ++i) script->plays["first"].push_back(Play{.wait_for_cancel = true});
  WaitUntilOneIsDue();
  EXPECT_EQ(AskOnce(), "second first");
  EXPECT_EQ(Attempts(), "second:ok");
  EXPECT_EQ(record.ledger.calls(), 1) << "a trial is not the client's to pay";
  EXPECT_GT(script->patience.count(), 0) << "it is given up some time";
  EXPECT_EQ(gate_->condition().in_flight, 1);
  // While it is under way no other is due.
  EXPECT_EQ(AskOnce(), "second");
  trials->Stop();
  RunUntil([this] { return gate_->condition().in_flight == 0; });
  hole_ = false;
  EXPECT_TRUE(gate_->Open("upstream-first"));
}

// Its backend hosts another, which is well.
TEST_F(BackendTrialsTest, AModelThatFailsIsTriedLikeABackend) {
  for (int i = 0; i < Breaker::kTrialsToClose; ++i) gate_->Report({.success = true});
  ASSERT_FALSE(gate_->Open("upstream-first"));
  const ModelAtBackend model{"upstream-first", true};
  for (int i = 0; i < 5; ++i) gate_->Report({.model = model, .reason = "it broke"});
  ASSERT_TRUE(gate_->Open("upstream-first"));
  ASSERT_FALSE(gate_->condition().avoided);
  WaitUntilOneIsDue();
  int asked = 0;
  while (gate_->Open("upstream-first") && asked < 20) {
    ++asked;
    EXPECT_EQ(AskOnce(), "second first") << asked;
    EXPECT_EQ(Attempts(), "second:ok");
  }
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(AskOnce(), "first");
}

TEST_F(BackendTrialsTest, StreamsAreSparedToo) {
  hole_ = true;
  script->plays["first"] = {Play{.wait_for_cancel = true}};
  script->plays["second"] = {test::Says("hello")};
  WaitUntilOneIsDue();
  test::KeptStream stream;
  EXPECT_EQ(AskOnce(&stream), "second first");
  ASSERT_EQ(stream.chunks.size(), 1u);
  EXPECT_EQ(stream.chunks.front(), "hello") << "what a trial says goes to nobody";
}

TEST_F(BackendTrialsTest, ABackendThatIsWellAgainIsFoundOut) {
  WaitUntilOneIsDue();
  int asked = 0;
  while (gate_->Open("upstream-first") && asked < 20) {
    ++asked;
    EXPECT_EQ(AskOnce(), "second first") << asked;
  }
  EXPECT_EQ(asked, 3) << "three in a row are proof";
  EXPECT_EQ(AskOnce(), "first");
  EXPECT_EQ(Attempts(), "first:ok");
}

TEST_F(BackendTrialsTest, ATrialIsMadeOnceAndOnlyWhenItIsDue) {
  for (int i = 0; i < 3; ++i) {
    script->plays["first"].push_back(Breaks(Fails(ErrorCode::kUnavailable)));
  }
  WaitUntilOneIsDue();
  EXPECT_EQ(AskOnce(), "second first") << "it is not tried again";
  EXPECT_EQ(AskOnce(), "second") << "the pause has begun";
}

TEST_F(BackendTrialsTest, WhoeverHasNoOtherExpertAsksAllTheSame) {
  router().fallbacks.clear();
  EXPECT_EQ(AskOnce(), "first");
  EXPECT_EQ(Attempts(), "first:ok");
}

TEST_F(BackendTrialsTest, NoneBeginsOnceTheServerStops) {
  WaitUntilOneIsDue();
  trials->Stop();
  record = {};
  ExpertCall call{.body = *ChatBody::Parse(R"({"messages":[]})"),
                  .expert = Share(router().snapshot(), *router().snapshot()->FindExpert("first"))};
  trials->Try(call);
  EXPECT_TRUE(script->asked.empty());
}

}  // namespace
}  // namespace moerge
