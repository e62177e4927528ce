// What experts are asked in a role, what counts as right, and what a session of it amounts to.
#include "services/roles/role_trials.h"

#include <gtest/gtest.h>

#include "config/base/json.h"
#include "config/roles.h"
#include "services/roles/role_session.h"

namespace moerge {
namespace {

RoleTask TrialTask(const std::string& id = "1", const std::string& category = "algebra") {
  return {.id = id,
          .category = category,
          .question = "Which is a prime?\nA. 4\nB. 7\nC. 9",
          .reference = "B",
          .answers = {"Surely (A).", "<think>hm</think>The answer is (B).", "It is (C)."},
          .right = 1};
}

std::string Content(const std::string& body, std::size_t turn) {
  const auto document = json::Document::Parse(body);
  for (const json::Value message : document->root().Find("messages").children()) {
    if (turn-- == 0) return std::string(*message.Find("content").AsString());
  }
  return {};
}

bool Has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

TEST(RoleTrials, AuthorsReadTheQuestionAndAllAnswers) {
  ASSERT_EQ(CallsOf(kAuthorRole), 1u);
  const std::string body = RoleBody(TrialTask(), kAuthorRole, 0, "ada");
  EXPECT_EQ(json::Document::Parse(body)->root().Find("model").AsString(), "ada");
  const std::string content = Content(body, 0);
  EXPECT_TRUE(content.starts_with("Which is a prime?")) << content;
  for (const char* part : {"Write the one best answer", "begin A (", "Surely (A).", "end C ("}) {
    EXPECT_TRUE(Has(content, part)) << part << content;
  }
  EXPECT_FALSE(Has(content, "hm")) << "thinking is no part of an answer";
}

TEST(RoleTrials, JudgesSeeARightAndAWrongAnswerInBothOrders) {
  ASSERT_EQ(CallsOf(kJudgeRole), 2u);
  const std::string first = Content(RoleBody(TrialTask(), kJudgeRole, 0, "ada"), 1);
  const std::string second = Content(RoleBody(TrialTask(), kJudgeRole, 1, "ada"), 1);
  for (const std::string& content : {first, second}) {
    EXPECT_TRUE(Has(content, "The answer is (B).")) << content;
    EXPECT_TRUE(Has(content, "Surely (A).")) << content;
    EXPECT_FALSE(Has(content, "It is (C).")) << content;
  }
  EXPECT_NE(first.find("Surely") < first.find("The answer is (B)"),
            second.find("Surely") < second.find("The answer is (B)"));
}

TEST(RoleTrials, AnAuthorIsRightWhenItsFinalAnswerIs) {
  EXPECT_TRUE(IsRight(TrialTask(), kAuthorRole, {"7 is one. The answer is (B)."}));
  EXPECT_TRUE(IsRight(TrialTask(), kAuthorRole, {"<think>The answer is (A).</think>(B)"}));
  EXPECT_FALSE(IsRight(TrialTask(), kAuthorRole, {"The answer is (A)."}));
  EXPECT_FALSE(IsRight(TrialTask(), kAuthorRole, {""}));
}

// What a judge says that names the right one.
std::string Verdict(std::size_t turn, bool right) {
  const std::string content = Content(RoleBody(TrialTask(), kJudgeRole, turn, "ada"), 1);
  const bool right_first = content.find("The answer is (B)") < content.find("Surely");
  return right_first == right ? "VERDICT: A" : "VERDICT: B";
}

TEST(RoleTrials, AJudgeIsRightOnlyInBothOrders) {
  const std::string first = Verdict(0, true);
  const std::string second = Verdict(1, true);
  EXPECT_NE(first, second);
  EXPECT_TRUE(IsRight(TrialTask(), kJudgeRole, {first, second}));
  EXPECT_FALSE(IsRight(TrialTask(), kJudgeRole, {first, first})) << "it goes by the place";
  EXPECT_FALSE(IsRight(TrialTask(), kJudgeRole, {second, second}));
  EXPECT_FALSE(IsRight(TrialTask(), kJudgeRole, {second, first}));
  EXPECT_FALSE(IsRight(TrialTask(), kJudgeRole, {first, "both are fine"}));
}

TEST(RoleTrials, IntervalsAreWilsons) {
  const ShareInterval some = WilsonInterval(17, 20);
  EXPECT_NEAR(some.low, 0.6396, 1e-3);
  EXPECT_NEAR(some.high, 0.9476, 1e-3);
  EXPECT_NEAR(WilsonInterval(0, 5).low, 0, 1e-12);
  EXPECT_GT(WilsonInterval(0, 5).high, 0.4);
}

struct Session : testing::Test {
  std::vector<RoleTask> tasks = {TrialTask("1"), TrialTask("2"), TrialTask("3", "law")};
  static constexpr WallTime kNow{};
};

TEST_F(Session, ResultsAreCellsByRoleCategoryAndExpert) {
  RoleSession session(tasks, {"zoe", "ada"}, {kAuthorRole, kJudgeRole});
  ASSERT_EQ(session.calls(), 2u * (3 + 6));
  for (std::size_t i = 0; i < session.calls(); ++i) {
    const bool zoe = Has(*session.Body(i), R"("model":"zoe")");
    session.Take(i, std::string(zoe ? "The answer is (B). VERDICT: A" : "VERDICT: A"));
  }
  const auto results = session.Results("elect:t", kNow);
  ASSERT_EQ(results.size(), 8u);
  EXPECT_EQ(results[0].skill, "author.algebra");
  EXPECT_EQ(results[0].expert, "zoe");
  EXPECT_EQ(results[0].wins, 2);
  EXPECT_EQ(results[0].trials, 2);
  EXPECT_EQ(results[1].wins, 0);
  EXPECT_EQ(results[2].skill, "author.law");
  EXPECT_EQ(results[4].skill, "judge.algebra");
  EXPECT_EQ(results[4].wins, 0) << "the first one whatever stands there";
  EXPECT_EQ(results[7].source, "elect:t");
}

TEST_F(Session, WhatFailsIsNoTrial) {
  RoleSession session(tasks, {"ada"}, {kJudgeRole});
  session.Take(0, std::string("VERDICT: A"));
  session.Take(1, Error{ErrorCode::kTimeout, "too slow"});
  session.Take(2, std::string("VERDICT: A"));
  session.Take(3, std::string("VERDICT: A"));
  const auto results = session.Results("s", kNow);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].trials, 1);
  const auto failures = session.Failures();
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_EQ(failures[0].calls, 3u) << "the failed one and two that were not made";
  EXPECT_EQ(failures[0].first, "too slow");
}

TEST_F(Session, WhoeverNeverAnswersIsNotAskedOnAndOn) {
  RoleSession session(tasks, {"ada", "zoe"}, {kJudgeRole});
  for (std::size_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(session.Body(i).has_value());
    session.Take(i, Error{ErrorCode::kUnavailable, "down"});
  }
  EXPECT_FALSE(session.Body(5).has_value());
  EXPECT_TRUE(session.Body(6).has_value()) << "zoe";
}

}  // namespace
}  // namespace moerge
