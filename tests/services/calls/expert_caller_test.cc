#include "services/calls/expert_caller.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/services/pipeline/pipeline_fixture.h"

namespace moerge {
namespace {

using test::Breaks;
using test::Fails;
using test::Play;
using test::Says;

struct Caller : testing::Test, test::PipelineFixture {
  Caller() { rules.first_backoff = rules.max_backoff = std::chrono::milliseconds(0); }

  // A call of "first", which has a backend with two retries.
  ExpertCall CallOf(CallPurpose purpose = CallPurpose::kAnswer) {
    const SnapshotPtr& snapshot = router().snapshot();
    return {.body = *ChatBody::Parse(R"({"messages":[]})"),
            .expert = Share(snapshot, *snapshot->FindExpert("first")),
            .purpose = purpose,
            .prompt_tokens = 1000,
            .max_tokens = 500};
  }
  CallSite Site() { return {ledger, trace, &cancellation}; }

  Result<ChatReply> Chat(const ExpertCall& call) {
    ExpertCaller::Parts parts = CallerParts();
    parts.turns = turns;
    ExpertCaller caller(parts);
    return RunTask(caller.Chat(call, Site()));
  }
  std::string Tried() const {
    std::string text;
    for (const Attempt& attempt : trace.attempts) {
      text.append(text.empty() ? "" : " ").append(AttemptOutcomeName(attempt.outcome));
    }
    return text;
  }

  Ledger ledger;
  CallTrace trace;
  ModelTurns* turns = nullptr;
};

// Keeps replies in memory.
struct KeptInMemory final : FinishedCalls {
  std::string Begin(std::string_view asked) override {
    return std::string(asked) + "#" + std::to_string(begun[std::string(asked)]++);
  }
  void Again() override { begun.clear(); }
  Task<std::optional<Kept>> Find(const std::string& key) override {
    const auto found = kept.find(key);
    if (found == kept.end()) co_return std::nullopt;
    co_return Kept{found->second, charged, charged};
  }
  Task<void> Charged() override {
    charged = true;
    co_return;
  }
  Task<void> Keep(const std::string& key, std::string reply) override {
    kept[key] = std::move(reply);
    co_return;
  }
  std::uint64_t secret() const override { return 1; }

  std::map<std::string, int> begun;
  std::map<std::string, std::string> kept;
  bool charged = false;
};

// The call as a part of an answer that keeps what has finished there.
ExpertCall PartOf(ExpertCall call, FinishedCallsPtr finished) {
  const auto origin = std::make_shared<RequestOrigin>();
  origin->finished = std::move(finished);
  call.origin = origin;
  call.is_part = true;
  return call;
}

// A part of an answer that was there before is not asked for again, and counts as if it were.
TEST_F(Caller, AFinishedPartIsNotAskedForAgain) {
  const auto finished = std::make_shared<KeptInMemory>();
  const ExpertCall call = PartOf(CallOf(), finished);
  script->plays["first"] = {Breaks(Fails(ErrorCode::kInvalid)), Says("once")};
  EXPECT_FALSE(Chat(call).ok());
  EXPECT_TRUE(finished->kept.empty()) << "failures are not kept";
  finished->Again();
  const Result<ChatReply> asked = Chat(call);
  ASSERT_TRUE(asked.ok());
  finished->Again();
  const Result<ChatReply> again = Chat(call);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->content, asked->content);
  EXPECT_EQ(script->asked.size(), 2u);
  EXPECT_EQ(Tried(), "failed ok ok");
  EXPECT_EQ(ledger.calls(), 3);
  EXPECT_EQ(ledger.SettledBy(*trace.entry).tokens(), 1500);
  ExpertCall other = call;
  other.body = *ChatBody::Parse(R"({"messages":[],"n":1})");
  ASSERT_TRUE(Chat(other).ok());
  EXPECT_EQ(script->asked.size(), 3u) << "another question";
}

// The client paid for it with the request that was asked before.
TEST_F(Caller, WhatWasChargedBeforeIsNotChargedAgain) {
  const auto finished = std::make_shared<KeptInMemory>();
  const ExpertCall call = PartOf(CallOf(), finished);
  ASSERT_TRUE(Chat(call).ok());
  EXPECT_EQ(ledger.ChargedBut({}).tokens(), 1500);
  finished->charged = true;
  finished->Again();
  ledger = Ledger();
  ledger.SetLimits({.calls = 1}, Ledger::Clock::now());
  ASSERT_TRUE(Chat(call).ok());
  EXPECT_EQ(ledger.Settled().tokens(), 1500) << "it is a part of the answer";
  EXPECT_EQ(ledger.ChargedBut({}).tokens(), 0);
  EXPECT_EQ(ledger.charged_before(), 1);
  EXPECT_TRUE(trace.attempts.back().again);
  EXPECT_FALSE(ledger.Reserve({}).ok()) << "it stands against the ceilings";
}

TEST_F(Caller, AWholeAnswerIsNotKeptByItself) {
  const auto finished = std::make_shared<KeptInMemory>();
  const auto origin = std::make_shared<RequestOrigin>();
  origin->finished = finished;
  ExpertCall call = CallOf();
  call.origin = origin;
  ASSERT_TRUE(Chat(call).ok());
  EXPECT_TRUE(finished->kept.empty());
  call.purpose = CallPurpose::kRouting;
  ASSERT_TRUE(Chat(call).ok());
  EXPECT_EQ(finished->kept.size(), 1u) << "a call that an answer follows";
}

TEST_F(Caller, AnAnswerIsSettledTimedAndTraced) {
  ASSERT_TRUE(Chat(CallOf()).ok());
  EXPECT_EQ(Tried(), "ok");
  EXPECT_EQ(ledger.calls(), 1);
  EXPECT_EQ(ledger.SettledBy(*trace.entry).tokens(), 1500);
  EXPECT_DOUBLE_EQ(ledger.Settled().cost_usd, 0.004);
  EXPECT_EQ(Timed("first"), 1u);
  EXPECT_EQ(trace.upstream.under_way(), 0);
}

// Neither a lock nor a place is taken for it: no device has been heard of.
TEST_F(Caller, AnExpertThatIsAlwaysLoadedTakesNoTurn) {
  Metrics metrics;
  ModelTurns known(metrics);
  turns = &known;
  ASSERT_TRUE(Chat(CallOf()).ok());
  EXPECT_TRUE(known.Devices().empty());
}

TEST_F(Caller, TriesOfOneCallAreOneReservation) {
  script->plays["first"] = {Breaks(Fails(ErrorCode::kUnavailable)),
                            Breaks(Fails(ErrorCode::kUnavailable)), Says("hello")};
  ASSERT_TRUE(Chat(CallOf()).ok());
  EXPECT_EQ(Tried(), "failed failed ok");
  EXPECT_EQ(ledger.calls(), 1);
  EXPECT_EQ(ledger.Settled().tokens(), 1500);
}

TEST_F(Caller, AFailedCallTakesNothing) {
  script->plays["first"] = {Breaks(Fails(ErrorCode::kUpstream))};
  EXPECT_FALSE(Chat(CallOf()).ok());
  EXPECT_TRUE(ledger.IsSettled(*trace.entry));
  EXPECT_EQ(ledger.Settled().tokens(), 0);
  EXPECT_EQ(ledger.calls(), 1);
}

TEST_F(Caller, WhatWasSettledBeforeACancelledCallEndedStands) {
  script->plays["first"] = {Play{.wait_for_cancel = true, .throws = false}};
  script->plays["first"].front().error = Fails(ErrorCode::kCancelled);
  const ExpertCall call = CallOf();
  ExpertCaller caller(CallerParts());
  std::optional<Result<ChatReply>> reply;
  const CallSite site = Site();
  const auto run = [&]() -> Task<void> { reply = co_await caller.Chat(call, site); };
  Start(run());
  RunUntil([&] { return !script->asked.empty(); });
  ledger.SettlePrompt(*trace.entry);
  cancellation.Cancel();
  RunUntil([&] { return reply.has_value(); });
  EXPECT_EQ(Tried(), "cancelled");
  EXPECT_EQ(ledger.Settled().tokens(), 1000);
}

TEST_F(Caller, ACeilingSkipsTheExpertAndSaysWhy) {
  ledger.SetLimits({.cost_usd = 0.001}, Ledger::Clock::now());
  const auto reply = Chat(CallOf());
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kNoExpert);
  EXPECT_EQ(reply.error().message,
            "first would cost about 0.004 USD, the request allows 0.001 USD");
  EXPECT_EQ(Tried(), "skipped");
  EXPECT_FALSE(trace.entry.has_value());
  EXPECT_TRUE(script->asked.empty());
}

TEST_F(Caller, WhatRoutingAsksIsTriedOnceNotTimedAndUnlimited) {
  ledger.SetLimits({.calls = 1, .tokens = 1}, Ledger::Clock::now());
  script->plays["first"] = {Breaks(Fails(ErrorCode::kUnavailable)), Says("hello")};
  EXPECT_FALSE(Chat(CallOf(CallPurpose::kRouting)).ok());
  EXPECT_EQ(Tried(), "failed");
  EXPECT_TRUE(Chat(CallOf(CallPurpose::kRouting)).ok());
  EXPECT_EQ(ledger.calls(), 0);
  EXPECT_EQ(Timed("first"), 0u);
}

TEST_F(Caller, WhatIsPassedThroughIsTriedAgainNotTimedAndUnlimited) {
  ledger.SetLimits({.tokens = 1}, Ledger::Clock::now());
  script->plays["first"] = {Breaks(Fails(ErrorCode::kUnavailable))};
  ExpertCaller caller(CallerParts());
  const ExpertCall call = CallOf(CallPurpose::kForward);
  const auto reply = RunTask(caller.Forward(call, "/embeddings", Site()));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->body, "/embeddings");
  EXPECT_EQ(Tried(), "failed ok");
  EXPECT_EQ(Timed("first"), 0u);
}

TEST_F(Caller, AnExceptionIsAFailedAttemptThatSaysNothingOfTheBackend) {
  for (int i = 0; i < 20; ++i) {
    script->plays["first"] = {test::Throws()};
    const auto reply = Chat(CallOf());
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().code, ErrorCode::kInternal);
    EXPECT_EQ(reply.error().detail, "out of luck");
  }
  EXPECT_TRUE(backend_gates.Healthy("gpu"));
  EXPECT_TRUE(Chat(CallOf()).ok()) << "the places were given back";
}

TEST_F(Caller, FailuresOfTheBackendOpenItsBreaker) {
  for (int i = 0; i < 5; ++i) script->plays["first"].push_back(Breaks(Fails(ErrorCode::kUpstream)));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(Chat(CallOf()).ok());
  EXPECT_FALSE(backend_gates.Healthy("gpu"));
}

TEST_F(Caller, FailuresOfOneModelOfSeveralAreItsOwn) {
  for (int i = 0; i < 5; ++i) script->plays["first"].push_back(Breaks(Fails(ErrorCode::kUpstream)));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(Chat(CallOf()).ok());
  ExpertCaller caller(CallerParts());
  const ExpertEntry& first = *router().snapshot()->FindExpert("first");
  const ExpertEntry& second = *router().snapshot()->FindExpert("second");
  ASSERT_EQ(first.backend, second.backend);
  EXPECT_TRUE(caller.IsAvoided(first));
  EXPECT_TRUE(caller.IsOpen(first));
  EXPECT_FALSE(backend_gates.HealthyModelOf(first));
  EXPECT_FALSE(caller.IsAvoided(second));
  EXPECT_FALSE(caller.IsOpen(second));
  EXPECT_TRUE(backend_gates.HealthyModelOf(second));
  ExpertCall call = CallOf();
  call.last_resort = false;
  EXPECT_EQ(Chat(call).error().code, ErrorCode::kUnavailable);
  call.expert = Share(router().snapshot(), second);
  EXPECT_TRUE(Chat(call).ok());
}

TEST_F(Caller, WhatMoergeLacksItselfSaysNothingOfTheBackend) {
  for (int i = 0; i < 20; ++i) {
    script->plays["first"] = {Breaks(Fails(ErrorCode::kOverloaded))};
    EXPECT_FALSE(Chat(CallOf()).ok());
  }
  EXPECT_TRUE(backend_gates.Healthy("gpu"));
}

TEST_F(Caller, AModelThatAnsweredThatItsLimitIsReachedIsLeftAlone) {
  Error busy = Fails(ErrorCode::kRateLimited);
  busy.retry_after = std::chrono::seconds(30);
  script->plays["first"] = {Breaks(busy), Says("too soon")};
  EXPECT_FALSE(Chat(CallOf()).ok());
  const Result<ChatReply> again = Chat(CallOf());
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, ErrorCode::kRateLimited);
  EXPECT_GT(again.error().retry_after.count(), 0);
  EXPECT_EQ(script->asked.size(), 1u);
}

TEST_F(Caller, AClientThatMeetsALimitIsToldWhenToComeAgain) {
  script->plays["first"] = {Breaks(Fails(ErrorCode::kRateLimited))};
  ExpertCall call = CallOf();
  call.last_resort = false;  // else it is tried again first
  const Result<ChatReply> reply = Chat(call);
  ASSERT_FALSE(reply.ok());
  EXPECT_GE(reply.error().retry_after.count(), 1) << "the backend did not say";
}

TEST_F(Caller, ATryLeavesTimeForTheNextExpert) {
  struct Row {
    const char* what;
    bool last_resort;
    CallPurpose purpose;
    int left_ms;      // 0: no deadline
    float usual_ms;   // that nine tenths of its answers take; 0: not measured
    int least, most;  // of its patience
  };
  for (const Row row :
       {Row{"nobody else", true, CallPurpose::kAnswer, 10'000, 0, 0, 0},
        {"no deadline", false, CallPurpose::kAnswer, 0, 0, 0, 0},
        {"not measured", false, CallPurpose::kAnswer, 10'000, 0, 4'000, 5'000},
        {"for routing", false, CallPurpose::kRouting, 10'000, 0, 0, 0},
        {"quick", false, CallPurpose::kAnswer, 10'000, 100, 4'000, 5'000},
        {"slower than half", false, CallPurpose::kAnswer, 10'000, 4'500, 5'001, 8'000},
        {"needs all", false, CallPurpose::kAnswer, 10'000, 9'000, 0, 0}}) {
    if (row.usual_ms > 0) {
      for (int i = 0; i < 200; ++i) latencies.Add(InternExpert("first"), {.ms = row.usual_ms});
    }
    ExpertCall call = CallOf(row.purpose);
    call.last_resort = row.last_resort;
    if (row.left_ms > 0) call.deadline = Deadline::After(std::chrono::milliseconds(row.left_ms));
    ASSERT_TRUE(Chat(call).ok());
    EXPECT_GE(script->patience.count(), row.least) << row.what;
    EXPECT_LE(script->patience.count(), row.most) << row.what;
  }
}

TEST_F(Caller, ATrialOfAnAvoidedBackendIsLeftSoonForAnotherExpert) {
  for (int i = 0; i < 5; ++i) {
    script->plays["first"].push_back(Breaks(Fails(ErrorCode::kUnauthorized)));
    EXPECT_FALSE(Chat(CallOf()).ok());
  }
  ASSERT_FALSE(backend_gates.Healthy("gpu"));
  RunUntil([&] { return backend_gates.Healthy("gpu"); });  // for a trial
  ExpertCall call = CallOf();
  call.last_resort = false;
  call.deadline = Deadline::After(std::chrono::minutes(10));
  const auto silence = std::chrono::duration_cast<std::chrono::milliseconds>(rules.silence);
  ASSERT_TRUE(Chat(call).ok());
  EXPECT_EQ(script->patience, silence);
  call.deadline = Deadline::Never();
  ASSERT_TRUE(Chat(call).ok());
  EXPECT_EQ(script->patience, silence);
  ASSERT_TRUE(Chat(call).ok());  // the third that is answered
  ASSERT_TRUE(Chat(call).ok());
  EXPECT_EQ(script->patience.count(), 0) << "it is not avoided";
}

TEST_F(Caller, ManyCallsThatWaitForNothingSpeakAgainstTheBackend) {
  rules.silence = rules.unmeasured_silence = std::chrono::milliseconds(0);
  ExpertCaller caller(CallerParts());
  ExpertCall call = CallOf();
  call.last_resort = false;
  std::deque<CallTrace> traces;
  std::deque<Ledger> ledgers;
  const auto hang = [&](CallTrace& own, Ledger& books) -> Task<void> {
    const CallSite site{books, own, &cancellation};
    (void)co_await caller.Chat(call, site);
  };
  for (std::size_t i = 0; i < SilentCalls::kMany; ++i) {
    EXPECT_TRUE(backend_gates.Healthy("gpu")) << i;
    script->plays["first"].push_back(Play{.wait_for_cancel = true});
    Start(hang(traces.emplace_back(), ledgers.emplace_back()));
    context().poll();
  }
  const auto reply = RunTask(caller.Chat(call, Site()));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(backend_gates.Healthy("gpu"));
  EXPECT_FALSE(gates.For("gpu")->condition().avoided) << "they were all of one model of several";
  EXPECT_EQ(script->asked.size(), SilentCalls::kMany);
  cancellation.Cancel();
  context().poll();
}

TEST_F(Caller, AKeyThatIsRefusedSpeaksAgainstTheBackend) {
  for (int i = 0; i < 5; ++i) {
    script->plays["first"].push_back(Breaks(Fails(ErrorCode::kUnauthorized)));
    EXPECT_FALSE(Chat(CallOf()).ok());
  }
  EXPECT_FALSE(backend_gates.Healthy("gpu"));
}

TEST_F(Caller, APromptThatWasTooLongIsRemembered) {
  Error too_long = Fails(ErrorCode::kInvalid);
  too_long.reason = kContextExceeded;
  script->plays["first"] = {Breaks(too_long), Says("it fits after all")};
  ExpertCaller caller(CallerParts());
  const ExpertEntry& first = *router().snapshot()->FindExpert("first");
  EXPECT_TRUE(caller.HasRoom(first, 1000));
  EXPECT_FALSE(Chat(CallOf()).ok());
  EXPECT_FALSE(caller.HasRoom(first, 1000));
  EXPECT_TRUE(caller.HasRoom(first, 999));
  EXPECT_TRUE(caller.HasRoom(*router().snapshot()->FindExpert("second"), 1000));
  EXPECT_TRUE(Chat(CallOf()).ok());
  EXPECT_TRUE(caller.HasRoom(first, 1000));
}

TEST_F(Caller, TheFirstChunkOfAStreamIsTimed) {
  script->plays["first"] = {Says("{}")};
  test::KeptStream stream;
  ExpertCaller caller(CallerParts());
  const ExpertCall call = CallOf();
  ASSERT_TRUE(RunTask(caller.Stream(call, stream, Site())).ok());
  EXPECT_EQ(latencies.Find(InternExpert("first"))->first().count(), 1u);
}

TEST_F(Caller, AStreamWithoutAnAnswerIsAFailedAttempt) {
  script->plays["first"] = {Play{}};
  test::KeptStream stream;
  ExpertCaller caller(CallerParts());
  const ExpertCall call = CallOf();
  const auto reply = RunTask(caller.Stream(call, stream, Site()));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kUpstream);
  EXPECT_EQ(Tried(), "failed");
}

}  // namespace
}  // namespace moerge
