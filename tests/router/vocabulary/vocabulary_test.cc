#include "router/vocabulary/vocabulary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "config/base/random.h"
#include "router/offline/table_router.h"
#include "router/vocabulary/linkage.h"
#include "tests/router/vocabulary/adjusted_rand.h"

namespace moerge {
namespace {

// Families of labels that a labeller may give to requests of one kind, and what such requests are
// about. Some synonyms share no word.
struct Family {
  std::vector<std::string> labels;
  std::vector<std::string> words;
};

const std::vector<Family>& Families() {
  static const std::vector<Family> families = {
      {{"linear algebra", "matrix computations", "eigenvalue problems", "Matrices"},
       {"matrix", "eigenvalue", "vector", "determinant", "rank", "inverse", "basis", "kernel"}},
      {{"organic chemistry", "reaction mechanisms", "synthesis of molecules", "Organic Chem."},
       {"carbon", "alcohol", "ester", "bond", "benzene", "reagent", "ketone", "polymer"}},
      {{"contract law", "legal obligations", "agreements and breach", "law of contracts"},
       {"clause", "breach", "party", "consideration", "court", "damages", "offer", "tort"}},
      {{"cell biology", "molecular biology", "organelles", "biology of cells"},
       {"membrane", "enzyme", "nucleus", "ribosome", "protein", "gene", "mitosis", "organelle"}},
      {{"macroeconomics", "monetary policy", "inflation and growth", "Macro-economics"},
       {"inflation", "bank", "demand", "supply", "interest", "price", "market", "currency"}}};
  return families;
}

struct Asked {
  std::string prompt;
  std::size_t family;
  std::string label;
};

// A labeller that names the family's skill in one of its ways.
std::vector<Asked> ScriptedLabeller(std::size_t prompts) {
  Random random(17);
  std::vector<Asked> asked;
  for (std::size_t i = 0; i < prompts; ++i) {
    Asked one{"explain how", i % Families().size(), ""};
    const Family& family = Families()[one.family];
    for (int word = 0; word < 10; ++word) {
      const Family& from =
          random.Below(5) == 0 ? Families()[random.Below(Families().size())] : family;
      one.prompt += " " + from.words[random.Below(from.words.size())];
    }
    one.prompt += " " + std::to_string(i);
    one.label = family.labels[std::min(random.Below(family.labels.size()),
                                       random.Below(family.labels.size()))];
    asked.push_back(std::move(one));
  }
  return asked;
}

std::vector<FreeLabel> LabelsOf(const std::vector<Asked>& asked) {
  std::map<std::string, FreeLabel> labels;
  for (const Asked& one : asked) {
    FreeLabel& label = labels.emplace(one.label, FreeLabel{one.label, 0, {}}).first->second;
    ++label.count;
    if (label.prompts.size() < 30) label.prompts.push_back(one.prompt);
  }
  std::vector<FreeLabel> list;
  for (auto& [text, label] : labels) list.push_back(label);
  return list;
}

// By label as it was given: the index of its proposed skill.
std::map<std::string, std::size_t> SkillOfLabel(const VocabularyProposal& proposal) {
  std::map<std::string, std::size_t> skill;
  for (std::size_t s = 0; s < proposal.skills.size(); ++s) {
    for (const std::string& label : proposal.skills[s].labels) skill[label] = s;
  }
  return skill;
}

TEST(Vocabulary, RecoversPlantedFamiliesOfSynonyms) {
  const auto asked = ScriptedLabeller(600);
  const auto proposal = ProposeVocabulary(LabelsOf(asked));
  ASSERT_TRUE(proposal.ok());
  const auto skill = SkillOfLabel(*proposal);
  std::vector<std::size_t> planted, found;
  for (const Asked& one : asked) {
    planted.push_back(one.family);
    found.push_back(skill.at(NormalisedLabel(one.label)));
  }
  std::printf("%zu skills from %zu families: adjusted Rand %.3f\n", proposal->skills.size(),
              Families().size(), AdjustedRand(planted, found));
  EXPECT_GE(AdjustedRand(planted, found), 0.8);
}

double OneCall(const std::vector<TableRow>& rows, const std::vector<TableRow>& test) {
  const auto router = TableRouter::Learn(rows);
  double sum = 0;
  for (const TableRow& row : test) {
    const Decision decision = router->Route(row.prompt, {});
    for (const auto& [expert, score] : row.scores) {
      if (expert == NameOf(decision.roster.at(0).expert)) sum += score;
    }
  }
  return sum / static_cast<double>(test.size());
}

TEST(Vocabulary, RoutingOnRecoveredLabelsIsAsGoodAsOnTrueOnes) {
  const auto asked = ScriptedLabeller(1000);
  const auto proposal = ProposeVocabulary(LabelsOf(asked));
  const auto skill = SkillOfLabel(*proposal);
  Random random(4);
  std::vector<TableRow> by_truth, by_label, test;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    TableRow row;
    row.id = std::to_string(i);
    row.prompt = asked[i].prompt;
    row.category = "family " + std::to_string(asked[i].family);
    for (std::size_t e = 0; e < Families().size(); ++e) {
      const double chance = e == asked[i].family ? 0.9 : 0.4;
      row.scores.emplace_back("expert" + std::to_string(e), random.Uniform() < chance ? 1.0 : 0.0);
    }
    if (i >= 600) {
      test.push_back(row);
      continue;
    }
    by_truth.push_back(row);
    row.category = proposal->skills[skill.at(NormalisedLabel(asked[i].label))].skill.name;
    by_label.push_back(row);
  }
  const double truth = OneCall(by_truth, test);
  const double label = OneCall(by_label, test);
  std::printf("one call: true labels %.3f, recovered labels %.3f\n", truth, label);
  EXPECT_GT(truth, 0.8);
  EXPECT_GE(label, truth - 0.02);
}

TEST(Vocabulary, TheMostFrequentLabelNamesTheSkillAndExamplesComeFromAll) {
  const auto proposal = ProposeVocabulary({{"Bread baking", 5, {"bake rye bread in a hot oven"}},
                                           {"baking bread", 9, {"why does my bread not rise"}},
                                           {"rook endgames", 3, {"how do I win with a rook"}}});
  ASSERT_TRUE(proposal.ok());
  ASSERT_EQ(proposal->skills.size(), 2u);
  EXPECT_EQ(proposal->skills[0].skill.name, "baking bread");
  EXPECT_EQ(proposal->skills[0].count, 14u);
  EXPECT_EQ(proposal->skills[0].skill.examples.size(), 2u);
  EXPECT_EQ(proposal->skills[0].labels, (std::vector<std::string>{"baking bread", "bread baking"}));
  EXPECT_EQ(proposal->skills[1].skill.name, "rook endgames");
}

TEST(Vocabulary, TheOrderOfLabelsMakesNoDifference) {
  auto labels = LabelsOf(ScriptedLabeller(300));
  const auto one = ProposeVocabulary(labels);
  std::reverse(labels.begin(), labels.end());
  const auto two = ProposeVocabulary(labels);
  ASSERT_EQ(one->skills.size(), two->skills.size());
  for (std::size_t s = 0; s < one->skills.size(); ++s) {
    EXPECT_EQ(one->skills[s].skill, two->skills[s].skill);
    EXPECT_EQ(one->skills[s].labels, two->skills[s].labels);
  }
}

TEST(Vocabulary, CaseMarksAndWhiteSpaceAreNotDifferences) {
  EXPECT_EQ(NormalisedLabel("  Organic  CHEM., (basic)"), "organic chem basic");
  const auto proposal = ProposeVocabulary({{"Law", 1, {}}, {" law!", 2, {}}, {"LAW", 1, {}}});
  ASSERT_EQ(proposal->skills.size(), 1u);
  EXPECT_EQ(proposal->skills[0].count, 4u);
}

TEST(Vocabulary, RareLabelsJoinWhatTheyResembleOrAreLeftOut) {
  VocabularyOptions options;
  options.least_count = 2;
  const auto proposal =
      ProposeVocabulary({{"contract law", 9, {"breach of a clause by a party"}},
                         {"contract laws", 1, {"a clause that a party may breach"}},
                         {"knitting", 1, {"purl two, knit two"}}},
                        options);
  ASSERT_EQ(proposal->skills.size(), 1u);
  EXPECT_EQ(proposal->skills[0].count, 10u);
  EXPECT_EQ(proposal->left_out, std::vector<std::string>{"knitting"});
}

TEST(Vocabulary, NoMoreSkillsThanWanted) {
  VocabularyOptions options;
  options.max_skills = 3;
  const auto proposal = ProposeVocabulary(LabelsOf(ScriptedLabeller(400)), options);
  EXPECT_EQ(proposal->skills.size(), 3u);
}

TEST(Vocabulary, WhatCannotBeDoneIsSaid) {
  EXPECT_EQ(ProposeVocabulary({}).error().param, "labels");
  EXPECT_EQ(ProposeVocabulary({{"...", 1, {}}}).error().param, "labels");
  VocabularyOptions options;
  options.merge_at = 1.5;
  EXPECT_EQ(ProposeVocabulary({{"x", 1, {}}}, options).error().param, "merge_at");
  std::vector<FreeLabel> many;
  for (std::size_t i = 0; i <= kMaxLabels; ++i) many.push_back({"l" + std::to_string(i), 1, {}});
  EXPECT_EQ(ProposeVocabulary(many).error().param, "labels");
}

TEST(Linkage, MergesUntilNothingIsSimilarEnough) {
  SimilarityMatrix similarity(4);
  similarity.Set(0, 1, 0.9);
  similarity.Set(2, 3, 0.6);
  similarity.Set(1, 2, 0.5);
  const Clusters clusters = MergeSimilar(similarity, {1, 1, 1, 1}, 0.4, 10);
  EXPECT_EQ(clusters.count, 2u);
  EXPECT_EQ(clusters.of, (std::vector<std::size_t>{0, 0, 1, 1}));
  EXPECT_EQ(MergeSimilar(similarity, {1, 1, 1, 1}, 0.95, 10).count, 4u);
  EXPECT_EQ(MergeSimilar(similarity, {1, 1, 1, 1}, 0.95, 1).count, 1u);
}

}  // namespace
}  // namespace moerge
