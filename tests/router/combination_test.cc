#include "router/recruit/combination.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace moerge {
namespace {

std::vector<double> Confidence(std::vector<float> expected, std::vector<float> shared) {
  return CombinedConfidence(expected, shared);
}

TEST(VoteWon, TheMajorityAlwaysWinsAndAMinorityByTheScatterOfTheOthers) {
  EXPECT_EQ(VoteWon(1, 1), 1);
  EXPECT_EQ(VoteWon(3, 0), 0);
  EXPECT_EQ(VoteWon(3, 2), 1);
  // One right among three: a tie, won half the time, unless the two wrong ones agree (1 in 4).
  EXPECT_NEAR(VoteWon(3, 1), 0.375, 1e-12);
  // Two of four: lost half the time when both others agree.
  EXPECT_NEAR(VoteWon(4, 2), 1 - 0.25 / 2, 1e-12);
  EXPECT_NEAR(VoteWon(kMostSeats, kMostSeats), 1, 1e-12);
}

TEST(VoteWon, MoreRightVotersNeverHurt) {
  for (std::size_t voters = 1; voters <= kMostSeats; ++voters) {
    for (std::size_t right = 1; right <= voters; ++right) {
      EXPECT_GE(VoteWon(voters, right), VoteWon(voters, right - 1) - 1e-12)
          << right << " of " << voters;
      EXPECT_LE(VoteWon(voters, right), 1 + 1e-12);
    }
  }
}

TEST(CombinedConfidence, OfOneAndTwoIsTheFirstOnes) {
  const auto confidence = Confidence({0.6f, 0.5f}, {0, 0});
  EXPECT_NEAR(confidence[0], 0.6, 1e-6);
  EXPECT_NEAR(confidence[1], 0.6, 1e-6);
}

TEST(CombinedConfidence, OfIndependentExpertsIsTheirVote) {
  // All three right or two of them, or one with a tie that falls its way.
  const auto confidence = Confidence({0.6f, 0.6f, 0.6f}, {0, 0, 0});
  const double expected = 0.216 + 3 * 0.36 * 0.4 + 3 * 0.6 * 0.16 * 0.375;
  EXPECT_NEAR(confidence[2], expected, 1e-6);
}

TEST(CombinedConfidence, LookAlikesAddLittle) {
  const std::vector<float> expected(5, 0.6f);
  const auto apart = Confidence(expected, {0, 0, 0, 0, 0});
  const auto alike = Confidence(expected, {0, 0.9f, 1.8f, 2.7f, 3.6f});
  EXPECT_GT(apart[4], alike[4] + 0.1);
  EXPECT_NEAR(alike[4], 0.6, 0.08);
}

TEST(CombinedConfidence, GrowsWithEveryExpertsStrength) {
  for (float p = 0.1f; p < 0.9f; p += 0.1f) {
    const std::vector<float> shared = {0, 0.3f, 0.6f};
    EXPECT_LT(Confidence({0.5f, 0.5f, p}, shared)[2],
              Confidence({0.5f, 0.5f, p + 0.1f}, shared)[2]);
  }
}

TEST(CombinedConfidence, TakesAllSeatsAndExtremes) {
  const std::vector<float> sure(kMostSeats, 1.0f);
  EXPECT_NEAR(Confidence(sure, std::vector<float>(kMostSeats, 0)).back(), 1, 1e-3);
  const std::vector<float> hopeless(kMostSeats, 0.0f);
  EXPECT_NEAR(Confidence(hopeless, std::vector<float>(kMostSeats, 0)).back(), 0, 1e-3);
  EXPECT_TRUE(Confidence({}, {}).empty());
}

TEST(VoteWeight, IsTheEvidenceOfAnAnswerDiscountedForWhatIsShared) {
  EXPECT_NEAR(VoteWeight(0.5f, 0), std::log(4.0), 1e-5);
  EXPECT_NEAR(VoteWeight(0.8f, 0), std::log(0.8 / (0.2 / 4)), 1e-5);
  EXPECT_NEAR(VoteWeight(0.8f, 1), VoteWeight(0.8f, 0) / 2, 1e-6);
  EXPECT_NEAR(VoteWeight(0.01f, 0), 0.05, 1e-6);
}

}  // namespace
}  // namespace moerge
