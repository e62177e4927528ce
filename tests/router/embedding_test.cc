#include "router/classify/embedding_head.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "config/base/random.h"
#include "registry/registry.h"

namespace moerge {
namespace {

TEST(EmbeddingVector, KeepsTheDirection) {
  Random random(3);
  std::vector<float> values(300);
  for (float& value : values) value = static_cast<float>(random.Uniform() - 0.5);
  std::vector<float> unit;
  Unit(Quantised(values), &unit);
  double dot = 0;
  double length = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    dot += values[i] * unit[i];
    length += values[i] * values[i];
  }
  EXPECT_GT(dot / std::sqrt(length), 0.9999);
}

TEST(EmbeddingVector, IsNothingWhereThereIsNoDirection) {
  EXPECT_TRUE(Quantised({}).empty());
  EXPECT_TRUE(Quantised(std::vector<float>{0, 0}).empty());
  EXPECT_TRUE(Quantised(std::vector<float>{1, std::nanf("")}).empty());
  EXPECT_TRUE(Quantised(std::vector<float>{std::numeric_limits<float>::infinity()}).empty());
}

TEST(EmbeddingVector, SurvivesAsText) {
  for (std::size_t size = 0; size < 9; ++size) {
    EmbeddingVector vector;
    for (std::size_t i = 0; i < size; ++i) vector.push_back(static_cast<std::int8_t>(i * 37 - 128));
    EXPECT_EQ(DecodeVector(EncodeVector(vector)), vector);
  }
  for (const char* const text : {"A", "AAA", "A===", "!!!!", "AA==AAAA"}) {
    EXPECT_TRUE(DecodeVector(text).empty()) << text;
  }
}

// Clouds around a direction of their own for each of five skills, in 40 dimensions.
EmbeddingRows Clouds(std::size_t per_skill, double noise, std::uint64_t seed) {
  EmbeddingRows rows;
  rows.skills = {"a", "b", "c", "d", "e"};
  Random random(seed);
  for (std::uint32_t skill = 0; skill < rows.skills.size(); ++skill) {
    for (std::size_t i = 0; i < per_skill; ++i) {
      std::vector<float> values(40);
      for (float& value : values) value = static_cast<float>(noise * (random.Uniform() - 0.5));
      for (std::uint32_t d = 0; d < 8; ++d) values[skill * 8 + d] += 1;
      rows.vectors.push_back(Quantised(values));
      rows.labels.push_back(skill);
    }
  }
  return rows;
}

TEST(EmbeddingHead, EachKindLearnsAndIsCalibrated) {
  const EmbeddingRows train = Clouds(60, 3, 1);
  const EmbeddingRows test = Clouds(200, 3, 2);
  for (const HeadKind kind : {HeadKind::kLogistic, HeadKind::kCentroid, HeadKind::kKnn}) {
    const auto head = EmbeddingHead::Train(train, kind);
    ASSERT_NE(head, nullptr);
    EXPECT_EQ(head->quality().rows, train.vectors.size());
    double right = 0;
    double claimed = 0;
    for (std::size_t i = 0; i < test.vectors.size(); ++i) {
      Demand demand;
      ASSERT_TRUE(head->Classify(test.vectors[i], &demand));
      right += NameOf(demand.skills.front().skill) == train.skills[test.labels[i]];
      claimed += demand.confidence;
    }
    const auto rows = static_cast<double>(test.vectors.size());
    EXPECT_GT(right / rows, 0.8) << HeadKindName(kind);
    EXPECT_NEAR(claimed / rows, right / rows, 0.08) << HeadKindName(kind);
  }
}

TEST(EmbeddingHead, IsTheSameForTheSameRows) {
  const EmbeddingRows rows = Clouds(20, 4, 5);
  Demand first;
  Demand second;
  EmbeddingHead::Train(rows, HeadKind::kLogistic)->Classify(rows.vectors[3], &first);
  EmbeddingHead::Train(rows, HeadKind::kLogistic)->Classify(rows.vectors[3], &second);
  EXPECT_EQ(first.confidence, second.confidence);
}

TEST(EmbeddingHead, RefusesAnotherDimension) {
  const auto head = EmbeddingHead::Train(Clouds(5, 1, 5), HeadKind::kCentroid);
  Demand demand;
  demand.classifier = "lexical";
  EXPECT_FALSE(head->Classify(EmbeddingVector(7, 1), &demand));
  EXPECT_TRUE(demand.skills.empty());
}

TEST(EmbeddingHead, OneSkillOrOneRowIsEnough) {
  EmbeddingRows rows;
  EXPECT_EQ(EmbeddingHead::Train(rows, HeadKind::kKnn), nullptr);
  rows.skills = {"only"};
  rows.vectors = {EmbeddingVector{1, 2, 3}};
  rows.labels = {0};
  for (const HeadKind kind : {HeadKind::kLogistic, HeadKind::kCentroid, HeadKind::kKnn}) {
    Demand demand;
    const auto head = EmbeddingHead::Train(rows, kind);
    ASSERT_NE(head, nullptr);
    ASSERT_TRUE(head->Classify(EmbeddingVector{3, 2, 1}, &demand));
    EXPECT_NEAR(demand.confidence, 1, 1e-6);
  }
}

TEST(EmbeddingHead, StopsWhenItIsTold) {
  const std::atomic<bool> stop{true};
  EXPECT_EQ(EmbeddingHead::Train(Clouds(5, 1, 5), HeadKind::kLogistic, &stop), nullptr);
}

}  // namespace
}  // namespace moerge
