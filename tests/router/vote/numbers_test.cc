#include "router/vote/numbers.h"

#include <gtest/gtest.h>

#include <vector>

namespace moerge {
namespace {

using Values = std::vector<Measured>;

TEST(Numbers, TheMedianHeedsWeights) {
  EXPECT_EQ(WeightedMedian(Values{{10}, {1}, {2}}), 2u);
  EXPECT_EQ(WeightedMedian(Values{{10, 5}, {1}, {2}}), 0u);
  EXPECT_EQ(WeightedMedian(Values{{3}, {1}}), 1u) << "the lower of two";
  EXPECT_EQ(WeightedMedian(Values{{7}}), 0u);
}

TEST(Numbers, OneThatIsFarOffDoesNotMoveTheMedian) {
  EXPECT_EQ(WeightedMedian(Values{{4}, {5}, {1e12}, {5}, {6}}), 1u) << "the first of equal ones";
}

TEST(Numbers, TheTrimmedMeanLeavesOutTheEnds) {
  EXPECT_DOUBLE_EQ(TrimmedMean(Values{{1}, {2}, {3}, {4}, {1000}}), 3);
  EXPECT_DOUBLE_EQ(TrimmedMean(Values{{5}}), 5);
  EXPECT_DOUBLE_EQ(TrimmedMean(Values{{1}, {3}}), 2);
  // Of 4, 0.8 goes at either end: the first value keeps 2.2 of its 3, the last nothing of its
  // half, the middle one 0.2.
  EXPECT_NEAR(TrimmedMean(Values{{1, 3}, {2, 0.5}, {9, 0.5}}), (2.2 * 1 + 0.2 * 2) / 2.4, 1e-12);
}

TEST(Numbers, TheNearestIsTheFirstOfEqualOnes) {
  EXPECT_EQ(Nearest(Values{{1}, {3}, {5}}, 4), 1u);
  EXPECT_EQ(Nearest(Values{{1}, {3}, {5}}, 100), 2u);
}

}  // namespace
}  // namespace moerge
