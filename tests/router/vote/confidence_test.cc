#include "router/vote/confidence.h"

#include <gtest/gtest.h>

#include <vector>

#include "router/recruit/combination.h"
#include "router/vote/ballots.h"

namespace moerge {
namespace {

using Voices = std::vector<Voice>;

TEST(Confidence, AVoiceAloneCountsAsWhatIsExpectedOfIt) {
  for (const double p : {0.0, 0.1, 0.5, 0.999, 1.0}) {
    EXPECT_DOUBLE_EQ(CalibratedVoteConfidence(Voices{{0, p}}, 0), p);
    EXPECT_DOUBLE_EQ(CalibratedVoteConfidence(Voices{{0, p}, {-1, 0.9}}, 0), p);
  }
}

TEST(Confidence, AnAnswerThatWasNotGivenIsNotRight) {
  EXPECT_EQ(CalibratedVoteConfidence(Voices{}, 0), 0);
  EXPECT_EQ(CalibratedVoteConfidence(Voices{{-1, 0.9}}, -1), 0);
  EXPECT_EQ(CalibratedVoteConfidence(Voices{{1, 0.9}, {2, 0.8}}, 0), 0);
}

TEST(Confidence, AgreementRaisesAndContradictionLowersIt) {
  const double alone = CalibratedVoteConfidence(Voices{{0, 0.6}}, 0);
  EXPECT_GT(CalibratedVoteConfidence(Voices{{0, 0.6}, {0, 0.6}}, 0), alone + 0.1);
  EXPECT_LT(CalibratedVoteConfidence(Voices{{0, 0.6}, {1, 0.6}}, 0), alone - 0.1);
}

// Experts that agree err together: two are surer than one, less sure than if they were independent.
TEST(Confidence, AgreementCountsForLessThanIndependentEvidence) {
  const auto weight = static_cast<double>(VoteWeight(0.6F, 0));
  const double independent = VoteConfidence(std::vector<Ballot>{{0, weight}, {0, weight}});
  EXPECT_LT(CalibratedVoteConfidence(Voices{{0, 0.6}, {0, 0.6}}, 0), independent - 0.02);
}

TEST(Confidence, AnswersShareOneProbability) {
  const Voices voices{{0, 0.7}, {1, 0.5}, {0, 0.3}, {2, 0.6}, {3, 0.2}, {4, 0.4}, {-1, 0.9}};
  double sum = 0;
  for (int answer = 0; answer < 5; ++answer) sum += CalibratedVoteConfidence(voices, answer);
  EXPECT_NEAR(sum, 1, 1e-9);
}

// Ten that agree are not surer than certain, ten that all differ not less sure than a tenth.
TEST(Confidence, ManyVoicesStayWithinReason) {
  Voices agree, differ;
  for (int i = 0; i < 10; ++i) {
    agree.push_back({0, 0.5});
    differ.push_back({i, 0.5});
  }
  EXPECT_LT(CalibratedVoteConfidence(agree, 0), 1);
  EXPECT_GT(CalibratedVoteConfidence(agree, 0), 0.9);
  EXPECT_NEAR(CalibratedVoteConfidence(differ, 3), 0.1, 1e-9);
}

}  // namespace
}  // namespace moerge
