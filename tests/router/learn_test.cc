// The solvers and the calibration, on rows whose right answer is known.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "config/base/random.h"
#include "router/learn/margin_trainer.h"
#include "router/learn/score_mixing.h"
#include "router/learn/shape_model.h"

namespace moerge {
namespace {

struct Problem {
  SparseRows rows;
  std::vector<std::uint32_t> members;
  std::vector<std::uint32_t> labels;
  std::vector<float> weights;

  ClassTask Task(std::size_t features, std::size_t classes) const {
    return {&rows, members, features, classes, labels, weights};
  }
  void Add(std::vector<Feature> cells, std::uint32_t label, float weight = 1) {
    rows.Add(cells);
    members.push_back(static_cast<std::uint32_t>(members.size()));
    labels.push_back(label);
    weights.push_back(weight);
  }
};

// Each class has a feature of its own among ones that say nothing.
Problem Separable() {
  Problem problem;
  Random random(3);
  for (std::uint32_t i = 0; i < 90; ++i) {
    const auto noise = static_cast<std::uint32_t>(3 + random.Below(20));
    problem.Add({{i % 3, 0.6f}, {noise, 0.8f}}, i % 3);
  }
  return problem;
}

TEST(TrainMargins, EveryRowOfSeparableClassesIsOnItsSide) {
  const Problem problem = Separable();
  MarginOptions options;
  options.cost = 10;
  const LinearWeights weights = TrainMargins(problem.Task(23, 3), options);
  std::vector<float> scores;
  for (const std::uint32_t member : problem.members) {
    Scores(weights, problem.rows[member], &scores);
    const auto top = std::max_element(scores.begin(), scores.begin() + 3);
    EXPECT_EQ(top - scores.begin(), problem.labels[member]);
  }
}

// One feature, one row a side: |w|^2 / 2 + cost * 2 (1 - w x)^2, with the bias at 0 by symmetry.
TEST(TrainMargins, EndsAtTheOptimumKnownInClosedForm) {
  Problem problem;
  problem.Add({{0, 1.0f}}, 0);
  problem.Add({{0, -1.0f}}, 1);
  MarginOptions options;
  options.cost = 0.5;
  options.passes = 200;
  const LinearWeights weights = TrainMargins(problem.Task(1, 2), options);
  EXPECT_NEAR(weights.values[0], 2.0 / 3.0, 1e-4);
  EXPECT_NEAR(weights.values[1], -2.0 / 3.0, 1e-4);
  EXPECT_NEAR(weights.bias[0], 0, 1e-4);
}

TEST(TrainMargins, EqualInputGivesEqualBytesAndStopIsHeeded) {
  const Problem problem = Separable();
  EXPECT_EQ(TrainMargins(problem.Task(23, 3), {}).values,
            TrainMargins(problem.Task(23, 3), {}).values);
  const std::atomic<bool> stop{true};
  MarginOptions options;
  options.stop = &stop;
  const LinearWeights weights = TrainMargins(problem.Task(23, 3), options);
  EXPECT_EQ(std::accumulate(weights.values.begin(), weights.values.end(), 0.0f), 0.0f);
}

// Class 2 is hidden from its own scores: its rows look like class 0, but class 1 scores higher.
HeldOut Confused(std::size_t rows) {
  HeldOut held_out;
  held_out.classes = 3;
  Random random(5);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto label = static_cast<std::uint32_t>(random.Below(3));
    const float one = label == 2 ? 0.5f : label == 1 ? 1.0f : -1.0f;
    const float noise = static_cast<float>(random.Uniform()) * 0.2f;
    const float first = label == 1 ? -1.0f : 1.0f;
    held_out.scores.insert(held_out.scores.end(), {first + noise, one - noise, -0.5f});
    held_out.labels.push_back(label);
  }
  return held_out;
}

TEST(ScoreMixing, LearnsWhichClassesAreConfused) {
  const HeldOut train = Confused(3000);
  const ScoreMixing mixing(train);
  const Quality mixed = mixing.Measure(Confused(1000));
  const Quality plain = Measure(Confused(1000), FitSharpness(train));
  EXPECT_LT(mixed.log_loss, plain.log_loss / 2);
  EXPECT_GT(mixed.accuracy, 0.95);
  EXPECT_LT(plain.accuracy, 0.75);
}

TEST(ScoreMixing, WithFewRowsItStaysNearOneFactor) {
  const HeldOut train = Confused(4);
  const ScoreMixing mixing(train);
  std::vector<float> mixed = {1.0f, 0.2f, -0.5f};
  std::vector<float> plain = mixed;
  mixing.Apply(&mixed);
  const float factor = FitSharpness(train);
  float sum = 0;
  for (float& p : plain) sum += p = std::exp(p * factor);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(mixed[i], plain[i] / sum, 0.1f);
}

TEST(ScoreMixing, GivesProbabilitiesAndSurvivesWriting) {
  const ScoreMixing mixing(Confused(300));
  ByteWriter out;
  mixing.Write(&out);
  const std::string bytes = out.Take();
  ByteReader in(bytes);
  const auto restored = ScoreMixing::Read(&in, 3);
  ASSERT_TRUE(restored.has_value());
  EXPECT_TRUE(in.AtEnd());
  std::vector<float> a = {0.4f, -2, 90};
  std::vector<float> b = a;
  mixing.Apply(&a);
  restored->Apply(&b);
  EXPECT_EQ(a, b);
  EXPECT_NEAR(a[0] + a[1] + a[2], 1, 1e-5);
  ByteReader other(bytes);
  EXPECT_FALSE(ScoreMixing::Read(&other, 4).has_value());
  ByteReader damaged(std::string_view(bytes).substr(0, bytes.size() - 1));
  EXPECT_FALSE(ScoreMixing::Read(&damaged, 3).has_value());
}

TEST(ShapeScale, IsStandardisedClippedAndBlindToConstants) {
  std::vector<ShapeFeatures> shapes(3);
  shapes[0][0] = 1, shapes[1][0] = 2, shapes[2][0] = 3;
  for (ShapeFeatures& shape : shapes) shape[1] = 7;
  const std::vector<std::uint32_t> members = {0, 1, 2};
  const ShapeScale scale(shapes, members, 1);
  const float unit = 1 / std::sqrt(static_cast<float>(kShapeFeatures));
  ShapeFeatures out;
  scale.Apply(shapes[1], &out);
  EXPECT_NEAR(out[0], 0, 1e-6);
  ShapeFeatures far{};
  far[0] = 1000, far[1] = 1000;
  scale.Apply(far, &out);
  EXPECT_NEAR(out[0], 3 * unit, 1e-6);
  EXPECT_EQ(out[1], 0);
}

}  // namespace
}  // namespace moerge
