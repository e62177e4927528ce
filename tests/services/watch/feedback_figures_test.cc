#include "services/watch/feedback_figures.h"

#include <gtest/gtest.h>

namespace moerge {
namespace {

Feedback Says(const std::string& expert, std::optional<double> score,
              std::optional<double> helpfulness) {
  Feedback said;
  said.expert = expert;
  said.score = score;
  said.helpfulness = helpfulness;
  return said;
}

TEST(FeedbackFigures, KeepTheTwoApart) {
  const auto figures = FiguresByExpert({Says("b", 1, {}), Says("a", {}, 0.5), Says("a", {}, 1),
                                        Says("a", 0, 1), Says("b", 0.5, {})});
  ASSERT_EQ(figures.size(), 2u);
  EXPECT_EQ(figures[0].expert, "a");
  EXPECT_EQ(figures[0].correctness.count, 1);
  EXPECT_EQ(figures[0].helpfulness.count, 3);
  EXPECT_EQ(figures[0].helpfulness.sum, 2.5);
  EXPECT_EQ(figures[0].both, 1);
  EXPECT_EQ(figures[1].correctness.sum, 1.5);
  EXPECT_EQ(figures[1].helpfulness.count, 0);
}

TEST(FeedbackFigures, TellWhetherTheyGoTogether) {
  EXPECT_NEAR(*FiguresOfAll({Says("a", 0, 0), Says("b", 0.5, 0.5), Says("a", 1, 1)}).correlation, 1,
              1e-12);
  EXPECT_NEAR(*FiguresOfAll({Says("a", 0, 1), Says("b", 0.5, 0.5), Says("a", 1, 0)}).correlation,
              -1, 1e-12);
  EXPECT_FALSE(FiguresOfAll({Says("a", 0, 0), Says("a", 1, 1)}).correlation) << "too few";
  EXPECT_FALSE(FiguresOfAll({Says("a", 1, 0), Says("a", 1, 1), Says("a", 1, 1)}).correlation)
      << "one never differs";
}

}  // namespace
}  // namespace moerge
