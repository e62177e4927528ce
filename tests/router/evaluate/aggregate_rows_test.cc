// The rows that compare ways of making one answer out of several.
#include "router/evaluate/aggregate_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "config/base/json.h"
#include "router/evaluate/leaderboard.h"
#include "router/evaluate/plot_svg.h"
#include "router/evaluate/report_json.h"
#include "router/evaluate/split.h"
#include "tests/router/evaluate/evaluate_fixture.h"

namespace moerge {
namespace {

EvaluationTask Task(std::vector<TableRow> rows, std::vector<Contestant> contestants) {
  EvaluationTask task;
  task.rows = std::move(rows);
  task.folds = GroupedFolds(task.rows, 3, 1);
  task.experts = {"biologist", "generalist", "player"};
  task.counts = {1, 2, 3};
  task.resamples = 200;
  task.contestants = std::move(contestants);
  return task;
}

Leaderboard BoardOf(const std::vector<TableRow>& rows, const std::vector<std::string>& names) {
  const auto standard = StandardContestants({2, 3}, TraitsOf(rows, {"biologist"}));
  std::vector<Contestant> contestants;
  for (const std::string& name : names) contestants.push_back(*FindContestant(name, standard));
  return *Evaluate(Task(rows, contestants));
}

Leaderboard ComparisonOf(const std::vector<TableRow>& rows) {
  const TableTraits traits = TraitsOf(rows, {"biologist", "generalist", "player"});
  return *Evaluate(Task(rows, *AggregateContestants(AggregateNames(), 3, traits)));
}

TEST(AggregateRows, AreMadeByTheirNamesAlone) {
  TableTraits traits;
  traits.answers = true;
  const auto rows = AggregateContestants(AggregateNames(), 10, traits);
  ASSERT_TRUE(rows.ok());
  std::set<std::string> series;
  for (const Contestant& row : *rows) {
    if (row.name == "race") continue;
    EXPECT_EQ(row.lacks, "") << row.name;
    EXPECT_EQ(FindContestant(row.name, StandardContestants({}))->policy, row.policy) << row.name;
    series.insert(row.series);
  }
  EXPECT_EQ(series, (std::set<std::string>{"all experts", "cascade", "first", "sampling + vote",
                                           "vote", "vote, until decided"}));
  const auto wrong = AggregateContestants({"cascada"}, 10, traits);
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.error().message.find("Did you mean"), std::string::npos) << wrong.error().message;
}

TEST(AggregateRows, WhatATableCannotTellIsSaid) {
  auto rows = test::TwoSubjects(90);
  for (TableRow& row : rows) row.answers.clear();
  const Leaderboard board = ComparisonOf(rows);
  std::set<std::string> lacking;
  for (const Unavailable& each : board.unavailable) {
    EXPECT_FALSE(each.lacks.empty());
    lacking.insert(each.name);
  }
  EXPECT_TRUE(lacking.contains("race"));
  EXPECT_TRUE(lacking.contains("vote-3"));
  EXPECT_FALSE(lacking.contains("cascade cascade.target=0.9"));
}

TEST(AggregateRows, StandOnCurvesOverCallsAndPrice) {
  const Leaderboard board = ComparisonOf(test::TwoSubjects(120));
  std::size_t cascades = 0;
  for (const CurvePoint& point : board.over_aggregate) {
    EXPECT_GT(point.calls, 0.99) << point.series;
    EXPECT_GT(point.price, 0.99) << point.series;
    EXPECT_GE(point.score.high, point.score.mean) << point.series;
    cascades += point.series == "cascade";
  }
  EXPECT_EQ(cascades, 6u);
  EXPECT_NO_FATAL_FAILURE(test::Row(board, "fixed-3"));
  const std::string svg = LeaderboardSvg(board);
  EXPECT_NE(svg.find("aggregates over calls"), svg.npos);
  EXPECT_NE(svg.find("aggregates over price"), svg.npos);
  EXPECT_EQ(svg.find("nan"), svg.npos);
  const std::string json = LeaderboardJson(board, {"t", "", 1, 200});
  EXPECT_NE(json.find(R"("curve_over_aggregate":[{"series":)"), json.npos);
  EXPECT_NE(json.find(R"("risk_coverage":{"rows":120,"aurc":)"), json.npos);
}

// Each subject has a specialist who is cheaper than the generalist, the strongest overall.
TEST(Cascade, KeepsTheScoreAtALowerPrice) {
  const auto rows = test::TwoSubjects(300);
  const Leaderboard board = BoardOf(
      rows, {"auto", "cascade", "cascade cascade.target=0", "cascade cascade.max=1", "vote-3"});
  const Standing& cascade = test::Row(board, "cascade");
  EXPECT_GT(cascade.score.mean, test::Row(board, "best-single").score.mean + 0.1);
  EXPECT_LT(cascade.summary.price, test::Row(board, "vote-3").summary.price / 2);
  const Standing& cheap = test::Row(board, "cascade cascade.target=0");
  EXPECT_DOUBLE_EQ(cheap.summary.calls, 1);
  EXPECT_DOUBLE_EQ(cheap.summary.price, 1);
  EXPECT_NEAR(cheap.score.mean, 0.55, 0.06);
  // The strongest alone, whatever it costs: the default policy.
  const Standing& one = test::Row(board, "cascade cascade.max=1");
  EXPECT_DOUBLE_EQ(one.summary.calls, 1);
  EXPECT_DOUBLE_EQ(one.score.mean, test::Row(board, "auto").score.mean);
}

// The more expensive the better, and each errs where the others do not.
TEST(Cascade, AsksMoreWhereMoreIsWanted) {
  auto rows = test::TwoSubjects(300);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t i = 0; i < 3; ++i) {
      const bool right = (row + i * 3) % 10 < 6 + i;
      rows[row].scores[i].second = right ? 1 : 0;
      rows[row].answers[i].second = right ? "r" : "w" + std::to_string(i);
      rows[row].cost[i].second = static_cast<double>(1 + i);
    }
  }
  const Leaderboard board = BoardOf(rows, {"auto", "cascade cascade.target=0.5",
                                           "cascade cascade.target=1", "cascade cascade.target=2"});
  const auto calls = [&](const std::string& target) {
    return test::Row(board, "cascade cascade.target=" + target).summary.calls;
  };
  EXPECT_DOUBLE_EQ(calls("0.5"), 1);
  EXPECT_GT(calls("1"), 1.2);
  EXPECT_GE(calls("2"), calls("1"));
}

// Nothing can be learnt from a reply: whoever is asked will do alone.
TEST(Cascade, WithoutAnswersNoCallIsWasted) {
  auto rows = test::TwoSubjects(150);
  for (TableRow& row : rows) row.answers.clear();
  const Leaderboard board = BoardOf(rows, {"auto", "cascade"});
  EXPECT_DOUBLE_EQ(test::Row(board, "cascade").summary.calls, 1);
}

TEST(Confidence, OfVotesAndCascadesIsJudgedLikeAnyOther) {
  const auto rows = test::TwoSubjects(300);
  const Leaderboard board = BoardOf(rows, {"auto", "vote-3", "cascade"});
  for (const char* name : {"auto", "vote-3", "cascade"}) {
    const Summary& summary = test::Row(board, name).summary;
    EXPECT_EQ(summary.expected.rows, 300u) << name;
    EXPECT_LT(summary.expected.error, 0.2) << name;  // few rows to learn from
    EXPECT_EQ(summary.coverage.rows, 300u) << name;
    EXPECT_NEAR(summary.coverage.accuracy[2], test::Row(board, name).score.mean, 1e-9) << name;
    EXPECT_GE(summary.coverage.accuracy[0], summary.coverage.accuracy[2] - 0.03) << name;
  }
  EXPECT_TRUE(std::isnan(test::Row(board, "best-single").summary.coverage.aurc));
}

}  // namespace
}  // namespace moerge
