#include "services/watch/score_sample.h"

#include <gtest/gtest.h>

#include <random>

namespace moerge {
namespace {

ScoreSample Scores(int good, int bad) {
  ScoreSample sample;
  for (int i = 0; i < good; ++i) sample.Add(1);
  for (int i = 0; i < bad; ++i) sample.Add(0);
  return sample;
}

TEST(ScoreSample, MeanAndInterval) {
  const ScoreSample sample = Scores(80, 20);
  EXPECT_DOUBLE_EQ(sample.mean(), 0.8);
  const ScoreInterval interval = IntervalOf(sample);
  EXPECT_NEAR(interval.low, 0.8 - 1.96 * 0.04, 0.003);
  EXPECT_NEAR(interval.high, 0.8 + 1.96 * 0.04, 0.003);
  EXPECT_EQ(IntervalOf(ScoreSample()).low, 0);
  EXPECT_LT(IntervalOf(Scores(5, 0)).low, 0.9);  // five good ones are no certainty
}

TEST(CompareMeans, OnlyAFallThatIsLargeForItsVolumeCounts) {
  struct Case {
    ScoreSample before;
    ScoreSample after;
    bool enough;
    bool falls;
  };
  const Case cases[] = {
      {Scores(900, 100), Scores(15, 15), true, true},
      {Scores(900, 100), Scores(14, 15), false, false},  // too few
      {Scores(20, 0), Scores(0, 100), false, false},     // too few before
      {Scores(900, 100), Scores(26, 4), true, false},    // no more than chance
      {Scores(900, 100), Scores(40, 0), true, false},    // it rises
      {Scores(9000, 1000), Scores(4300, 700), true, true},
      {Scores(50, 50), Scores(50, 50), true, false},
      {ScoreSample(), ScoreSample(), false, false},
  };
  for (const Case& one : cases) {
    const MeanComparison comparison = CompareMeans(one.before, one.after);
    EXPECT_EQ(comparison.enough, one.enough) << one.after.count;
    EXPECT_EQ(comparison.p < 0.01, one.falls) << one.after.count << " " << comparison.p;
    EXPECT_LE(comparison.p, 1);
  }
}

// Two versions that are equally good, looked at after every tenth pair of requests: how often there
// is an alarm, ever.
TEST(CompareMeans, LookingOftenRaisesFewFalseAlarms) {
  std::mt19937 random(7);
  std::bernoulli_distribution good(0.8);
  constexpr int kTrials = 500;
  int alarms = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    ScoreSample stable, candidate;
    bool alarm = false;
    for (int i = 1; i <= 2'000 && !alarm; ++i) {
      stable.Add(good(random) ? 1 : 0);
      candidate.Add(good(random) ? 1 : 0);
      alarm = i % 10 == 0 && CompareMeans(stable, candidate).p < 0.01;
    }
    alarms += alarm;
  }
  RecordProperty("alarms_of_500", alarms);
  EXPECT_LE(alarms, kTrials / 100);
}

// A version that is wrong three times as often is found.
TEST(CompareMeans, AWorseVersionIsFoundSoon) {
  std::mt19937 random(7);
  std::bernoulli_distribution good(0.9), worse(0.7);
  constexpr int kTrials = 200;
  int found = 0;
  double all = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    ScoreSample stable, candidate;
    for (int i = 1; i <= 300; ++i) {
      for (int more = 0; more < 9; ++more) stable.Add(good(random) ? 1 : 0);  // 10 % on trial
      candidate.Add(worse(random) ? 1 : 0);
      if (CompareMeans(stable, candidate).p >= 0.01) continue;
      ++found;
      all += i;
      break;
    }
  }
  RecordProperty("mean_requests_of_the_candidate", static_cast<int>(all / found));
  EXPECT_GE(found, kTrials * 99 / 100);
  EXPECT_LT(all / found, 120);
}

}  // namespace
}  // namespace moerge
