#include "router/vote/ballots.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace moerge {
namespace {

using Ballots = std::vector<Ballot>;

TEST(Ballots, NoneIsConfidentOfNothing) {
  EXPECT_EQ(VoteConfidence(Ballots{}), 0);
  EXPECT_EQ(VoteConfidence(Ballots{{-1, 2}}), 0);
  EXPECT_FALSE(IsSettled(Ballots{{-1, 2}}, 0, 0));
}

// One voter of expected score p weighs ln(p / ((1 - p) / 4)): alone its confidence is p.
TEST(Ballots, OneVotersConfidenceIsItsExpectedScore) {
  for (const double p : {0.25, 0.5, 0.8, 0.95}) {
    const Ballots one{{0, std::log(p / ((1 - p) / 4))}};
    EXPECT_NEAR(VoteConfidence(one), p, 1e-9);
  }
}

TEST(Ballots, AgreementRaisesConfidenceAndContradictionLowersIt) {
  const double alone = VoteConfidence(Ballots{{0, 1.5}});
  EXPECT_GT(VoteConfidence(Ballots{{0, 1.5}, {0, 1.5}}), alone);
  EXPECT_LT(VoteConfidence(Ballots{{0, 1.5}, {1, 1.4}}), alone);
  EXPECT_NEAR(VoteConfidence(Ballots{{0, 1.5}, {-1, 9}}), alone, 1e-12);
}

TEST(Ballots, ManyAnswersAreWeighedAgainstEachOtherAlone) {
  Ballots many;
  for (int i = 0; i < 8; ++i) many.push_back({i, 1});
  EXPECT_NEAR(VoteConfidence(many), 1.0 / 8, 1e-9);
}

TEST(Ballots, SettledWhenTheRestCannotChangeIt) {
  const Ballots two_agree{{0, 1}, {0, 1}, {1, 0.5}};
  EXPECT_TRUE(IsSettled(two_agree, 1.4));
  EXPECT_FALSE(IsSettled(two_agree, 1.5)) << "a tie may fall to the other side";
  EXPECT_FALSE(IsSettled(two_agree, 2));
  EXPECT_TRUE(IsSettled(Ballots{{0, 0.1}}, 0));
}

// Those who wait may all say something new, or all say what is second.
TEST(Ballots, SettledMeansThatNoOutcomeOfTheRestDiffers) {
  const Ballots some{{0, 1.3}, {1, 0.6}, {0, 0.2}};
  const std::vector<double> waiting{0.5, 0.3};
  ASSERT_TRUE(IsSettled(some, 0.8));
  for (int first = -1; first < 4; ++first) {
    for (int second = -1; second < 4; ++second) {
      Ballots all = some;
      all.push_back({first, waiting[0]});
      all.push_back({second, waiting[1]});
      EXPECT_EQ(all[*Vote(all)].answer, 0);
    }
  }
}

TEST(Ballots, SettledAtAConfidence) {
  const Ballots one{{0, std::log(0.8 / (0.2 / 4))}};
  EXPECT_TRUE(IsSettled(one, 100, 0.79));
  EXPECT_FALSE(IsSettled(one, 100, 0.81));
  EXPECT_FALSE(IsSettled(one, 100, 1));
}

}  // namespace
}  // namespace moerge
