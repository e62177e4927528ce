#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "config/base/text.h"
#include "router/classify/region_tree.h"
#include "tests/router/classify/classify_fixture.h"

namespace moerge {
namespace {

TextTraits TraitsOf(std::string_view user) {
  RequestText text;
  text.user = user;
  return ExtractTraits(Window(text));
}

float Of(const TextTraits& traits, Trait trait) { return traits[static_cast<std::size_t>(trait)]; }

TEST(TextTraits, CountWhatTheySay) {
  const TextTraits traits = TraitsOf("Is 12 + 34 = 46?\nWhy?");
  EXPECT_EQ(Of(traits, Trait::kQuestions), 2);
  EXPECT_EQ(Of(traits, Trait::kNumbers), 3);
  EXPECT_EQ(Of(traits, Trait::kLines), 2);
  EXPECT_EQ(Of(traits, Trait::kWords), 5);
  EXPECT_GT(Of(traits, Trait::kDigits), 20);
  EXPECT_GT(Of(traits, Trait::kFormulas), 0);
  EXPECT_EQ(Of(traits, Trait::kForeign), 0);
  EXPECT_GT(Of(TraitsOf("计算积分"), Trait::kForeign), 50);
  EXPECT_GT(Of(TraitsOf("f(x){return x;}"), Trait::kCode), 20);
}

TEST(TextTraits, WhatWasReadBeforeLeavesNoTrace) {
  const TextTraits alone = TraitsOf("short?");
  TraitsOf(std::string(5000, '?') + " 12 {}");
  EXPECT_EQ(TraitsOf("short?"), alone);
  EXPECT_EQ(Of(alone, Trait::kLength), 8);  // a blank before and after
}

TEST(TextTraits, CaseMakesNoDifferenceAndNothingHasNone) {
  EXPECT_EQ(TraitsOf("Hello World 12"), TraitsOf("hello wORLD 12"));
  EXPECT_EQ(TraitsOf(""), TextTraits{});
}

// Three regions by the form of the text alone: short, long, and full of code marks (one in ten).
// What the words are about does not matter, and says nothing.
struct Planted {
  std::string text;
  std::vector<double> chances;  // of `brief`, `coder`, `long`
  bool minority = false;
};

Planted Plant(Random* random) {
  Planted planted;
  planted.minority = random->Below(10) == 0;
  const bool is_long = random->Below(2) == 0;
  planted.text = TextOf(random->Below(2), random, is_long ? 40 : 6);
  if (planted.minority) {
    planted.text += " {[();]}";
    for (std::size_t i = planted.text.size() / 6; i > 0; --i) planted.text += " ();";
    planted.chances = {0.2, 0.95, 0.2};
  } else {
    planted.chances = {is_long ? 0.3 : 0.85, 0.45, is_long ? 0.85 : 0.3};
  }
  return planted;
}

TrainingSet PlantedSet(std::size_t rows, bool scores = true) {
  TrainingSetBuilder builder;
  builder.AddSkill(MakeSkill("biology"));
  builder.AddSkill(MakeSkill("chess"));
  Random random(5);
  for (std::size_t i = 0; i < rows; ++i) {
    const Planted planted = Plant(&random);
    std::vector<std::pair<std::string, double>> marks;
    const char* names[] = {"brief", "coder", "long"};
    for (std::size_t e = 0; e < 3; ++e) {
      marks.emplace_back(names[e], random.Uniform() < planted.chances[e] ? 1.0 : 0.0);
    }
    if (!scores) marks.clear();
    const char* skill = planted.text.find("();") != std::string::npos ? "chess" : "biology";
    builder.AddObservation(Seen(std::to_string(i), planted.text, skill, marks));
  }
  return builder.Build();
}

struct Regret {
  double all = 0;
  double minority = 0;  // share of its prompts that went to its specialist
};

// `choose` gives the index of an expert.
template <class Choose>
Regret RegretOf(Choose choose) {
  constexpr int kPrompts = 600;
  Random random(99);
  Regret regret;
  double minorities = 0;
  for (int i = 0; i < kPrompts; ++i) {
    const Planted planted = Plant(&random);
    const std::size_t chosen = choose(planted.text);
    const double best = *std::max_element(planted.chances.begin(), planted.chances.end());
    regret.all += (best - planted.chances[chosen]) / kPrompts;
    minorities += planted.minority;
    regret.minority += planted.minority && chosen == 1;
  }
  regret.minority /= minorities;
  return regret;
}

std::size_t Favourite(const Classifier& classifier, std::string_view prompt) {
  const Demand demand = Ask(classifier, prompt);
  EXPECT_EQ(demand.experts.size(), 3u);
  const auto best = std::max_element(
      demand.experts.begin(), demand.experts.end(),
      [](const ExpertOpinion& a, const ExpertOpinion& b) { return a.expected < b.expected; });
  return static_cast<std::size_t>(best - demand.experts.begin());
}

TEST(Tree, RegretIsLessThanOfNeighboursAndThatLessThanOfGlobalWeights) {
  const TrainingSet set = PlantedSet(600);
  const auto tree = Make("tree", set, {{"tree.experts", "1"}});
  const auto nearest = Make("knn", set, {{"knn.experts", "1"}});
  const Regret by_tree = RegretOf([&](const auto& text) { return Favourite(*tree, text); });
  const Regret by_neighbours =
      RegretOf([&](const auto& text) { return Favourite(*nearest, text); });
  double least = 1;
  for (std::size_t e = 0; e < 3; ++e) {
    least = std::min(least, RegretOf([&](const auto&) { return e; }).all);
  }
  std::printf(
      "regret: tree %.4f, neighbours %.4f, best global weights %.4f; minority slice to its "
      "specialist: tree %.3f, neighbours %.3f\n",
      by_tree.all, by_neighbours.all, least, by_tree.minority, by_neighbours.minority);
  EXPECT_LT(by_tree.all, by_neighbours.all);
  EXPECT_LT(by_neighbours.all, least);
  EXPECT_GT(by_tree.minority, 0.95);
}

// Whether the text fulfils "length > 20", "code % <= 3.1".
bool Fulfils(const TextTraits& traits, const Demand& lexical, std::string_view condition) {
  const bool above = condition.find(" > ") != std::string_view::npos;
  const std::size_t at = condition.find(above ? " > " : " <= ");
  std::string_view name = condition.substr(0, at);
  const std::string threshold(condition.substr(at + (above ? 3 : 4)));
  float value = 0;
  if (name.starts_with('`')) {
    name = name.substr(1, name.size() - 2);
    for (const auto& part : lexical.skills) {
      if (NameOf(part.skill) == name) value = part.probability;
    }
  } else {
    std::size_t trait = 0;
    while (TraitName(static_cast<Trait>(trait)) != name) ++trait;
    value = traits[trait];
  }
  return (value > std::strtof(threshold.c_str(), nullptr)) == above;
}

TEST(Tree, ThePrintedPathIsTheOneThatWasTaken) {
  const TrainingSet set = PlantedSet(600);
  const auto tree = Make("tree", set);
  const auto lexical = LexicalClassifier::Train(set);
  Random random(3);
  std::map<std::string, std::string> path_of_region;
  for (int i = 0; i < 200; ++i) {
    const std::string text = Plant(&random).text;
    const std::string note = Ask(*tree, text).notes.back();
    const std::size_t colon = note.find(": ");
    const std::string path = note.substr(colon + 2, note.find(" (") - colon - 2);
    std::string_view rest = path;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(" and "), rest.size());
      EXPECT_TRUE(Fulfils(TraitsOf(text), Ask(*lexical, text), rest.substr(0, end))) << note;
      rest.remove_prefix(std::min(end + 5, rest.size()));
    }
    const auto seen = path_of_region.emplace(note.substr(0, colon), path).first;
    EXPECT_EQ(seen->second, path);  // a region has one path
  }
  EXPECT_GE(path_of_region.size(), 3u);
}

TEST(Tree, WithoutScoresRegionsTellSkillsApart) {
  const auto tree = Make("tree", PlantedSet(400, false));
  const Demand demand = Ask(*tree, "what {} about (); ();[] (); ();");
  EXPECT_EQ(TopOf(demand), "chess");
  EXPECT_TRUE(demand.experts.empty());
  EXPECT_NE(AllNotes(demand).find("region"), std::string::npos);
}

TEST(Tree, WhereNothingDiffersThereIsOneRegion) {
  TrainingSetBuilder builder;
  builder.AddSkill(MakeSkill("a"));
  builder.AddSkill(MakeSkill("b"));
  Random random(2);
  for (int i = 0; i < 400; ++i) {
    builder.AddObservation(
        Seen(std::to_string(i), TextOf(random.Below(2), &random, random.Below(30)),
             random.Below(2) == 0 ? "a" : "b",
             {{"x", random.Below(2) == 0 ? 1.0 : 0.0}, {"y", random.Below(2) == 0 ? 1.0 : 0.0}}));
  }
  const Demand demand = Ask(*Make("tree", builder.Build()), "what about rook and pawn");
  EXPECT_NE(AllNotes(demand).find("region 1 of 1: all requests"), std::string::npos)
      << AllNotes(demand);
}

TEST(Tree, RestoredFromBytesItDecidesTheSameAndDamageIsRefused) {
  const TrainingSet set = PlantedSet(300);
  const auto lexical = LexicalClassifier::Train(set);
  const ClassifierOptions options;
  const ClassifierTask task{set, lexical, options, nullptr, nullptr};
  const ClassifierKind& kind = *FindClassifierKind("tree");
  const auto trained = kind.train(task);
  const std::string bytes = trained->Bytes();
  EXPECT_EQ(bytes, kind.train(task)->Bytes());
  const auto restored = kind.restore(bytes, task);
  ASSERT_NE(restored, nullptr);
  EXPECT_EQ(Ask(*restored, "rook (); pawn").notes, Ask(*trained, "rook (); pawn").notes);
  for (std::size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 50) {
    EXPECT_EQ(kind.restore(std::string_view(bytes).substr(0, size), task), nullptr) << size;
  }
}

TEST(RegionTree, PathsThatGoRoundInCirclesAreRefused) {
  ByteWriter out;
  out.PutAll(std::vector<RegionNode>{{0, 1.0f, 0, 0}});
  out.Put<std::uint64_t>(1);
  const std::string bytes = out.Take();
  ByteReader in(bytes);
  EXPECT_FALSE(RegionTree::Read(&in, 5).has_value());
}

}  // namespace
}  // namespace moerge
