#include "services/api/decision_json.h"

#include <gtest/gtest.h>

#include <cmath>

#include "registry/registry.h"
#include "registry/sqlite/decision_packing.h"
#include "services/api/request_metrics.h"

namespace moerge::api {
namespace {

struct DecisionJson : testing::Test {
  DecisionJson() {
    expert.spec.name = "math \"strong\"";
    expert.id = InternExpert(expert.spec.name);
    record.decision.id = "abc";
    record.decision.policy = "auto";
    record.decision.demand.classifier = "lexical";
    record.decision.demand.confidence = 0.123456;
    record.decision.demand.skills = {{InternSkill("algebra"), 0.75f}};
    record.decision.candidates = {Candidate{.expert = expert.id, .expected = 0.5f},
                                  Candidate{.expert = expert.id, .excluded = Exclusion::kVision}};
    record.decision.roster = {{expert.id, 1}};
    record.expert = &expert;
    route.text.user = "solve x";
    route.seed = 18'446'744'073'709'551'615u;
  }
  json::Document Write(bool keep_text = true, const Error* error = nullptr) {
    text.clear();
    const DecisionView view{.record = record,
                            .route = route,
                            .model = "auto",
                            .request_id = "r1",
                            .outcome = error == nullptr ? Outcome::kOk : Outcome::kError,
                            .error = error,
                            .keep_text = keep_text};
    AppendDecision(view, &text);
    auto document = json::Document::Parse(text);
    EXPECT_TRUE(document.ok()) << text;
    return std::move(*document);
  }

  ExpertEntry expert;
  ChatRecord record;
  RouteRequest route;
  std::string text;
};

TEST_F(DecisionJson, HasAllPartsOfADecision) {
  record.answered = true;
  record.attempts = {Attempt{.expert = expert.id, .ms = 1.23456}};
  const json::Document document = Write();
  const json::Value root = document.root();
  for (const char* key :
       {"id",         "object",     "time",     "request_id", "revision", "model",
        "policy",     "stream",     "outcome",  "expert",     "error",    "demand",
        "considered", "candidates", "roster",   "fallbacks",  "reasons",  "attempts",
        "timings",    "usage",      "cost_usd", "request"}) {
    EXPECT_TRUE(root.Find(key).present()) << key;
  }
  EXPECT_EQ(root.Find("expert").AsString(), "math \"strong\"");
  EXPECT_EQ(root.Find("demand").Find("confidence").AsDouble(), 0.1235);
  EXPECT_EQ((*root.Find("attempts").children().begin()).Find("ms").AsDouble(), 1.235);
}

TEST_F(DecisionJson, AsKeptItIsShorterAndStandsForTheSame) {
  record.answered = true;
  record.decision.reasons = {"a line\nbreak", "\x01\x1f!"};
  record.attempts = {Attempt{.expert = expert.id, .outcome = AttemptOutcome::kFailed}};
  const DecisionView view{.record = record, .route = route, .model = "\x1f\x20\x02", .now = {}};
  AppendDecision(view, &text);
  std::string packed;
  sqlite::PackJson(text, &packed);
  EXPECT_LT(packed.size(), text.size() / 2);
  EXPECT_EQ(sqlite::UnpackJson(packed), text);
  EXPECT_TRUE(json::Document::Parse(text).ok()) << text;
}

TEST_F(DecisionJson, NobodyAnsweredIsNullWithTheError) {
  const Error error{ErrorCode::kUpstream, "it broke"};
  const json::Document document = Write(true, &error);
  EXPECT_TRUE(document.root().Find("expert").is_null());
  EXPECT_TRUE(document.root().Find("usage").is_null());
  EXPECT_EQ(document.root().Find("error").AsString(), "it broke");
  EXPECT_EQ(document.root().Find("outcome").AsString(), "error");
}

TEST_F(DecisionJson, SaysWhyACandidateWasLeftOut) {
  const json::Document document = Write();
  std::vector<std::string> why;
  for (const json::Value candidate : document.root().Find("candidates").children()) {
    why.emplace_back(candidate.Find("excluded").AsString().value_or("null"));
  }
  EXPECT_EQ(why, (std::vector<std::string>{"null", "vision"}));
}

TEST_F(DecisionJson, ScoresHaveFourDecimalsAndAnySize) {
  struct Case {
    float value;
    const char* text;
  };
  for (const Case& c : {Case{0, "0"}, Case{1, "1"}, Case{0.5f, "0.5"}, Case{0.12344f, "0.1234"},
                        Case{0.00006f, "0.0001"}, Case{0.00004f, "0"}, Case{0.99996f, "1"},
                        Case{-0.25f, "-0.25"}, Case{-0.00001f, "0"}, Case{-12.5f, "-12.5"},
                        Case{1e6f, "1000000"}, Case{std::nanf(""), "null"}}) {
    record.decision.candidates = {Candidate{.expert = expert.id, .utility = c.value}};
    const json::Document document = Write();
    const json::Value candidate = *document.root().Find("candidates").children().begin();
    EXPECT_EQ(candidate.Find("utility").raw(), c.text);
  }
}

TEST_F(DecisionJson, AFailedAttemptHasItsCodeAndText) {
  record.attempts = {Attempt{.expert = expert.id,
                             .outcome = AttemptOutcome::kFailed,
                             .code = ErrorCode::kRateLimited,
                             .error = "busy",
                             .retry = 2}};
  const json::Document document = Write();
  const json::Value attempt = *document.root().Find("attempts").children().begin();
  EXPECT_EQ(attempt.Find("outcome").AsString(), "failed");
  EXPECT_EQ(attempt.Find("code").AsString(), "rate_limited");
  EXPECT_EQ(attempt.Find("error").AsString(), "busy");
  EXPECT_EQ(attempt.Find("retry").AsInt(), 2);
}

TEST_F(DecisionJson, KeptTextIsBoundedOnCodePointsAndSaysSo) {
  std::string long_text;
  while (long_text.size() < 20'000) long_text += "\xe2\x82\xac";
  route.text.user = long_text;
  route.text.system = "system";
  const json::Document document = Write();
  const json::Value request = document.root().Find("request");
  EXPECT_LE(request.Find("user").AsString()->size(), kKeptText);
  EXPECT_GT(request.Find("user").AsString()->size(), kKeptText - 4);
  EXPECT_EQ(request.Find("truncated").AsBool(), true);
}

TEST_F(DecisionJson, ASeedKeepsAllItsDigits) {
  EXPECT_EQ(Write().root().Find("request").Find("seed").AsString(), "18446744073709551615");
}

TEST_F(DecisionJson, WithoutTextOnlyLengthAndHashAreKept) {
  const json::Document document = Write(false);
  const json::Value request = document.root().Find("request");
  EXPECT_FALSE(request.Find("user"));
  EXPECT_EQ(request.Find("user_bytes").AsInt(), 7);
  EXPECT_EQ(request.Find("user_hash").AsString()->size(), 16u);
  EXPECT_EQ(text.find("solve"), std::string::npos);
}

TEST_F(DecisionJson, OverheadLeavesOutTheTimeOfExperts) {
  using std::chrono::milliseconds;
  const auto now = record.begin + milliseconds(100);
  record.upstream.Begin(record.begin + milliseconds(10));
  record.upstream.End(record.begin + milliseconds(70));
  EXPECT_DOUBLE_EQ(OverheadMs(record, now), 40);
  record.upstream.Begin(record.begin + milliseconds(90));  // an attempt under way since then
  EXPECT_DOUBLE_EQ(OverheadMs(record, now), 30);
  EXPECT_EQ(AttemptCount(record), 1);
}

TEST_F(DecisionJson, TheSummaryIsShortAndTheExplanationInside) {
  std::string summary;
  AppendSummary(record, record.begin, R"({"x":1})", &summary);
  const auto document = json::Document::Parse(summary);
  ASSERT_TRUE(document.ok()) << summary;
  EXPECT_EQ(document->root().size(), 9u);
  EXPECT_EQ(document->root().Find("explanation").raw(), R"({"x":1})");
}

TEST_F(DecisionJson, ADirectCallHasNoSkillAndThePolicyDirect) {
  record.decision.policy.clear();
  record.decision.demand = {};
  std::string summary;
  AppendSummary(record, record.begin, "", &summary);
  EXPECT_NE(summary.find(R"("skill":null)"), std::string::npos);
  EXPECT_NE(summary.find(R"("policy":"direct")"), std::string::npos);
}

struct Counting : DecisionJson {
  std::size_t Lines(std::string_view series) {
    std::size_t lines = 0;
    const std::string all = metrics.Text();
    for (std::size_t at = all.find(series); at != all.npos; at = all.find(series, at + 1)) ++lines;
    return lines;
  }
  Metrics metrics;
  RequestMetrics counters{metrics};
};

TEST_F(Counting, SameLabelsAreOneSeries) {
  for (int i = 0; i < 3; ++i) counters.Count(record, Outcome::kOk, record.begin);
  EXPECT_NE(metrics.Text().find("skill=\"algebra\"} 3"), std::string::npos) << metrics.Text();
  EXPECT_EQ(Lines("moerge_requests_total{"), 1u);
}

TEST_F(Counting, SeriesAreBounded) {
  for (int i = 0; i < 3000; ++i) {
    record.decision.demand.skills = {{InternSkill("skill " + std::to_string(i)), 1}};
    counters.Count(record, Outcome::kOk, record.begin);
  }
  EXPECT_EQ(Lines("moerge_requests_total{"), RequestMetrics::kMaxSeries + 1);
  EXPECT_NE(metrics.Text().find("skill=\"other\"} 952"), std::string::npos);
}

}  // namespace
}  // namespace moerge::api
