// The whole leaderboard on a table in which everything is known.
#include "router/evaluate/leaderboard.h"

#include <gtest/gtest.h>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <cmath>
#include <sstream>

#include "config/base/json.h"
#include "router/classify/catalogue.h"
#include "router/evaluate/plot_svg.h"
#include "router/evaluate/report_json.h"
#include "router/evaluate/split.h"
#include "router/recruit/ranking.h"
#include "tests/router/evaluate/evaluate_fixture.h"

namespace moerge {
namespace {

EvaluationTask Task(std::vector<TableRow> rows) {
  EvaluationTask task;
  task.rows = std::move(rows);
  task.folds = GroupedFolds(task.rows, 3, 1);
  task.experts = {"biologist", "generalist", "player"};
  task.contestants = StandardContestants({2, 3}, TraitsOf(task.rows, task.experts));
  task.counts = {1, 2, 3};
  task.resamples = 200;
  return task;
}

const Standing* Find(const Leaderboard& board, std::string_view name) {
  for (const Standing& each : board.standings) {
    if (each.contestant.name == name) return &each;
  }
  return nullptr;
}

class TwoSubjectBoard : public ::testing::Test {
 protected:
  static const Leaderboard& Board() {
    static const Leaderboard board = *Evaluate(Task(test::TwoSubjects(300)));
    return board;
  }
  static const Standing& Row(std::string_view name) {
    const Standing* row = Find(Board(), name);
    EXPECT_NE(row, nullptr) << name;
    static const Standing kNone;
    return row == nullptr ? kNone : *row;
  }
};

TEST_F(TwoSubjectBoard, EveryBaselineClassifierAndRecruiterIsThere) {
  for (const std::string& name : BaselineNames()) EXPECT_NE(Find(Board(), name), nullptr) << name;
  EXPECT_NE(Find(Board(), "random"), nullptr);
  EXPECT_NE(Find(Board(), "auto"), nullptr);
  for (const std::string& name : ClassifierNames()) {
    if (name == Policy().classifier) continue;
    const auto& lacking = Board().unavailable;
    const bool listed = std::any_of(lacking.begin(), lacking.end(), [&](const auto& each) {
      return each.name == "classifier-" + name && !each.lacks.empty();
    });
    EXPECT_NE(Find(Board(), "classifier-" + name) != nullptr, listed) << name;
  }
  for (const std::string& name : RuleNames()) {
    if (name == Policy().recruiter) continue;
    EXPECT_NE(Find(Board(), "recruiter-" + name), nullptr) << name;
  }
}

TEST_F(TwoSubjectBoard, SkillsBeatTheBestSingleExpertAndNothingBeatsTheOracle) {
  EXPECT_NEAR(Row("random").score.mean, 0.6, 0.05);
  EXPECT_NEAR(Row("best-single").score.mean, 0.7, 0.06);
  EXPECT_NEAR(Row("auto").score.mean, 0.9, 0.05);
  EXPECT_NEAR(Row("true-category").score.mean, 0.9, 0.05);
  EXPECT_GT(Row("auto").versus_best_single.low, 0.05);
  EXPECT_DOUBLE_EQ(Row("best-single").versus_best_single.high, 0);
  for (const Standing& each : Board().standings) {
    EXPECT_LE(each.score.mean, Row("oracle").score.mean) << each.contestant.name;
    EXPECT_LE(each.score.low, each.score.mean) << each.contestant.name;
    EXPECT_GE(each.score.high, each.score.mean) << each.contestant.name;
  }
}

TEST_F(TwoSubjectBoard, PredictedCategoriesAreShownBesideTrueOnes) {
  const Standing& sure = Row("auto");
  EXPECT_GT(sure.summary.category_accuracy, 0.99);
  EXPECT_NEAR(sure.summary.table_predicted, sure.table_true, 1e-9);
  // A classifier that always says the same is wrong in half of the cases: only the first moves.
  const Standing& blind = Row("classifier-none");
  EXPECT_NEAR(blind.summary.category_accuracy, 0.5, 0.05);
  EXPECT_LT(blind.summary.table_predicted, blind.table_true - 0.2);
  EXPECT_DOUBLE_EQ(blind.table_true, sure.table_true);
}

TEST_F(TwoSubjectBoard, CallsAndPricesAreCounted) {
  EXPECT_DOUBLE_EQ(Row("auto").summary.calls, 1);
  // All three are 13; the third is asked where the first two do not agree.
  for (const char* three : {"vote-3", "fixed-3"}) {
    EXPECT_GT(Row(three).summary.calls, 2) << three;
    EXPECT_LT(Row(three).summary.calls, 3) << three;
    EXPECT_LT(Row(three).summary.price, 13) << three;
  }
  EXPECT_NEAR(Row("best-single").summary.price, 10, 1e-9);
  EXPECT_LT(Row("auto").summary.price, 2.5);
  EXPECT_GE(Row("vote-3").fixed_at_equal_calls, Row("best-single").score.mean - 1e-9);
  EXPECT_LE(Row("vote-3").fixed_at_equal_calls, Row("fixed-3").score.mean + 1e-9);
  EXPECT_NEAR(Row("auto").fixed_at_equal_calls, Row("best-single").score.mean, 1e-9);
}

TEST_F(TwoSubjectBoard, TheCurveOverKEndsWhereAllVote) {
  std::map<std::string, std::vector<CurvePoint>> curves;
  for (const CurvePoint& point : Board().over_count) curves[point.series].push_back(point);
  ASSERT_EQ(curves.size(), 4u);
  for (const auto& [series, points] : curves) ASSERT_EQ(points.size(), 3u) << series;
  // Three votes with ties to the strongest differ by who the strongest is; drawing three of three
  // is the fixed panel.
  EXPECT_NEAR(curves["random"][2].score.mean, curves["fixed"][2].score.mean, 1e-9);
  EXPECT_GT(curves["recruited"][0].score.mean, curves["fixed"][0].score.mean);
}

TEST_F(TwoSubjectBoard, PriceWeightLeadsToTheCheapest) {
  const auto& curve = Board().over_price;
  ASSERT_GE(curve.size(), 2u);
  for (std::size_t i = 1; i < curve.size(); ++i)
    EXPECT_LE(curve[i].price, curve[i - 1].price + 1e-9);
  EXPECT_NEAR(curve.back().price, 1, 1e-6);
}

TEST_F(TwoSubjectBoard, TheGapIsRecoveredByAskingTheStrongWhereTheWeakFails) {
  // Chess first: 0.55 becomes 0.8 at half of the calls and 0.7 at all; the area is 1.08 of the gap.
  ASSERT_TRUE(Row("auto").gap.has_value());
  EXPECT_GT(Row("auto").gap->apgr, 0.8);
  EXPECT_LT(Row("auto").gap->cpt50, 0.3);
  ASSERT_TRUE(Row("random").gap.has_value());
  EXPECT_NEAR(Row("random").gap->apgr, 0.5, 1e-9);
  // It sees no difference between questions, only between the folds it was learnt on.
  EXPECT_NEAR(Row("classifier-none").gap->apgr, 0.5, 1e-9);
}

TEST_F(TwoSubjectBoard, DecisionsSurviveTyposAndCapitals) {
  EXPECT_GT(Row("auto").summary.same_under_typos, 0.9);
  EXPECT_DOUBLE_EQ(Row("auto").summary.same_in_capitals, 1);
  EXPECT_DOUBLE_EQ(Row("recruiter-best-single").summary.same_under_typos, 1);
}

TEST_F(TwoSubjectBoard, SlicesAddUpToTheWhole) {
  for (const Standing& each : Board().standings) {
    const auto& slices = each.summary.tercile;
    EXPECT_NEAR((slices[0].score + slices[1].score + slices[2].score) / 3, each.score.mean, 1e-9)
        << each.contestant.name;
    EXPECT_NEAR(0.75 * each.summary.by_margin[0].score + 0.25 * each.summary.by_margin[1].score,
                each.score.mean, 1e-9)
        << each.contestant.name;
  }
  EXPECT_GT(Row("random").summary.tercile[0].score, Row("random").summary.tercile[2].score);
}

TEST(Leaderboard, EqualInputGivesEqualBytes) {
  const auto json = [](std::uint64_t seed) {
    EvaluationTask task = Task(test::TwoSubjects(90));
    task.seed = seed;
    return LeaderboardJson(*Evaluate(task), {"t", "", seed, task.resamples});
  };
  const std::string once = json(1);
  EXPECT_EQ(once, json(1));
  EXPECT_NE(once, json(2));
  EXPECT_TRUE(json::Document::Parse(std::string_view(once).substr(0, once.size() - 1)).ok());
}

TEST(Leaderboard, WorksWithoutCategoriesAnswersAndPrices) {
  auto rows = test::TwoSubjects(90);
  for (TableRow& row : rows) {
    row.category.clear();
    row.answers.clear();
    row.cost.clear();
  }
  const auto board = Evaluate(Task(rows));
  ASSERT_TRUE(board.ok());
  EXPECT_EQ(Find(*board, "true-category"), nullptr);
  EXPECT_EQ(Find(*board, "fixed-2"), nullptr);
  EXPECT_TRUE(board->over_count.empty());
  EXPECT_TRUE(board->over_price.empty());
  EXPECT_TRUE(board->strong.empty());
  const auto lacking = [&](std::string_view name, std::string_view what) {
    return std::any_of(board->unavailable.begin(), board->unavailable.end(), [&](const auto& each) {
      return each.name.starts_with(name) && each.lacks.find(what) != each.lacks.npos;
    });
  };
  EXPECT_TRUE(lacking("auto price_weight=", "prices"));
  EXPECT_TRUE(lacking("recruiter-mapping mapping.budget=", "prices"));
  EXPECT_TRUE(lacking("vote-5 experts.null=true", "answers"));
  EXPECT_TRUE(lacking("classifier-rules", "categories"));
  EXPECT_FALSE(lacking("auto experts.caution=1", ""));
  EXPECT_TRUE(std::isnan(Find(*board, "auto")->summary.category_accuracy));
  EXPECT_NE(Find(*board, "random"), nullptr);
}

TEST(Leaderboard, ThePairIsBestAndCheapestOrWhatIsAskedFor) {
  EvaluationTask task = Task(test::TwoSubjects(90));
  task.contestants = {DefaultContestant()};
  EXPECT_EQ(Evaluate(task)->strong, "generalist");
  EXPECT_EQ(Evaluate(task)->weak, "biologist");
  task.pair = {"player", "generalist"};
  const Leaderboard board = *Evaluate(task);
  EXPECT_EQ(board.strong, "player");
  ASSERT_TRUE(Find(board, "auto")->gap.has_value());
  EXPECT_FALSE(Find(board, "oracle")->gap.has_value());
}

// Throws if it is not well-formed.
boost::property_tree::ptree ParseXml(const std::string& text) {
  std::istringstream in(text);
  boost::property_tree::ptree tree;
  boost::property_tree::read_xml(in, tree);
  return tree;
}

TEST(LeaderboardSvg, IsWellFormedAndNamesEveryRow) {
  auto rows = test::TwoSubjects(90);
  for (TableRow& row : rows) {
    row.scores[0].first = row.answers[0].first = row.cost[0].first = "a<b & \"c\"";
  }
  EvaluationTask task = Task(rows);
  task.experts[0] = "a<b & \"c\"";
  const Leaderboard board = *Evaluate(task);
  const std::string svg = LeaderboardSvg(board);
  const auto tree = ParseXml(svg);
  EXPECT_EQ(tree.begin()->first, "svg");
  std::set<std::string> texts;
  for (const auto& [name, child] : tree.get_child("svg")) {
    if (name == "text") texts.insert(child.data());
  }
  for (const Standing& each : board.standings) EXPECT_TRUE(texts.contains(each.contestant.name));
  EXPECT_TRUE(texts.contains("a<b & \"c\""));
  EXPECT_NE(svg.find("prefers-color-scheme: dark"), svg.npos);
  EXPECT_EQ(svg.find("nan"), svg.npos);
  EXPECT_EQ(svg.find("inf"), svg.npos);
}

TEST(Contestants, AreFoundByNameOrMadeFromParts) {
  const auto standard = StandardContestants({3});
  EXPECT_EQ(FindContestant("vote-3", standard)->policy.experts, 3);
  const auto made = FindContestant("none+task-level", standard);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->policy.recruiter, "task-level");
  const auto wrong = FindContestant("recruiter-rando", standard);
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.error().message.find("recruiter-random"), std::string::npos);
  EXPECT_FALSE(FindContestant("lexical+nobody", standard).ok());
}

TEST(Contestants, ThatNeedTheOutsideAreNotJudgedOnATable) {
  Contestant asked = DefaultContestant();
  EXPECT_EQ(Lacks(asked, {}), "");
  asked.policy.classifier = "embedding";
  EXPECT_NE(Lacks(asked, {}).find("embeddings server"), std::string::npos) << Lacks(asked, {});
  asked = DefaultContestant();
  asked.policy.options.Set("no.such", "1");
  EXPECT_NE(Lacks(asked, {}), "");
}

TEST(Axes, AnOptionThatMayAskSeveralAggregates) {
  Policy policy;
  policy.aggregate = "vote";
  EXPECT_EQ(AxesOf(policy).expert_aggregation, "none");
  policy.options.Set("experts.max", "3");
  EXPECT_EQ(AxesOf(policy).expert_aggregation, "output");
  policy.options = {{"experts.margin", "0.1"}};
  EXPECT_EQ(AxesOf(policy).expert_aggregation, "output");
}

TEST(Axes, SayWhatAPolicyIs) {
  Policy policy;
  EXPECT_EQ(AxesOf(policy).input_granularity, "example");
  EXPECT_EQ(AxesOf(policy).expert_aggregation, "none");
  policy.experts = 3;
  policy.aggregate = "vote";
  EXPECT_EQ(AxesOf(policy).expert_aggregation, "output");
  policy.recruiter = "task-level";
  EXPECT_EQ(AxesOf(policy).input_granularity, "task");
  policy.recruiter = "random";
  EXPECT_EQ(AxesOf(policy).routing_dataset, "none");
  for (const std::string& name : ClassifierNames()) {
    policy = {};
    policy.classifier = name;
    for (const auto& [axis, value] : Listed(AxesOf(policy))) {
      EXPECT_FALSE(value.empty()) << name << " " << axis;
    }
  }
}

}  // namespace
}  // namespace moerge
