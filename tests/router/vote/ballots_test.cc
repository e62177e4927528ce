#include "router/vote/ballots.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace moerge {
namespace {

using BallotList = std::vector<Ballot>;
using StillToVote = std::vector<double>;

TEST(Ballots, NoneIsConfidentOfNothing) {
  EXPECT_EQ(VoteConfidence(BallotList{}), 0);
  EXPECT_EQ(VoteConfidence(BallotList{{-1, 2}}), 0);
  EXPECT_FALSE(IsDecided(BallotList{{-1, 2}}, StillToVote{}, {.confidence = 0}));
}

// One voter of expected score p weighs ln(p / ((1 - p) / 4)): alone its confidence is p.
TEST(Ballots, OneVotersConfidenceIsItsExpectedScore) {
  for (const double p : {0.25, 0.5, 0.8, 0.95}) {
    const BallotList one{{0, std::log(p / ((1 - p) / 4))}};
    EXPECT_NEAR(VoteConfidence(one), p, 1e-9);
  }
}

TEST(Ballots, AgreementRaisesConfidenceAndContradictionLowersIt) {
  const double alone = VoteConfidence(BallotList{{0, 1.5}});
  EXPECT_GT(VoteConfidence(BallotList{{0, 1.5}, {0, 1.5}}), alone);
  EXPECT_LT(VoteConfidence(BallotList{{0, 1.5}, {1, 1.4}}), alone);
  EXPECT_NEAR(VoteConfidence(BallotList{{0, 1.5}, {-1, 9}}), alone, 1e-12);
}

TEST(Ballots, ManyAnswersAreWeighedAgainstEachOtherAlone) {
  BallotList many;
  for (int i = 0; i < 8; ++i) many.push_back({i, 1});
  EXPECT_NEAR(VoteConfidence(many), 1.0 / 8, 1e-9);
}

TEST(Ballots, SettledWhenTheRestCannotChangeIt) {
  const BallotList two_agree{{0, 1}, {0, 1}, {1, 0.5}};
  EXPECT_TRUE(IsDecided(two_agree, StillToVote{0.7, 0.7}));
  EXPECT_FALSE(IsDecided(two_agree, StillToVote{1.5})) << "a tie may fall to the other side";
  EXPECT_FALSE(IsDecided(two_agree, StillToVote{1, 1}));
  EXPECT_TRUE(IsDecided(BallotList{{0, 0.1}}, StillToVote{}));
}

// The waiting experts may all say something new, or all say what is second.
TEST(Ballots, SettledMeansThatNoOutcomeOfTheRestDiffers) {
  const BallotList some{{0, 1.3}, {1, 0.6}, {0, 0.2}};
  const StillToVote waiting{0.5, 0.3};
  ASSERT_TRUE(IsDecided(some, waiting));
  for (int first = -1; first < 4; ++first) {
    for (int second = -1; second < 4; ++second) {
      BallotList all = some;
      all.push_back({first, waiting[0]});
      all.push_back({second, waiting[1]});
      EXPECT_EQ(all[*WinnerOf(all)].answer, 0);
    }
  }
}

TEST(Ballots, SettledAtAConfidence) {
  const BallotList one{{0, std::log(0.8 / (0.2 / 4))}};
  EXPECT_TRUE(IsDecided(one, StillToVote{100}, {.confidence = 0.79}));
  EXPECT_FALSE(IsDecided(one, StillToVote{100}, {.confidence = 0.81}));
  EXPECT_FALSE(IsDecided(one, StillToVote{100}));
}

// Of equal voters the third is worth hearing where two contradict each other and not where they
// agree; a fourth that all others outweigh is not.
TEST(Ballots, MoreVotesGainWhereThoseSoFarDisagree) {
  const StillToVote two{1, 1};
  const double agree = GainOfMore(BallotList{{0, 1}, {0, 1}}, two);
  const double disagree = GainOfMore(BallotList{{0, 1}, {1, 1}}, two);
  EXPECT_GT(disagree, 0.03);
  EXPECT_LT(agree, disagree / 2);
  EXPECT_LT(GainOfMore(BallotList{{0, 3}, {0, 3}}, StillToVote{0.1}), 1e-9);
  EXPECT_EQ(GainOfMore(BallotList{{0, 1}}, StillToVote{}), 0);
  EXPECT_EQ(GainOfMore(BallotList{{-1, 1}}, two), 0);
}

// One weaker voter can change nothing by itself, two together can.
TEST(Ballots, TheGainLooksFurtherThanOneCall) {
  const BallotList one{{0, 1.2}};
  EXPECT_NEAR(GainOfMore(one, StillToVote{1}), 0, 1e-12);
  EXPECT_GT(GainOfMore(one, StillToVote{1, 1}), 0.001);
}

// Expected over what the next one may say, the winner's probability never falls.
TEST(Ballots, TheGainIsNeverNegative) {
  for (const BallotList& ballots :
       {BallotList{{0, 0.2}}, BallotList{{0, 2}, {1, 1.9}, {2, 0.1}},
        BallotList{{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}}}) {
    EXPECT_GE(GainOfMore(ballots, StillToVote{0.5, 0.05, 1.5, 1}), -1e-12);
  }
}

TEST(Ballots, DecidedWhenMoreWouldGainTooLittle) {
  const BallotList agree{{0, 1}, {0, 1}};
  const StillToVote rest{0.9, 0.9, 0.9};
  EXPECT_FALSE(IsDecided(agree, rest));
  const double gain = GainOfMore(agree, rest);
  EXPECT_TRUE(IsDecided(agree, rest, {.gain = gain * 1.01}));
  EXPECT_FALSE(IsDecided(agree, rest, {.gain = gain * 0.99}));
}

TEST(Ballots, SaysWhyNobodyFurtherIsAsked) {
  const BallotList agree{{0, 1}, {0, 1}};
  const StillToVote one{0.9};
  EXPECT_EQ(WhyDecided({}, one), VoteEnd::kNot);
  EXPECT_EQ(WhyDecided(agree, one), VoteEnd::kUnchangeable);
  const StillToVote rest{0.9, 0.9, 0.9};
  EXPECT_EQ(WhyDecided(agree, rest), VoteEnd::kNot);
  EXPECT_EQ(WhyDecided(agree, rest, {.gain = 0.9}), VoteEnd::kLowGain);
  EXPECT_EQ(WhyDecided(agree, rest, {.confidence = 0.1, .gain = 0.9}), VoteEnd::kConfident);
}

}  // namespace
}  // namespace moerge
