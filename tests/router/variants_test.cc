#include "router/mapping/variants.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "config/base/random.h"
#include "tests/router/router_fixture.h"

namespace moerge {
namespace {

// Variants from 2 to 8 bits: the larger, the better, by and large.
std::vector<VariantFamily> RandomFamilies(std::uint64_t seed, std::size_t count,
                                          std::size_t variants) {
  Random random(seed);
  std::vector<VariantFamily> families(count);
  double total = 0;
  for (VariantFamily& family : families) {
    family.share = 0.1 + random.Uniform();
    total += family.share;
    const double whole = 4 + 12 * random.Uniform();
    for (std::uint32_t i = 0; i < variants; ++i) {
      const double part = static_cast<double>(i + 1) / static_cast<double>(variants);
      family.variants.push_back({i, whole * part, 0.3 * random.Uniform() + 0.5 * part});
    }
  }
  for (VariantFamily& family : families) family.share /= total;
  return families;
}

// Every choice there is, and none of each family.
double Best(const std::vector<VariantFamily>& families, std::size_t from, double room) {
  if (from == families.size()) return 0;
  double best = Best(families, from + 1, room);
  for (const ExpertVariant& variant : families[from].variants) {
    if (variant.memory_gb > room) continue;
    best = std::max(best, families[from].share * variant.expected +
                              Best(families, from + 1, room - variant.memory_gb));
  }
  return best;
}

TEST(Variants, TheChoiceIsThatOfBruteForce) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto families = RandomFamilies(seed, 6, 4);
    for (const double budget : {0.0, 1.0, 5.0, 12.0, 20.0, 33.0, 50.0, 200.0}) {
      const VariantChoice choice = ChooseVariants(families, {budget});
      EXPECT_TRUE(choice.exact);
      EXPECT_LE(choice.memory_gb, budget + 1e-6);
      EXPECT_NEAR(choice.expected, Best(families, 0, budget), 1e-9) << seed << " " << budget;
      double sum = 0;
      for (std::size_t i = 0; i < families.size(); ++i) {
        if (choice.kept[i]) sum += families[i].variants[*choice.kept[i]].memory_gb;
      }
      EXPECT_NEAR(sum, choice.memory_gb, 1e-9);
    }
  }
}

TEST(Variants, MoreMemoryIsNeverWorse) {
  const auto families = RandomFamilies(7, 20, 4);
  double before = 0;
  for (int budget = 0; budget <= 300; budget += 10) {
    const VariantChoice choice = ChooseVariants(families, {static_cast<double>(budget)});
    EXPECT_GE(choice.expected, before - 1e-9) << budget;
    before = choice.expected;
  }
}

TEST(Variants, OnSeveralDevicesEachVariantIsOnOne) {
  std::vector<VariantFamily> families(3);
  for (VariantFamily& family : families) {
    family.share = 1.0 / 3;
    family.variants = {{0, 4, 0.5}, {1, 6, 0.9}};
  }
  // Three of six fit into two devices of ten together, and not on them.
  const VariantChoice choice = ChooseVariants(families, {10, 2});
  EXPECT_EQ(choice.kept.size(), 3u);
  EXPECT_NEAR(choice.memory_gb, 16, 1e-9) << "six and four on one, six on the other";
  EXPECT_FALSE(choice.exact) << "eighteen would be better if it fit";
  const VariantChoice roomy = ChooseVariants(families, {12, 2});
  EXPECT_NEAR(roomy.memory_gb, 18, 1e-9);
  EXPECT_TRUE(roomy.exact);
  EXPECT_NEAR(ChooseVariants(families, {5, 2}).memory_gb, 8, 1e-9) << "none larger than a device";
}

Expert VariantOf(const std::string& family, const std::string& name, double memory,
                 std::map<std::string, double> skills) {
  Expert expert;
  expert.name = name;
  expert.backend = "b";
  expert.model = name;
  expert.memory_gb = memory;
  expert.skills = std::move(skills);
  if (!family.empty()) expert.tags = {"fast", std::string(kVariantTag) + family};
  return expert;
}

TEST(Variants, AnExpertIsAVariantOfWhatItsTagSays) {
  EXPECT_EQ(FamilyOf(VariantOf("math", "math-q4", 4, {})), "math");
  EXPECT_EQ(FamilyOf(VariantOf("", "alone", 4, {})), "alone");
  Expert empty = VariantOf("", "alone", 4, {});
  empty.tags = {std::string(kVariantTag)};
  EXPECT_EQ(FamilyOf(empty), "alone");
}

// math is asked twice as often as code, and each has a large and a small variant.
TEST(Variants, FamiliesCountByWhatTheyAreBestAt) {
  Expert elsewhere = VariantOf("math", "math-far", 1, {{"math", 0.99}});
  elsewhere.backend = "far";
  Expert off = VariantOf("math", "math-off", 1, {{"math", 0.99}});
  off.enabled = false;
  World world(
      {VariantOf("math", "math-q8", 8, {{"math", 0.5}}),
       VariantOf("math", "math-q4", 4, {{"math", 0.5}}),
       VariantOf("code", "code-q8", 8, {{"code", 0.5}}),
       VariantOf("code", "code-q4", 4, {{"code", 0.5}}),
       VariantOf("", "unknown", 0, {{"math", 0.9}}), elsewhere, off},
      {MakeSkill("math"), MakeSkill("code")},
      {MakeEvidence("math-q8", "math", 1800, 2000), MakeEvidence("math-q4", "math", 1600, 2000),
       MakeEvidence("code-q8", "code", 900, 1000), MakeEvidence("code-q4", "code", 800, 1000)});
  world.backends = {"b", "far"};
  const SnapshotPtr snapshot = world.MakeSnapshot();
  ASSERT_NE(snapshot, nullptr);
  const Competence competence(snapshot);
  std::vector<double> memory;
  for (const ExpertEntry& expert : snapshot->experts) memory.push_back(expert.spec.memory_gb);
  const std::vector<VariantFamily> families = FamiliesOn(competence, "b", memory);
  ASSERT_EQ(families.size(), 2u) << "neither one of unknown size nor those elsewhere or off";
  const auto name = [&](std::uint32_t expert) { return snapshot->experts[expert].spec.name; };
  EXPECT_EQ(families[0].name, "code");
  EXPECT_NEAR(families[0].share, 1.0 / 3, 0.01);
  EXPECT_EQ(families[1].variants.size(), 2u);
  for (const ExpertVariant& variant : families[1].variants) {
    EXPECT_NEAR(variant.expected, name(variant.expert) == "math-q8" ? 0.9 : 0.8, 0.02);
  }
  const auto kept = [&](double memory_gb) {
    const VariantChoice choice = ChooseVariants(families, {memory_gb});
    std::string names;
    for (std::size_t i = 0; i < families.size(); ++i) {
      if (choice.kept[i]) names += name(families[i].variants[*choice.kept[i]].expert) + " ";
    }
    return names;
  };
  EXPECT_EQ(kept(16), "code-q8 math-q8 ");
  EXPECT_EQ(kept(12), "code-q4 math-q8 ") << "the better where it is asked more";
  EXPECT_EQ(kept(8), "code-q4 math-q4 ");
  EXPECT_EQ(kept(4), "math-q4 ");
  EXPECT_EQ(kept(3), "");
}

}  // namespace
}  // namespace moerge
