#include <gtest/gtest.h>

#include <cmath>

#include "router/features/shape_features.h"
#include "router/features/word_groups.h"

namespace moerge {
namespace {

ShapeFeatures ShapeOf(std::string_view user) {
  RequestText text;
  text.user = user;
  return ExtractShape(Window(text));
}

int Different(const ShapeFeatures& a, const ShapeFeatures& b) {
  int count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += std::fabs(a[i] - b[i]) > 0.25f;
  return count;
}

constexpr std::string_view kExercise =
    "A train covers 120 km in 2.5 hours. What is its mean speed?\n"
    "A. 48 km/h\nB. 50 km/h\nC. 300 km/h\nD. None of the above\n";

TEST(ShapeFeatures, NoTextHasNoShape) { EXPECT_EQ(ShapeOf(""), ShapeFeatures{}); }

TEST(ShapeFeatures, EveryFeatureIsFiniteWhateverTheText) {
  for (const std::string_view text :
       {" ", "\n\n\n", "\xff\xfe", "7", "A. ", "a) b\nb) ", "B. x\n", "1,2,3,,4.5.6", "计算积分"}) {
    for (const float value : ShapeOf(text)) EXPECT_TRUE(std::isfinite(value)) << text;
  }
}

TEST(ShapeFeatures, CaseChangesNothing) {
  std::string capitals(kExercise);
  for (char& c : capitals) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  EXPECT_EQ(ShapeOf(kExercise), ShapeOf(capitals));
}

TEST(ShapeFeatures, OptionsAreCountedApartFromTheQuestion) {
  const ShapeFeatures with = ShapeOf(kExercise);
  const ShapeFeatures without = ShapeOf(kExercise.substr(0, kExercise.find('\n') + 1));
  EXPECT_EQ(with[kQuestionShape], 4);
  EXPECT_EQ(without[kQuestionShape], 0);
  for (std::size_t i = 0; i < kQuestionShape; ++i) EXPECT_EQ(with[i], without[i]) << i;
}

TEST(ShapeFeatures, AMistypedLetterLosesNoOption) {
  for (const char letter : {'A', 'B', 'C', 'D'}) {
    std::string text(kExercise);
    text[text.find(std::string(1, letter) + ". ")] = '#';
    EXPECT_EQ(ShapeOf(text)[kQuestionShape], 4) << letter;
    EXPECT_LE(Different(ShapeOf(text), ShapeOf(kExercise)), 3) << letter;
  }
}

TEST(ShapeFeatures, WhatAsksForReckoningDiffersFromWhatAsksForKnowledge) {
  const auto reckoning = ShapeOf("If 3 pens cost $4.50 each, how much is the total of 12 pens?");
  const auto knowledge = ShapeOf("Which of the following statements best describes federalism?");
  EXPECT_GE(Different(reckoning, knowledge), 8);
}

TEST(ShapeFeatures, OnlyTheLastUserTurnIsRead) {
  RequestText text;
  text.user = kExercise;
  const ShapeFeatures alone = ExtractShape(Window(text));
  text.system = "You are 1 of 2 helpers. Why?";
  EXPECT_EQ(ExtractShape(Window(text)), alone);
}

TEST(WordGroups, WordsAreFoundByTheirHashAndOthersAreNot) {
  const auto hash = [](std::string_view word) {
    std::uint32_t value = kWordStart;
    for (const char c : word) value = NextOfWord(value, static_cast<unsigned char>(c));
    return value;
  };
  EXPECT_EQ(GroupsOf(hash("half")).first, WordGroup::kNumber);
  EXPECT_EQ(GroupsOf(hash("half")).second, WordGroup::kTimes);
  EXPECT_EQ(GroupsOf(hash("calculate")).first, WordGroup::kFind);
  EXPECT_EQ(GroupsOf(hash("sourdough")).first, WordGroup::kNone);
}

}  // namespace
}  // namespace moerge
