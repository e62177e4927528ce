#include <gtest/gtest.h>

#include <yaml-cpp/yaml.h>
#include <algorithm>

#include <cstdio>
#include <map>

#include "config/base/random.h"
#include "config/config.h"
#include "registry/registry.h"
#include "router/classify/lexical.h"
#include "tests/router/router_fixture.h"

namespace moerge {
namespace {

struct Labelled {
  std::string skill;
  std::string prompt;
};

std::vector<Labelled> HeldOutPrompts() {
  std::vector<Labelled> prompts;
  for (const auto& row : YAML::LoadFile(MOERGE_SOURCE_DIR "/tests/data/skill_holdout.yaml")) {
    prompts.push_back({row["skill"].as<std::string>(), row["prompt"].as<std::string>()});
  }
  return prompts;
}

const TrainingSet& ShippedSet() {
  static const TrainingSet set = [] {
    TrainingSetBuilder builder;
    for (const Skill& skill : ShippedSkills()) builder.AddSkill(skill);
    return builder.Build();
  }();
  return set;
}

const LexicalClassifier& Shipped() {
  static const auto classifier = LexicalClassifier::Train(ShippedSet());
  return *classifier;
}

// The most probable category: the sum over its skills.
std::string TopCategory(const Demand& demand) {
  std::map<std::string, std::string> category_of;
  for (const Skill& skill : ShippedSkills()) category_of[skill.name] = skill.category;
  std::map<std::string, float> sums;
  for (const SkillProbability& part : demand.skills) {
    sums[category_of.at(std::string(NameOf(part.skill)))] += part.probability;
  }
  const auto best = std::max_element(
      sums.begin(), sums.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return best->first;
}

std::string CategoryOf(const std::string& skill) {
  for (const Skill& each : ShippedSkills()) {
    if (each.name == skill) return each.category;
  }
  return {};
}

std::string TopSkill(std::string_view prompt) {
  RequestText text;
  text.user = prompt;
  return std::string(NameOf(DemandOf(Shipped(), text).skills.at(0).skill));
}

// Every fiftieth character replaced, dropped or doubled: 2 % typos.
std::string WithTypos(const std::string& prompt) {
  Random random(prompt.size());
  std::string out;
  for (const char c : prompt) {
    const bool plain = c >= 'a' && c <= 'z';
    const std::uint64_t kind = plain && random.Below(50) == 0 ? random.Below(3) : 3;
    if (kind == 0) out += static_cast<char>('a' + random.Below(26));
    if (kind == 2) out += c;
    if (kind >= 2) out += c;
  }
  return out;
}

std::string UpperAscii(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return text;
}

template <class Change>
double ShareUnchanged(Change change) {
  const auto prompts = HeldOutPrompts();
  double same = 0;
  for (const Labelled& each : prompts)
    same += TopSkill(each.prompt) == TopSkill(change(each.prompt));
  return same / static_cast<double>(prompts.size());
}

TEST(ShippedSkills, PromptsNeverTrainedOnGetTheirSkill) {
  const auto prompts = HeldOutPrompts();
  ASSERT_GT(prompts.size(), 100u);
  double first = 0;
  double among_three = 0;
  double category = 0;
  for (const Labelled& each : prompts) {
    RequestText text;
    text.user = each.prompt;
    const Demand demand = DemandOf(Shipped(), text);
    category += TopCategory(demand) == CategoryOf(each.skill);
    for (std::size_t i = 0; i < std::min<std::size_t>(3, demand.skills.size()); ++i) {
      const bool right = NameOf(demand.skills.at(i).skill) == each.skill;
      first += i == 0 && right;
      among_three += right;
    }
  }
  const auto count = static_cast<double>(prompts.size());
  const Quality& folds = Shipped().quality();
  std::printf(
      "held-out prompts %zu: right skill first %.3f, among three %.3f, right category %.3f; "
      "own folds: accuracy %.3f, calibration error %.3f, %zu bytes\n",
      prompts.size(), first / count, among_three / count, category / count, folds.accuracy,
      folds.calibration_error, Shipped().resident_bytes());
  EXPECT_GT(first / count, 0.60);
  EXPECT_GT(among_three / count, 0.80);
  EXPECT_GT(category / count, 0.75);
}

TEST(ShippedSkills, TyposRarelyChangeTheSkill) {
  const double same = ShareUnchanged(WithTypos);
  std::printf("decisions unchanged under 2 %% typos: %.3f\n", same);
  EXPECT_GT(same, 0.90);
}

TEST(ShippedSkills, CaseNeverChangesTheSkill) { EXPECT_EQ(ShareUnchanged(UpperAscii), 1.0); }

}  // namespace
}  // namespace moerge
