#include <gtest/gtest.h>

#include <boost/asio/post.hpp>

#include "tests/services/pipeline/pipeline_fixture.h"

namespace moerge {
namespace {

using test::Breaks;
using test::Fails;
using test::Says;

struct Dispatch : testing::Test, test::PipelineFixture {
  Dispatch() {
    router().roster = {"first"};
    router().fallbacks = {"second"};
  }

  // Turns of the loop later, so that the pipeline is inside whatever it waits for.
  void LeaveOnceAsked() {
    if (record.attempts.empty()) return boost::asio::post(context(), [this] { LeaveOnceAsked(); });
    boost::asio::post(context(), [this] { cancellation.Cancel(); });
  }
};

TEST_F(Dispatch, TheFirstOfTheRosterAnswers) {
  script->plays["first"] = {Says("hello")};
  const auto reply = Ask(Request());
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->content, "hello");
  EXPECT_EQ(Attempts(), "first:ok");
  EXPECT_EQ(record.expert->spec.name, "first");
  EXPECT_TRUE(record.answered);
  // 1000 tokens at 2 and 500 at 4 USD per million.
  EXPECT_DOUBLE_EQ(record.cost_usd, 0.004);
}

TEST_F(Dispatch, RetriesThenFallsBackAndRecordsEveryAttempt) {
  for (int i = 0; i < 3; ++i) {
    script->plays["first"].push_back(Breaks(Fails(ErrorCode::kUnavailable, "no connection")));
  }
  const auto reply = Ask(Request());
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(Attempts(), "first:failed first:failed first:failed second:ok");
  EXPECT_EQ(record.attempts[2].retry, 2);
  EXPECT_EQ(record.attempts[0].error, "no connection");
  EXPECT_EQ(record.attempts[3].retry, 0);
}

TEST_F(Dispatch, GarbageIsNotAskedForTwice) {
  script->plays["first"] = {Breaks(Fails(ErrorCode::kUpstream, "not JSON"))};
  ASSERT_TRUE(Ask(Request()).ok());
  EXPECT_EQ(Attempts(), "first:failed second:ok");
}

TEST_F(Dispatch, AnExceptionBelowACallIsAFailedAttempt) {
  script->plays["first"] = {test::Throws()};
  ASSERT_TRUE(Ask(Request()).ok());
  EXPECT_EQ(Attempts(), "first:failed second:ok");
  EXPECT_EQ(record.attempts.front().code, ErrorCode::kInternal);
  EXPECT_EQ(record.attempts.front().error.find("out of luck"), std::string::npos)
      << "what was thrown is for the log";
}

TEST_F(Dispatch, ARefusedRequestIsTriedOnTheNextExpert) {
  script->plays["first"] = {Breaks(Fails(ErrorCode::kInvalid, "context too long"))};
  ASSERT_TRUE(Ask(Request()).ok());
  EXPECT_EQ(Attempts(), "first:failed second:ok");
}

TEST_F(Dispatch, APromptThatWasTooLongGoesToAnotherExpertFirst) {
  Error too_long = Fails(ErrorCode::kInvalid);
  too_long.reason = kContextExceeded;
  script->plays["first"] = {Breaks(too_long)};
  ASSERT_TRUE(Ask(Request()).ok());
  EXPECT_EQ(Attempts(), "first:failed second:ok");
  record = {};
  ASSERT_TRUE(Ask(Request()).ok());
  EXPECT_EQ(Attempts(), "second:ok");
  record = {};
  script->plays["second"] = {Breaks(Fails(ErrorCode::kUpstream))};
  ASSERT_TRUE(Ask(Request()).ok());
  EXPECT_EQ(Attempts(), "second:failed first:ok") << "asked when nobody else is left";
}

TEST_F(Dispatch, WhenAllFailTheMostTellingErrorIsGiven) {
  script->plays["first"] = {Breaks(Fails(ErrorCode::kInvalid, "context too long"))};
  script->plays["second"] = {Breaks(Fails(ErrorCode::kUpstream, "not JSON"))};
  const auto reply = Ask(Request());
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(reply.error().message, "expert `first`: context too long");
  EXPECT_FALSE(record.answered);
}

TEST_F(Dispatch, ARefusedKeyOfOursIsNotTheClientsFault) {
  router().fallbacks.clear();
  script->plays["first"] = {Breaks(Fails(ErrorCode::kUnauthorized, "bad key"))};
  const auto reply = Ask(Request());
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kUpstream);
}

TEST_F(Dispatch, RetryAfterBeyondTheCapFallsBackAtOnce) {
  Error busy = Fails(ErrorCode::kRateLimited);
  busy.retry_after = std::chrono::seconds(30);
  script->plays["first"] = {Breaks(busy)};
  ASSERT_TRUE(Ask(Request()).ok());
  EXPECT_EQ(Attempts(), "first:failed second:ok");
}

TEST_F(Dispatch, AnOverdueRequestAsksNobodyElse) {
  script->plays["first"] = {Breaks(Fails(ErrorCode::kTimeout, "no reply"))};
  scope.deadline = Deadline::At(Deadline::Clock::now());
  const auto reply = Ask(Request());
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(Attempts(), "first:failed");
}

TEST_F(Dispatch, AClientThatLeavesStopsEverything) {
  script->plays["first"] = {Breaks(Fails(ErrorCode::kCancelled, "left"))};
  const auto reply = Ask(Request());
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(Attempts(), "first:cancelled");
}

TEST_F(Dispatch, AClientThatLeavesDuringABackoffIsNotWaitedFor) {
  rules.first_backoff = rules.max_backoff = std::chrono::hours(1);
  script->plays["first"] = {Breaks(Fails(ErrorCode::kUnavailable))};
  LeaveOnceAsked();
  const auto reply = Ask(Request());
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(script->asked.size(), 1u);
}

TEST_F(Dispatch, AnExpertRemovedSinceIsPassedOver) {
  router().roster = {"gone"};
  ASSERT_TRUE(Ask(Request()).ok());
  EXPECT_EQ(Attempts(), "second:ok");
}

TEST_F(Dispatch, ACallOfAnotherExpertCountsAgainstTheCeilings) {
  ChatRequest request = Request();
  request.limits.calls = 1;
  script->plays["first"] = {Breaks(Fails(ErrorCode::kUpstream, "not JSON"))};
  const auto reply = Ask(request);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(Attempts(), "first:failed second:skipped");
  EXPECT_EQ(record.ledger.limit(), "calls");
  EXPECT_EQ(record.expert->spec.name, "first") << "the one that was asked";
  EXPECT_EQ(reply.error().message, "expert `first`: not JSON");
}

TEST_F(Dispatch, ExpertsOverTheCostCeilingAreSkipped) {
  ChatRequest request = Request();
  request.limits.cost_usd = 0.001;  // its 1000 tokens alone cost 0.002
  router().fallbacks = {"calculator"};
  ASSERT_TRUE(Ask(request).ok());
  EXPECT_EQ(Attempts(), "first:skipped calculator:ok");
  EXPECT_TRUE(script->asked.empty());
}

TEST_F(Dispatch, OnlyAnswersAreTimed) {
  script->plays["first"] = {Breaks(Fails(ErrorCode::kUnavailable)), Says("hello")};
  ASSERT_TRUE(Ask(Request()).ok());
  EXPECT_EQ(Attempts(), "first:failed first:ok");
  EXPECT_EQ(Timed("first"), 1u);
  EXPECT_EQ(latencies.Find(InternExpert("first"))->last(), record.decision.time);
  EXPECT_EQ(latencies.Find(InternExpert("first"))->first().count(), 0u);  // not streamed
  EXPECT_GT(backend_gates.MeasuredLatency(InternExpert("first")).typical_ms, 0);

  script->plays["first"] = {Breaks(Fails(ErrorCode::kUpstream, "not JSON"))};
  script->plays["second"] = {Breaks(Fails(ErrorCode::kCancelled, "left"))};
  record = {};
  ASSERT_FALSE(Ask(Request()).ok());
  EXPECT_EQ(Attempts(), "first:failed second:cancelled");
  EXPECT_EQ(Timed("first"), 1u);
  EXPECT_EQ(Timed("second"), 0u);
}

struct Streaming : Dispatch {
  test::KeptStream stream;
};

TEST_F(Streaming, OnlyStreamsThatEndWellAreTimed) {
  script->plays["first"] = {test::Play{{"{}"}, Fails(ErrorCode::kUnavailable, "cut"), false}};
  ASSERT_FALSE(Ask(Request(), &stream).ok());
  EXPECT_EQ(Timed("first"), 0u);
  test::KeptStream other;
  script->plays["first"] = {test::Play{}};
  script->plays["second"] = {Says("{}")};
  record = {};
  ASSERT_TRUE(Ask(Request(), &other).ok());
  EXPECT_EQ(Attempts(), "first:failed second:ok");
  EXPECT_EQ(Timed("first"), 0u);
  EXPECT_EQ(Timed("second"), 1u);
}

TEST_F(Streaming, FallsBackWhileNothingHasGoneToTheClient) {
  script->plays["first"] = {Breaks(Fails(ErrorCode::kUpstream, "cut"))};
  script->plays["second"] = {Says("{}")};
  ASSERT_TRUE(Ask(Request(), &stream).ok());
  EXPECT_EQ(Attempts(), "first:failed second:ok");
  EXPECT_EQ(stream.chunks.size(), 1u);
}

TEST_F(Streaming, NeverSwitchesExpertsInsideAnAnswer) {
  script->plays["first"] = {test::Play{{"{}", "{}"}, Fails(ErrorCode::kUnavailable, "cut"), false}};
  const auto reply = Ask(Request(), &stream);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(Attempts(), "first:failed");
  EXPECT_EQ(stream.chunks.size(), 2u);
}

TEST_F(Streaming, AnExceptionInsideAnAnswerEndsIt) {
  script->plays["first"] = {test::Play{.chunks = {"{}"}, .error = {}, .throws = true}};
  const auto reply = Ask(Request(), &stream);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(Attempts(), "first:failed");
  EXPECT_EQ(stream.chunks.size(), 1u);
}

TEST_F(Streaming, AStreamWithoutAChunkIsAFailedAttempt) {
  script->plays["first"] = {test::Play{}};
  script->plays["second"] = {Says("{}")};
  ASSERT_TRUE(Ask(Request(), &stream).ok());
  EXPECT_EQ(Attempts(), "first:failed second:ok");
}

TEST_F(Streaming, AClientThatLeavesEndsIt) {
  stream.client_left = true;
  script->plays["first"] = {Says("{}")};
  const auto reply = Ask(Request(), &stream);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(Attempts(), "first:cancelled");
}

struct Tools : Dispatch {
  Tools() { router().roster = {"calculator"}; }
};

TEST_F(Tools, AnswersInsideMoerge) {
  const auto reply = Ask(Request("What is 2 + 3?"));
  ASSERT_TRUE(reply.ok());
  const auto document = json::Document::Parse(reply->json);
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->root().Find("object").AsString(), "chat.completion");
  EXPECT_EQ(document->root().Find("model").AsString(), "calculator");
  EXPECT_EQ(reply->json.substr(reply->model_begin, reply->model_end - reply->model_begin),
            "\"calculator\"");
  EXPECT_NE(reply->content.find("5"), std::string::npos);
  EXPECT_EQ(reply->finish_reason, "stop");
  EXPECT_TRUE(script->asked.empty());
}

TEST_F(Tools, AreNotTimed) {
  ASSERT_TRUE(Ask(Request("What is 2 + 3?")).ok());
  EXPECT_EQ(Attempts(), "calculator:ok");
  EXPECT_EQ(Timed("calculator"), 0u);
}

TEST_F(Tools, ADeclineIsRecordedAndTheNextExpertAsked) {
  ASSERT_TRUE(Ask(Request("Tell me about the sea.")).ok());
  EXPECT_EQ(Attempts(), "calculator:declined second:ok");
  EXPECT_FALSE(record.attempts[0].error.empty());
}

TEST_F(Tools, AreNotAskedWhenTheRequestWantsMoreThanAPlainAnswer) {
  ChatRequest request = Request();
  request.not_for_tools = "the request wants several answers (n)";
  ASSERT_TRUE(Ask(request).ok());
  EXPECT_EQ(Attempts(), "calculator:declined second:ok");
  EXPECT_EQ(record.attempts[0].error, "the request wants several answers (n)");
}

TEST_F(Tools, WhenAllDeclineTheErrorNamesTheSkillAndHowToAddAnExpert) {
  router().fallbacks.clear();
  router().skill = "oceanography";
  const auto reply = Ask(Request("Tell me about the sea."));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kNoExpert);
  EXPECT_NE(reply.error().message.find("`oceanography`"), std::string::npos);
  EXPECT_NE(reply.error().message.find("experts add"), std::string::npos);
}

TEST_F(Tools, ADeclineOfAToolAskedByNameSaysSo) {
  ChatRequest request = Request("Tell me about the sea.");
  request.model = "calculator";
  const auto reply = Ask(request);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(reply.error().reason, "declined");
}

TEST_F(Tools, StreamRoleContentFinishAndUsage) {
  test::KeptStream stream;
  ChatRequest request = Request("What is 2 + 3?");
  request.include_usage = true;
  ASSERT_TRUE(Ask(request, &stream).ok());
  ASSERT_EQ(stream.chunks.size(), 4u);
  EXPECT_NE(stream.chunks[0].find(R"("role":"assistant")"), std::string::npos);
  EXPECT_NE(stream.chunks[1].find("5"), std::string::npos);
  EXPECT_NE(stream.chunks[2].find(R"("finish_reason":"stop")"), std::string::npos);
  EXPECT_NE(stream.chunks[3].find(R"("choices":[],"usage":{)"), std::string::npos);
  for (const std::string& chunk : stream.chunks) EXPECT_TRUE(json::Document::Parse(chunk).ok());
}

struct Orchestrating : Dispatch {};

TEST_F(Orchestrating, AnEmptyRosterIsAnHonestError) {
  router().roster.clear();
  router().fallbacks.clear();
  router().skill = "algebra";
  const auto reply = Ask(Request());
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kNoExpert);
  EXPECT_NE(reply.error().message.find("`algebra`"), std::string::npos);
}

TEST_F(Orchestrating, ItsHalvesCanBeCalledByThemselves) {
  script->plays["first"] = {Says("hello")};
  ChatRequest request = Request();
  Orchestrator& orchestrator = MakeOrchestrator();
  const Result<Decided> decided = RunTask(orchestrator.Decide(request, scope, record));
  ASSERT_TRUE(decided.ok());
  EXPECT_EQ(decided->aggregator->name(), "first");
  EXPECT_EQ(record.decision.roster.size(), 1u);
  EXPECT_TRUE(script->asked.empty());
  const auto reply = RunTask(orchestrator.Answer(*decided, request, nullptr, scope, record));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->content, "hello");
  EXPECT_EQ(record.ledger.calls(), 1);
}

TEST_F(Orchestrating, ARecordsOwnRouterDecides) {
  auto other = std::make_shared<test::FixedRouter>(router().snapshot());
  other->roster = {"second"};
  record.router = other;
  ASSERT_TRUE(Ask(Request()).ok());
  EXPECT_EQ(Attempts(), "second:ok");
}

TEST_F(Orchestrating, ALimitThatLeavesNoExpertIsReported) {
  router().roster.clear();
  router().fallbacks.clear();
  router().blocker = {Exclusion::kLatencyLimit, "the fastest is x"};
  const auto reply = Ask(Request());
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kNoExpert);
  EXPECT_EQ(reply.error().reason, "latency_limit");
  EXPECT_EQ(reply.error().param, "moerge.max_latency_ms");
  EXPECT_NE(reply.error().message.find("the fastest is x"), std::string::npos);
}

TEST_F(Orchestrating, AnExpertsOwnNameBypassesRoutingAndFallbacks) {
  ChatRequest request = Request();
  request.model = "second";
  script->plays["second"] = {Breaks(Fails(ErrorCode::kUpstream))};
  EXPECT_FALSE(Ask(request).ok());
  EXPECT_EQ(Attempts(), "second:failed");
}

TEST_F(Orchestrating, AnUnknownModelIsNotFoundWithCloseNames) {
  ChatRequest request = Request();
  request.model = "secnd";
  const auto reply = Ask(request);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(reply.error().reason, "model_not_found");
  EXPECT_EQ(reply.error().param, "model");
  EXPECT_NE(reply.error().message.find("`second`"), std::string::npos);
}

struct Policies : testing::Test, test::PipelineFixture {
  Policies() {
    Policy odd;
    odd.name = "odd";
    odd.aggregate = "vote-by-moon";
    Policy plain;
    plain.name = "plain";
    state.policies = {odd, plain};
    state.experts.push_back(test::LlmExpert("resting"));
    state.experts.back().enabled = false;
    router().roster = {"first"};
  }
  Result<ChatReply> AskModel(std::string model, std::string policy = "") {
    ChatRequest request = Request();
    request.model = std::move(model);
    request.policy = std::move(policy);
    return Ask(request);
  }
};

TEST_F(Policies, AreChosenByModelOrByTheRequestsWish) {
  ASSERT_TRUE(AskModel("moerge/plain").ok());
  EXPECT_EQ(record.decision.policy, "plain");
  ASSERT_TRUE(AskModel("auto", "plain").ok());
  EXPECT_EQ(record.decision.policy, "plain");
  ASSERT_TRUE(AskModel("moerge/auto").ok());
  EXPECT_EQ(record.decision.policy, "auto");
}

TEST_F(Policies, AWishBesideANamedModelIsRefused) {
  const auto reply = AskModel("first", "plain");
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().param, "moerge.policy");
}

TEST_F(Policies, AnUnknownAggregateIsSaidWithWhatThereIs) {
  const auto reply = AskModel("moerge/odd");
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().param, "aggregate");
  EXPECT_NE(reply.error().message.find("There are first, vote, best_of, "), std::string::npos);
}

TEST_F(Policies, ADisabledExpertIsNotAModel) {
  const auto reply = AskModel("resting");
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kNotFound);
  EXPECT_NE(reply.error().message.find("disabled"), std::string::npos);
}

}  // namespace
}  // namespace moerge
