// The leaderboard's rows for single options: that they do what their names say.
#include "router/evaluate/option_rows.h"

#include <gtest/gtest.h>

#include <cmath>

#include "router/evaluate/leaderboard.h"
#include "router/evaluate/split.h"
#include "tests/router/evaluate/evaluate_fixture.h"

namespace moerge {
namespace {

using Options = std::map<std::string, std::string>;

Leaderboard OptionBoard(const std::vector<TableRow>& rows,
                        const std::vector<std::string>& names = {}) {
  EvaluationTask task;
  task.rows = rows;
  task.folds = GroupedFolds(task.rows, 3, 1);
  task.experts = {"biologist", "generalist", "player"};
  task.counts = {1, 2, 3};
  task.resamples = 200;
  const auto standard = StandardContestants({2, 3}, TraitsOf(task.rows, task.experts));
  for (const std::string& name : names) {
    task.contestants.push_back(*FindContestant(name, standard));
  }
  if (names.empty()) task.contestants = standard;
  return *Evaluate(task);
}

TEST(OptionRows, StandOnTheLeaderboardUnderNamesThatMakeThem) {
  const auto rows = test::TwoSubjects(120);
  const Leaderboard board = OptionBoard(rows);
  std::size_t options = 0;
  for (const Standing& each : board.standings) {
    if (each.contestant.kind != "option") continue;
    ++options;
    // By its name alone, without the row: the same policy but for what it is called.
    const auto made = FindContestant(each.contestant.name, StandardContestants({3, 5}));
    ASSERT_TRUE(made.ok()) << each.contestant.name;
    EXPECT_EQ(made->policy, each.contestant.policy) << each.contestant.name;
    EXPECT_NE(each.contestant.policy, DefaultContestant().policy) << each.contestant.name;
  }
  EXPECT_EQ(options, 8u);
  EXPECT_NE(test::Row(board, "classifier-rules").contestant.note, "");
}

TEST(OptionRows, FewerAreAskedWhereMoreWouldNotHelp) {
  const auto rows = test::TwoSubjects(240);
  const Leaderboard board = OptionBoard(
      rows, {"vote-3", "vote-3 experts.null=true experts.tolerance=0.2", "vote-1 experts.margin=1",
             "vote-3 experts.max=3 experts.confidence=0.5", "vote-3 vote.confidence=0.1"});
  const double three = test::Row(board, "vote-3").summary.calls;  // fewer where two agree
  EXPECT_GT(three, 2);
  EXPECT_LT(three, 3);
  EXPECT_LT(test::Row(board, "vote-3 experts.null=true experts.tolerance=0.2").summary.calls, 1.5);
  // No lead is as large as 1: all three are always recruited.
  EXPECT_DOUBLE_EQ(test::Row(board, "vote-1 experts.margin=1").summary.calls, three);
  EXPECT_DOUBLE_EQ(test::Row(board, "vote-3 experts.max=3 experts.confidence=0.5").summary.calls,
                   1);
  EXPECT_DOUBLE_EQ(test::Row(board, "vote-3 vote.confidence=0.1").summary.calls, 1);
}

TEST(OptionRows, ABudgetIsKept) {
  const auto rows = test::TwoSubjects(240);
  const Leaderboard board = OptionBoard(
      rows, {"recruiter-mapping", "recruiter-mapping mapping.budget=1", "auto price_weight=1"});
  EXPECT_GT(test::Row(board, "recruiter-mapping").summary.price, 1.4);
  EXPECT_DOUBLE_EQ(test::Row(board, "recruiter-mapping mapping.budget=1").summary.price, 1);
  EXPECT_DOUBLE_EQ(test::Row(board, "auto price_weight=1").summary.price, 1);
}

TEST(OptionRows, WhatIsAnsweredAndHowRightThatIs) {
  auto rows = test::TwoSubjects(300);
  for (TableRow& row : rows) {  // no expert knows biology
    if (row.category != "biology") continue;
    for (auto& each : row.scores) each.second = 0;
  }
  const Leaderboard board = OptionBoard(rows, {"auto", "auto experts.abstain=0.5"});
  const Standing& abstaining = test::Row(board, "auto experts.abstain=0.5");
  EXPECT_NEAR(abstaining.summary.abstained, 0.5, 0.02);
  EXPECT_NEAR(abstaining.answered.mean, 0.9, 0.05);
  EXPECT_NEAR(test::Row(board, "auto").answered.mean, 0.45, 0.05);  // everything was answered
  // The curve is made from the expected scores alone and says the same.
  const auto& curve = board.over_abstain;
  const auto at = std::find_if(curve.begin(), curve.end(),
                               [](const CurvePoint& point) { return point.at == 0.5; });
  ASSERT_NE(at, curve.end());
  EXPECT_NEAR(at->calls, 1 - abstaining.summary.abstained, 1e-9);
  EXPECT_NEAR(at->score.mean, abstaining.answered.mean, 1e-9);
  EXPECT_TRUE(std::isnan(abstaining.versus_task_level.mean));  // there is none to compare with
}

TEST(OptionRows, RulesAreTheWordsOfTheCategoriesNames) {
  const Contestant rules = RulesFromNames({"computer science", "Law (EU)", "other", "mode"});
  EXPECT_EQ(rules.policy.options,
            (Options{{"rules.computer science", "computer, science"}, {"rules.Law (EU)", "law"}}));
  EXPECT_EQ(rules.lacks, "");
  EXPECT_NE(RulesFromNames({"other"}).lacks, "");
}

TEST(ApplySetting, ChangesThePolicyOrSaysWhatIsAllowed) {
  Policy policy;
  for (const char* setting : {"experts=3", "aggregate=cascade", "aggregate=vote", "max_fallbacks=7",
                              "price_weight=0.5", "min_score=0.2", "experts.caution=2"}) {
    EXPECT_TRUE(ApplySetting(setting, &policy).ok()) << setting;
  }
  EXPECT_EQ(policy.experts, 3);
  EXPECT_EQ(policy.aggregate, "vote");
  EXPECT_EQ(policy.max_fallbacks, 7);
  EXPECT_EQ(policy.price_weight, 0.5);
  EXPECT_EQ(policy.min_score, 0.2);
  EXPECT_EQ(policy.options, (Options{{"experts.caution", "2"}}));
  const Policy before = policy;
  for (const char* setting :
       {"experts=0", "experts=three", "experts=2.5", "max_fallbacks=-1", "max_fallbacks=65",
        "aggregate=debate", "price_weight=-1", "price_weight=nan", "min_score=2",
        "experts.cautoin=2", "experts.caution=x", "experts", "=3"}) {
    const Status applied = ApplySetting(setting, &policy);
    ASSERT_FALSE(applied.ok()) << setting;
    EXPECT_FALSE(applied.error().message.empty());
  }
  EXPECT_EQ(policy, before);
}

TEST(ApplySetting, IsFoundBehindAnyRowsName) {
  const auto standard = StandardContestants({3});
  const auto made = FindContestant("none+task-level experts.abstain=0.3 experts=2", standard);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->policy.recruiter, "task-level");
  EXPECT_EQ(made->policy.experts, 2);
  EXPECT_EQ(made->name, "none+task-level experts.abstain=0.3 experts=2");
  const auto vote = FindContestant("vote-7", standard);
  ASSERT_TRUE(vote.ok());
  EXPECT_EQ(vote->policy.experts, 7);
  EXPECT_EQ(vote->policy.aggregate, "vote");
  EXPECT_FALSE(FindContestant("vote-0", standard).ok());
  EXPECT_FALSE(FindContestant("vote-many", standard).ok());
  const auto wrong = FindContestant("auto experts.abstan=0.3", standard);
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.error().message.find("experts.abstain"), std::string::npos);
  EXPECT_FALSE(FindContestant("nobody experts.abstain=0.3", standard).ok());
}

}  // namespace
}  // namespace moerge
