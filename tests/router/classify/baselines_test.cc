// What holds for every classifier that learns from labelled texts, by the catalogue's name.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/router/classify/classify_fixture.h"

namespace moerge {
namespace {

class Baseline : public testing::TestWithParam<std::string> {
 protected:
  ClassifierPtr Trained(const TrainingSet& set) { return Make(GetParam(), set); }
  ClassifierPtr Restored(std::string_view bytes, const TrainingSet& set) {
    return FindClassifierKind(GetParam())->restore(bytes, {set, nullptr, {}, nullptr, nullptr});
  }
};

TEST_P(Baseline, RecognisesWhatItWasTaught) {
  const auto classifier = Trained(ThreeSkills());
  EXPECT_EQ(TopOf(Ask(*classifier, "a soup recipe with garlic")), "cooking");
  EXPECT_EQ(TopOf(Ask(*classifier, "INTEGRAL of cos x dx")), "integrals");
  EXPECT_EQ(TopOf(Ask(*classifier, "import os; for i in range(3): print(i)")), "python");
}

TEST_P(Baseline, NamesItselfAndSaysWhy) {
  const Demand demand = Ask(*Trained(ThreeSkills()), "onion soup");
  EXPECT_EQ(demand.classifier, GetParam());
  ASSERT_FALSE(demand.notes.empty());
  EXPECT_NE(demand.notes.back().find("cooking"), std::string::npos) << demand.notes.back();
}

TEST_P(Baseline, ProbabilitiesDescendSumToOneAndTheFirstIsTheConfidence) {
  const Demand demand = Ask(*Trained(TwoSubjects(100)), "the rook and the enzyme");
  double sum = 0;
  float before = 1;
  for (const SkillProbability& part : demand.skills) {
    EXPECT_TRUE(std::isfinite(part.probability));
    EXPECT_LE(part.probability, before);
    before = part.probability;
    sum += static_cast<double>(part.probability);
  }
  EXPECT_NEAR(sum, 1, 1e-4);
  EXPECT_NEAR(demand.confidence, demand.skills.at(0).probability, 1e-6);
}

TEST_P(Baseline, ConfidenceIsHonestOnTextsNeverSeen) {
  const auto classifier = Trained(TwoSubjects(600));
  Random random(77);
  double right = 0;
  double confidence = 0;
  constexpr int kTexts = 400;
  for (int i = 0; i < kTexts; ++i) {
    const Demand demand = Ask(*classifier, TextOf(i % 2, &random, 4));
    right += TopOf(demand) == (i % 2 == 0 ? "chess" : "biology");
    confidence += demand.confidence;
  }
  EXPECT_GT(right / kTexts, 0.7);
  EXPECT_NEAR(confidence / kTexts, right / kTexts, 0.12);
}

TEST_P(Baseline, TextWithoutAnythingKnownGivesAnEvenDemandAndNoConfidence) {
  const auto classifier = Trained(ThreeSkills());
  for (const std::string_view prompt : {"", "ԱԲԳ ԴԵԶ", "\xff\xfe\xfd"}) {
    const Demand demand = Ask(*classifier, prompt);
    ASSERT_EQ(demand.skills.size(), 3u) << prompt;
    EXPECT_LT(demand.confidence, 0.75) << prompt;
  }
  EXPECT_EQ(Ask(*classifier, "").confidence, 0);
}

TEST_P(Baseline, NoSkillsOneSkillOrOneRowStillClassify) {
  const TrainingSet none = TrainingSetBuilder().Build();
  EXPECT_TRUE(Ask(*Trained(none), "hello").skills.empty());
  TrainingSetBuilder builder;
  builder.AddSkill(MakeSkill("only", {"one example"}));
  const TrainingSet one = builder.Build();
  EXPECT_EQ(TopOf(Ask(*Trained(one), "one example")), "only");
}

TEST_P(Baseline, RestoredFromBytesItDecidesTheSame) {
  const TrainingSet set = TwoSubjects(60);
  const auto trained = Trained(set);
  EXPECT_EQ(trained->Bytes(), Trained(TwoSubjects(60))->Bytes());
  const auto restored = Restored(trained->Bytes(), set);
  ASSERT_NE(restored, nullptr);
  EXPECT_EQ(restored->Bytes(), trained->Bytes());
  const Demand one = Ask(*trained, "pawn and gene and board");
  const Demand two = Ask(*restored, "pawn and gene and board");
  EXPECT_EQ(one.skills[0].probability, two.skills[0].probability);
  EXPECT_EQ(one.notes, two.notes);
}

TEST_P(Baseline, DamagedBytesAreRefused) {
  const TrainingSet set = ThreeSkills();
  const std::string bytes = Trained(set)->Bytes();
  EXPECT_EQ(Restored("", set), nullptr);
  EXPECT_EQ(Restored(bytes + "x", set), nullptr);
  for (std::size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 50) {
    EXPECT_EQ(Restored(std::string_view(bytes).substr(0, size), set), nullptr) << size;
  }
}

TEST_P(Baseline, StopsWhenTold) {
  const TrainingSet set = ThreeSkills();
  const std::atomic<bool> stop{true};
  EXPECT_EQ(FindClassifierKind(GetParam())->train({set, nullptr, {}, nullptr, &stop}), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Catalogue, Baseline, testing::Values("knn", "centroid", "gaussian"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace moerge
