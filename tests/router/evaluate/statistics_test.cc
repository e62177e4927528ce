// Statistics against numbers worked by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "router/evaluate/apgr.h"
#include "router/evaluate/bootstrap.h"
#include "router/evaluate/reliability.h"
#include "router/evaluate/risk_coverage.h"
#include "router/vote/ballots.h"

namespace moerge {
namespace {

TEST(Quantile, LiesBetweenNeighbours) {
  EXPECT_DOUBLE_EQ(Quantile({1, 2, 3, 4}, 0), 1);
  EXPECT_DOUBLE_EQ(Quantile({1, 2, 3, 4}, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(Quantile({1, 2, 3, 4}, 0.9), 3.7);
  EXPECT_DOUBLE_EQ(Quantile({1, 2, 3, 4}, 1), 4);
  EXPECT_DOUBLE_EQ(Quantile({7}, 0.3), 7);
  EXPECT_DOUBLE_EQ(Quantile({}, 0.3), 0);
}

TEST(RiskCoverage, AnswersTheSurestFirst) {
  // Surest first: right, right, wrong, right, wrong.
  const RiskCoverage measured =
      MeasureRiskCoverage({{0.3, 1}, {0.9, 1}, {0.1, 0}, {0.8, 1}, {0.5, 0}});
  EXPECT_EQ(measured.rows, 5u);
  EXPECT_DOUBLE_EQ(measured.accuracy[0], 2.0 / 3);  // at three of five: the first to reach a half
  EXPECT_DOUBLE_EQ(measured.accuracy[1], 3.0 / 4);
  EXPECT_DOUBLE_EQ(measured.accuracy[2], 3.0 / 5);
  EXPECT_NEAR(measured.aurc, (0 + 0 + 1.0 / 3 + 1.0 / 4 + 2.0 / 5) / 5, 1e-12);
}

TEST(RiskCoverage, EqualConfidencesAreAnsweredInNoOrder) {
  const RiskCoverage measured = MeasureRiskCoverage({{0.5, 1}, {0.5, 0}, {0.5, 0}, {0.5, 1}});
  for (const double accuracy : measured.accuracy) EXPECT_DOUBLE_EQ(accuracy, 0.5);
  EXPECT_DOUBLE_EQ(measured.aurc, 0.5);
  EXPECT_TRUE(std::isnan(MeasureRiskCoverage({}).aurc));
}

TEST(Bootstrap, TheIntervalOfACoinIsThatOfTheBinomial) {
  std::vector<double> coin(400);
  for (std::size_t i = 0; i < coin.size(); ++i) coin[i] = i % 2;
  const Estimate estimate = BootstrapMeans({coin}, {4000, 0.95, 3})[0];
  EXPECT_DOUBLE_EQ(estimate.mean, 0.5);
  const double expected = 1.96 * std::sqrt(0.25 / 400);  // 0.049
  EXPECT_NEAR(estimate.mean - estimate.low, expected, 0.004);
  EXPECT_NEAR(estimate.high - estimate.mean, expected, 0.004);
  const Estimate narrower = BootstrapMeans({coin}, {4000, 0.5, 3})[0];
  EXPECT_NEAR(narrower.high - narrower.mean, 0.6745 * std::sqrt(0.25 / 400), 0.004);
}

TEST(Bootstrap, ADifferenceIsPaired) {
  std::vector<double> noisy, better, difference;
  for (int i = 0; i < 200; ++i) {
    noisy.push_back(i % 2);
    better.push_back(i % 2 + 0.25);
    difference.push_back(0.25);
  }
  const auto estimates = BootstrapMeans({noisy, better, difference}, {1000, 0.95, 1});
  EXPECT_GT(estimates[0].high - estimates[0].low, 0.1);
  EXPECT_DOUBLE_EQ(estimates[2].low, 0.25);
  EXPECT_DOUBLE_EQ(estimates[2].high, 0.25);
  EXPECT_NEAR(estimates[1].low - estimates[0].low, 0.25, 1e-9);  // the same resamples
}

TEST(Bootstrap, IsTheSameForASeedAndAnotherForAnother) {
  std::vector<double> values;
  for (int i = 0; i < 50; ++i) values.push_back(i * i % 17);
  const auto run = [&](std::uint64_t seed) {
    return BootstrapMeans({values}, {500, 0.9, seed})[0].low;
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
  EXPECT_EQ(BootstrapMeans({{}}, {100, 0.95, 1})[0].high, 0);
}

TEST(Reliability, ExpectedCalibrationErrorByHand) {
  const Reliability measured = MeasureReliability({{0.9, 1}, {0.9, 0}, {0.1, 0}}, 10);
  // Two rows at 0.9 of which half happened, one at 0.1 which did not: 2/3 x 0.4 + 1/3 x 0.1.
  EXPECT_NEAR(measured.error, 0.3, 1e-12);
  EXPECT_NEAR(measured.brier, (0.01 + 0.81 + 0.01) / 3, 1e-12);
  EXPECT_EQ(measured.bins[9].rows, 2u);
  EXPECT_DOUBLE_EQ(measured.bins[9].happened, 0.5);
  EXPECT_DOUBLE_EQ(measured.bins[1].predicted, 0.1);
}

TEST(Reliability, EdgesFallIntoBinsAndNothingIsFine) {
  const Reliability certain = MeasureReliability({{1, 1}, {0, 0}, {1.5, 1}, {-1, 0}}, 15);
  EXPECT_EQ(certain.bins[14].rows, 2u);
  EXPECT_EQ(certain.bins[0].rows, 2u);
  EXPECT_EQ(MeasureReliability({}, 15).error, 0);
}

// The strong expert is always right, the weak one on the last two.
std::vector<PairQuestion> FourQuestions(std::vector<double> preferences) {
  std::vector<PairQuestion> questions;
  for (std::size_t i = 0; i < 4; ++i) {
    questions.push_back({preferences[i], 1, i < 2 ? 0.0 : 1.0, 10, 1});
  }
  return questions;
}

TEST(GapRecovered, APerfectRouterByHand) {
  const GapReport report = MeasureGap(FourQuestions({4, 3, 2, 1}));
  EXPECT_DOUBLE_EQ(report.weak, 0.5);
  EXPECT_DOUBLE_EQ(report.strong, 1);
  // Quality 0.5, 0.75, 1, 1, 1 at shares 0 to 1: the area is 0.875.
  EXPECT_NEAR(report.apgr, 0.75, 1e-12);
  EXPECT_NEAR(report.apgr_exact, 0.75, 1e-12);
  EXPECT_NEAR(report.cpt50, 0.25, 1e-12);
  EXPECT_NEAR(report.cpt80, 0.4, 1e-12);
  EXPECT_NEAR(report.curve.back().price, 10, 1e-12);
  EXPECT_NEAR(report.curve.front().price, 1, 1e-12);
}

TEST(GapRecovered, TheWorstRouterAndOneThatKnowsNothing) {
  const GapReport worst = MeasureGap(FourQuestions({1, 2, 3, 4}));
  EXPECT_NEAR(worst.apgr, 0.25, 1e-12);
  EXPECT_NEAR(worst.cpt50, 0.75, 1e-12);
  const GapReport even = MeasureGap(FourQuestions({1, 1, 1, 1}));
  EXPECT_NEAR(even.apgr, 0.5, 1e-12);  // all at once: a straight line
  EXPECT_NEAR(even.apgr_exact, 0.5, 1e-12);
  EXPECT_NEAR(even.cpt80, 0.8, 1e-12);
}

TEST(GapRecovered, WithoutAGapThereIsNothingToRecover) {
  std::vector<PairQuestion> same = FourQuestions({1, 2, 3, 4});
  for (PairQuestion& question : same) question.weak = question.strong;
  EXPECT_TRUE(std::isnan(MeasureGap(same).apgr));
  EXPECT_TRUE(std::isnan(MeasureGap({}).strong));
}

TEST(GapRecovered, DecilesMissWhatLiesBetweenThem) {
  // 30 questions; only the very first needs the strong expert. Deciles see it with the next two.
  std::vector<PairQuestion> questions;
  for (int i = 0; i < 30; ++i) questions.push_back({30.0 - i, 1, i == 0 ? 0.0 : 1.0, 1, 1});
  const GapReport report = MeasureGap(questions);
  EXPECT_NEAR(report.apgr_exact, 1 - 0.5 / 30, 1e-9);
  EXPECT_NEAR(report.apgr, 1 - 0.5 / 10, 1e-9);
}

TEST(Vote, WeightDecidesThenTheStrongest) {
  const auto winner = [](std::vector<Ballot> ballots) { return WinnerOf(ballots); };
  EXPECT_EQ(winner({{0, 1}, {1, 1}, {1, 1}}), 1u);
  EXPECT_EQ(winner({{0, 1}, {1, 1}}), 0u);  // a tie: the first is the strongest
  EXPECT_EQ(winner({{0, 0.5}, {1, 0.6}}), 1u);
  EXPECT_EQ(winner({{0, 0.3}, {1, 0.1}, {1, 0.2}}), 0u);  // equal but for rounding
  EXPECT_EQ(winner({{-1, 9}, {1, 0.1}}), 1u);             // an empty answer casts no vote
  EXPECT_EQ(winner({{-1, 1}, {-1, 1}}), std::nullopt);
  EXPECT_EQ(winner({}), std::nullopt);
}

}  // namespace
}  // namespace moerge
