#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "registry/registry.h"
#include "router/classify/lexical.h"
#include "tests/router/router_fixture.h"

namespace moerge {
namespace {

Skill SkillOf(std::string name, std::vector<std::string> examples) {
  Skill skill;
  skill.name = std::move(name);
  skill.examples = std::move(examples);
  return skill;
}

TrainingSet SmallSet() {
  TrainingSetBuilder builder;
  builder.AddSkill(SkillOf("cooking", {"how long do I bake bread", "a recipe for onion soup",
                                       "roast the chicken with garlic", "boil the pasta"}));
  builder.AddSkill(SkillOf("integrals", {"integrate x squared dx", "the integral of sin x",
                                         "area under the curve", "计算这个函数的积分"}));
  builder.AddSkill(SkillOf("python", {"def f(x): return x", "import numpy as np",
                                      "python list sort", "for i in range(10): print(i)"}));
  return builder.Build();
}

std::string Top(const Classifier& classifier, std::string_view prompt) {
  RequestText text;
  text.user = prompt;
  const Demand demand = DemandOf(classifier, text);
  return demand.skills.empty() ? "" : std::string(NameOf(demand.skills.front().skill));
}

TEST(Lexical, RecognisesWhatItWasTaught) {
  const auto classifier = LexicalClassifier::Train(SmallSet());
  EXPECT_EQ(Top(*classifier, "a soup recipe with garlic"), "cooking");
  EXPECT_EQ(Top(*classifier, "INTEGRAL of cos x dx"), "integrals");
  EXPECT_EQ(Top(*classifier, "import os; for i in range(3): print(i)"), "python");
  EXPECT_EQ(Top(*classifier, "这个积分"), "integrals");
}

TEST(Lexical, ProbabilitiesDescendAndSumToOne) {
  const auto classifier = LexicalClassifier::Train(SmallSet());
  RequestText text;
  text.user = "bake the bread";
  const Demand demand = DemandOf(*classifier, text);
  ASSERT_EQ(demand.skills.size(), 3u);
  double sum = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    sum += demand.skills[i].probability;
    const float before = i == 0 ? 1.0f : demand.skills[i - 1].probability;
    EXPECT_LE(demand.skills[i].probability, before);
  }
  EXPECT_NEAR(sum, 1, 1e-5);
  EXPECT_NEAR(demand.confidence, demand.skills[0].probability, 1e-6);
}

TEST(Lexical, TextWithoutAnythingKnownGivesAnEvenDemandAndNoConfidence) {
  const auto classifier = LexicalClassifier::Train(SmallSet());
  for (const std::string_view prompt : {"", "   ", "ԱԲԳ ԴԵԶ", "\xff\xfe\xfd"}) {
    RequestText text;
    text.user = prompt;
    const Demand demand = DemandOf(*classifier, text);
    ASSERT_EQ(demand.skills.size(), 3u);
    EXPECT_LT(demand.confidence, 0.75) << prompt;
    EXPECT_TRUE(std::isfinite(demand.confidence));
  }
  const Demand nothing = DemandOf(*classifier, {});
  EXPECT_EQ(nothing.confidence, 0);
  EXPECT_FLOAT_EQ(nothing.skills[0].probability, nothing.skills[2].probability);
}

TEST(Lexical, TrainingTwiceGivesEqualBytes) {
  const TrainingSet set = SmallSet();
  EXPECT_EQ(LexicalClassifier::Train(set)->Bytes(), LexicalClassifier::Train(SmallSet())->Bytes());
}

TEST(Lexical, RestoredFromBytesItDecidesTheSame) {
  const auto trained = LexicalClassifier::Train(SmallSet());
  const auto restored = LexicalClassifier::Restore(trained->Bytes());
  ASSERT_NE(restored, nullptr);
  EXPECT_EQ(restored->Bytes(), trained->Bytes());
  RequestText text;
  text.user = "garlic bread";
  EXPECT_EQ(DemandOf(*restored, text).skills[0].probability,
            DemandOf(*trained, text).skills[0].probability);
}

TEST(Lexical, WhatIsTakenForWhatIsCountedOnRowsThatWereNotSeen) {
  TrainingSetBuilder builder;
  const std::vector<std::string> soups = {"a soup with garlic", "a soup with bread",
                                          "a soup with onion", "a soup with pasta"};
  const std::vector<std::string> sums = {"the sum of two and three", "the sum of five and six",
                                         "the sum of nine and one", "the sum of one and one"};
  builder.AddSkill(SkillOf("cooking", soups));
  builder.AddSkill(SkillOf("integrals", sums));
  // Called an integral, and so like soups that nothing else could take it for one.
  for (int i = 0; i < 2; ++i) {
    builder.AddObservation({std::to_string(i), "a soup with garlic", "integrals", "t", {}});
  }
  const TrainingSet set = builder.Build();
  const auto trained = LexicalClassifier::Train(set);
  const Confusion confusion = LexicalClassifier::Restore(trained->Bytes())->confusion();
  EXPECT_EQ(confusion.skills, (std::vector<std::string>{"cooking", "integrals"}));
  std::size_t rows = 0, right = 0, questions = 0, taken_for_cooking = 0;
  for (const ConfusionCount& cell : confusion.counts) {
    rows += cell.questions + cell.examples;
    questions += cell.questions;
    right += cell.truth == cell.recognised ? cell.questions + cell.examples : 0;
    taken_for_cooking += cell.truth == 1 && cell.recognised == 0 ? cell.questions : 0;
  }
  EXPECT_EQ(rows, set.Labelled().size());
  EXPECT_EQ(questions, 2u);
  EXPECT_GE(taken_for_cooking, 1u);
  EXPECT_NEAR(static_cast<double>(right) / static_cast<double>(rows), trained->quality().accuracy,
              1e-9);
}

TEST(Lexical, DamagedBytesAreRefused) {
  const std::string bytes = LexicalClassifier::Train(SmallSet())->Bytes();
  EXPECT_EQ(LexicalClassifier::Restore(""), nullptr);
  EXPECT_EQ(LexicalClassifier::Restore(bytes + "x"), nullptr);
  for (std::size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 50) {
    EXPECT_EQ(LexicalClassifier::Restore(bytes.substr(0, size)), nullptr) << size;
  }
  std::string huge = bytes;
  huge.replace(0, 8, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
  EXPECT_EQ(LexicalClassifier::Restore(huge), nullptr);
}

TEST(Lexical, NoSkillsOrOneSkillStillClassify) {
  const auto none = LexicalClassifier::Train(TrainingSetBuilder().Build());
  EXPECT_TRUE(DemandOf(*none, {}).skills.empty());
  TrainingSetBuilder builder;
  builder.AddSkill(SkillOf("only", {"one example"}));
  EXPECT_EQ(Top(*LexicalClassifier::Train(builder.Build()), "one example"), "only");
}

TEST(Lexical, StopsWhenTold) {
  const std::atomic<bool> stop{true};
  EXPECT_EQ(LexicalClassifier::Train(SmallSet(), &stop), nullptr);
}

TEST(TrainingSet, ObservationsTeachAndUnknownSkillsDoNot) {
  TrainingSetBuilder builder;
  builder.AddSkill(SkillOf("chess", {}));
  Observation observation;
  observation.prompt = "best reply to e4";
  observation.skill = "chess";
  observation.scores = {{"b", 1.0}, {"a", 0.0}};
  builder.AddObservation(observation);
  observation.skill = "gone";
  builder.AddObservation(observation);
  const TrainingSet set = builder.Build();
  EXPECT_EQ(set.Labelled().size(), 2u);  // the skill's own name and the first observation
  EXPECT_EQ(set.Scored().size(), 2u);
  EXPECT_EQ(set.experts, (std::vector<std::string>{"a", "b"}));
}

// Two fields with two skills each; a field's words run through both of its skills.
TrainingSet TwoLevels(const std::vector<std::string>& categories) {
  const std::vector<std::vector<std::string>> examples = {
      {"bake the dough in the oven", "knead dough for bread", "proof the bread dough"},
      {"fry the steak in butter", "grill steak over coals", "rest the steak before carving"},
      {"sail the dinghy in the harbour", "tack the dinghy upwind", "rig the dinghy"},
      {"row the scull in the harbour", "feather the oars of the scull", "row upwind"}};
  const char* names[] = {"baking", "grilling", "sailing", "rowing"};
  TrainingSetBuilder builder;
  for (std::size_t i = 0; i < 4; ++i) {
    Skill skill = SkillOf(names[i], examples[i]);
    skill.category = categories[i];
    builder.AddSkill(skill);
  }
  return builder.Build();
}

double ShareOf(const Demand& demand, const std::vector<std::string_view>& skills) {
  double sum = 0;
  for (const SkillProbability& part : demand.skills) {
    const bool counts = std::find(skills.begin(), skills.end(), NameOf(part.skill)) != skills.end();
    sum += counts ? static_cast<double>(part.probability) : 0;
  }
  return sum;
}

TEST(Lexical, WordsOfACategorySpeakForAllOfItsSkills) {
  const auto flat = LexicalClassifier::Train(TwoLevels({"", "", "", ""}));
  const auto two = LexicalClassifier::Train(TwoLevels({"food", "food", "boats", "boats"}));
  const auto crossed = LexicalClassifier::Train(TwoLevels({"a", "b", "a", "b"}));
  for (const char* prompt : {"out of the harbour", "upwind again"}) {
    RequestText text;
    text.user = prompt;
    const auto boats = [&](const LexicalClassifier& by) {
      return ShareOf(DemandOf(by, text), {"sailing", "rowing"});
    };
    EXPECT_GT(boats(*two), boats(*flat)) << prompt;
    EXPECT_GT(boats(*two), boats(*crossed)) << prompt;
  }
}

TEST(Lexical, WithoutSharedCategoriesThereIsOneLevel) {
  const std::string bytes = LexicalClassifier::Train(TwoLevels({"", "", "", ""}))->Bytes();
  EXPECT_EQ(LexicalClassifier::Train(TwoLevels({"a", "b", "c", "d"}))->Bytes(), bytes);
  EXPECT_EQ(LexicalClassifier::Train(TwoLevels({"a", "a", "a", "a"}))->Bytes(), bytes);
  EXPECT_NE(LexicalClassifier::Train(TwoLevels({"a", "a", "b", "b"}))->Bytes(), bytes);
}

TEST(TrainingSet, SkillsOfOneCategoryShareANumber) {
  const TrainingSet set = TwoLevels({"food", "food", "", "boats"});
  // Skills are in order of their names: baking, grilling, rowing, sailing.
  ASSERT_EQ(set.categories.size(), 4u);
  EXPECT_EQ(set.category_count, 3u);
  EXPECT_EQ(set.categories[0], set.categories[1]);
  EXPECT_NE(set.categories[1], set.categories[2]);
  EXPECT_NE(set.categories[2], set.categories[3]);
  EXPECT_NE(set.fingerprint, TwoLevels({"food", "food", "food", "boats"}).fingerprint);
}

TEST(TrainingSet, FingerprintFollowsTheContent) {
  TrainingSetBuilder a, b, c;
  a.AddSkill(SkillOf("x", {"one"}));
  b.AddSkill(SkillOf("x", {"one"}));
  c.AddSkill(SkillOf("x", {"two"}));
  const std::string first = a.Build().fingerprint;
  EXPECT_EQ(first, b.Build().fingerprint);
  EXPECT_NE(first, c.Build().fingerprint);
}

TEST(TrainingSet, AnEvenSampleIsKeptOfTooManyObservations) {
  TrainingSetBuilder builder;
  Observation observation;
  for (std::size_t i = 0; i < TrainingSetBuilder::kMaxObservations + 2000; ++i) {
    observation.id = std::to_string(i);
    builder.AddObservation(observation);
  }
  const std::size_t kept = builder.Build().documents.size();
  EXPECT_LE(kept, TrainingSetBuilder::kMaxObservations);
  EXPECT_GE(kept, TrainingSetBuilder::kMaxObservations / 3);
}

}  // namespace
}  // namespace moerge
