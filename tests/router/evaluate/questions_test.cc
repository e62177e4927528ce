// Splits, disturbed prompts, and what baselines do on a table that fits on a page.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "router/evaluate/baselines.h"
#include "router/evaluate/length_profile.h"
#include "router/evaluate/perturb.h"
#include "router/evaluate/pruning.h"
#include "router/evaluate/skill_pairs.h"
#include "router/evaluate/split.h"
#include "tests/router/evaluate/evaluate_fixture.h"

namespace moerge {
namespace {

TEST(PromptKey, SeesThroughCaseAndSpacing) {
  EXPECT_EQ(PromptKey("  Is\tThis \n\n ÄRGER? "), "is this ärger?");
  EXPECT_EQ(PromptKey(" \n"), "");
  EXPECT_NE(PromptKey("ab"), PromptKey("a b"));
}

TEST(GroupedFolds, EqualPromptsNeverStandOnBothSides) {
  std::vector<TableRow> rows = test::TwoSubjects(60);
  for (std::size_t i = 0; i < 20; ++i) {
    rows[i + 40].prompt = "  " + UpperAscii(rows[i].prompt) + "\n";
  }
  const auto folds = GroupedFolds(rows, 5, 1);
  ASSERT_EQ(folds.size(), 5u);
  std::multiset<std::uint32_t> judged;
  for (const Fold& fold : folds) {
    std::set<std::string> keys;
    for (const std::uint32_t row : fold.train) keys.insert(PromptKey(rows[row].prompt));
    for (const std::uint32_t row : fold.test) {
      EXPECT_FALSE(keys.contains(PromptKey(rows[row].prompt)));
      judged.insert(row);
    }
    EXPECT_EQ(fold.train.size() + fold.test.size(), rows.size());
  }
  EXPECT_EQ(judged.size(), rows.size());
  EXPECT_EQ(std::set<std::uint32_t>(judged.begin(), judged.end()).size(), rows.size());
}

TEST(GroupedFolds, CategoriesAreDealtOutEvenlyWhateverTheOrderOfRows) {
  std::vector<TableRow> rows = test::TwoSubjects(100);
  const auto fold_of = [](const std::vector<TableRow>& table, std::uint64_t seed) {
    std::map<std::string, std::size_t> of;
    const auto folds = GroupedFolds(table, 5, seed);
    for (std::size_t i = 0; i < folds.size(); ++i) {
      for (const std::uint32_t row : folds[i].test) of[table[row].id] = i;
    }
    return of;
  };
  for (const Fold& fold : GroupedFolds(rows, 5, 1)) {
    const auto chess = std::count_if(fold.test.begin(), fold.test.end(),
                                     [&](auto row) { return rows[row].category == "chess"; });
    EXPECT_EQ(chess, 10);
    EXPECT_EQ(fold.test.size(), 20u);
  }
  const auto before = fold_of(rows, 1);
  EXPECT_NE(before, fold_of(rows, 2));
  std::reverse(rows.begin(), rows.end());
  EXPECT_EQ(before, fold_of(rows, 1));
}

TEST(WithTypos, HitsAboutTheRateAndKeepsLines) {
  const std::string text(20'000, 'A');
  EXPECT_EQ(WithTypos(text, 0, 1), text);
  const std::string hit = WithTypos(text, 0.02, 1);
  // Inserted and replacing letters are lower case: half of 2 %.
  const auto letters = std::count_if(hit.begin(), hit.end(), [](char c) { return c != 'A'; });
  EXPECT_NEAR(static_cast<double>(letters), 200, 60);
  EXPECT_NEAR(static_cast<double>(hit.size()), 20'000, 60);  // as many inserted as deleted
  EXPECT_EQ(hit, WithTypos(text, 0.02, 1));
  EXPECT_NE(hit, WithTypos(text, 0.02, 2));
  const std::string lines = WithTypos("a\nb\nc\n", 1, 3);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 3);
}

TEST(UpperAscii, LeavesOtherScripts) { EXPECT_EQ(UpperAscii("az é Я9"), "AZ é Я9"); }

// Three questions; `a` is right on the first two, `b` on the last, `c` on none but answers as `b`.
std::vector<TableRow> ThreeQuestions() {
  std::vector<TableRow> rows(3);
  const std::vector<std::vector<double>> scores = {{1, 0, 0}, {1, 0, 0}, {0, 1, 1}};
  const std::vector<std::vector<std::string>> answers = {
      {"A", "B", "B"}, {"A", "", "B"}, {"", "C", "C"}};
  for (std::size_t i = 0; i < 3; ++i) {
    rows[i].id = std::to_string(i);
    rows[i].prompt = "question";
    const std::vector<std::string> names = {"a", "b", "c"};
    for (std::size_t e = 0; e < 3; ++e) {
      rows[i].scores.emplace_back(names[e], scores[i][e]);
      rows[i].answers.emplace_back(names[e], answers[i][e]);
      rows[i].cost.emplace_back(names[e], static_cast<double>(e + 1));
    }
  }
  return rows;
}

struct Judged {
  explicit Judged(const std::vector<TableRow>& rows) : questions(Tabulate(rows, ExpertsOf(rows))) {
    all.resize(rows.size());
    std::iota(all.begin(), all.end(), 0u);
    out.resize(rows.size());
  }
  double Mean(double Outcome::*field) const {
    double sum = 0;
    for (const Outcome& outcome : out) sum += outcome.*field;
    return sum / static_cast<double>(out.size());
  }
  Sides sides() const { return {all, all}; }
  Questions questions;
  std::vector<std::uint32_t> all;
  Outcomes out;
};

TEST(Baselines, OnePageByHand) {
  const auto rows = ThreeQuestions();
  Judged judged(rows);
  JudgeRandom(judged.questions, judged.sides(), &judged.out);
  EXPECT_NEAR(judged.Mean(&Outcome::score), (1. / 3 + 1. / 3 + 2. / 3) / 3, 1e-9);
  EXPECT_NEAR(judged.Mean(&Outcome::price), 2, 1e-9);
  JudgeBestSingle(judged.questions, judged.sides(), &judged.out);
  EXPECT_NEAR(judged.Mean(&Outcome::score), 2. / 3, 1e-9);
  EXPECT_NEAR(judged.Mean(&Outcome::price), 1, 1e-9);
  JudgeOracle(judged.questions, judged.sides(), &judged.out);
  EXPECT_NEAR(judged.Mean(&Outcome::score), 1, 1e-9);
  EXPECT_NEAR(judged.Mean(&Outcome::price), (1. + 1. + 2.) / 3,
              1e-9);  // the cheapest that is right
}

TEST(Baselines, AFixedPanelVotesAndTiesGoToTheStrongest) {
  const auto rows = ThreeQuestions();
  Judged judged(rows);
  // a alone: 2 of 3. a and b: "A" ties with "B" and a is stronger; b alone has no vote in the
  // second; a has none in the third. All three: b and c outvote a in the first.
  for (const auto& [count, right] : {std::pair{1, 2.}, {2, 3.}, {3, 2.}}) {
    JudgeFixed(judged.questions, judged.sides(), static_cast<std::size_t>(count), &judged.out);
    EXPECT_NEAR(judged.Mean(&Outcome::score), right / 3, 1e-9) << count;
    EXPECT_NEAR(judged.Mean(&Outcome::calls), count, 1e-9);
  }
  JudgeRandomVote(judged.questions, judged.sides(), 1, 1, &judged.out, 4000);
  EXPECT_NEAR(judged.Mean(&Outcome::score), 4. / 9, 0.02);
}

TEST(Baselines, AnExpertWithoutAScoreIsNotAsked) {
  auto rows = ThreeQuestions();
  rows[0].scores.erase(rows[0].scores.begin());  // a was not measured on the first
  Judged judged(rows);
  JudgeBestSingle(judged.questions, judged.sides(), &judged.out);
  EXPECT_EQ(judged.out[0].calls, 1);
  EXPECT_EQ(judged.out[0].score, 0);  // the next best: b or c, both wrong there
  rows[1].scores = {{"z", 1.}};
  EXPECT_EQ(DropUnscored({"a", "b", "c"}, &rows), 1u);
  EXPECT_EQ(rows.size(), 2u);
}

TEST(LengthProfile, LearnsWhichIsBetterOnLongPrompts) {
  std::vector<TableRow> rows(400);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool is_long = i % 4 == 0;
    rows[i].id = std::to_string(i);
    rows[i].prompt = std::string(is_long ? 200 + i : 10 + i % 90, 'x');
    rows[i].scores = {{"brief", is_long ? 0. : 1.}, {"patient", is_long ? 1. : 0.}};
  }
  const Judged judged(rows);
  const LengthProfile profile(judged.questions, judged.all);
  EXPECT_EQ(profile.Order("short").front(), 0u);
  EXPECT_EQ(profile.Order(std::string(500, 'y')).front(), 1u);
}

// 100 questions in each of the categories, of which the expert gets so many right.
void AddCategory(const std::string& category, int right, std::vector<TableRow>* rows) {
  for (int i = 0; i < 100; ++i) {
    TableRow row;
    row.id = category + std::to_string(i);
    row.prompt = "p";
    row.category = category;
    row.scores = {{"e", i < right ? 1. : 0.}};
    rows->push_back(row);
  }
}

TEST(SkillPairs, PlantedProductsAreToldFromMeans) {
  std::vector<TableRow> rows;
  AddCategory("a", 80, &rows);
  AddCategory("b", 50, &rows);
  AddCategory("c++", 60, &rows);
  const auto train = static_cast<std::uint32_t>(rows.size());
  AddCategory("a+b", 40, &rows);       // the product; the mean is 65
  AddCategory("c+++a", 48, &rows);     // of "c++" and "a": the product; the mean is 70
  AddCategory("a+nothing", 0, &rows);  // no such single skill
  const Judged judged(rows);
  SkillPairs pairs;
  const std::span<const std::uint32_t> all(judged.all);
  pairs.Add(judged.questions, {all.first(train), all.subspan(train)});
  const SkillPairReport report = pairs.Report();
  EXPECT_EQ(report.questions, 200u);
  EXPECT_EQ(report.pairs, 2u);
  EXPECT_NEAR(report.product_error, 0, 1e-9);
  EXPECT_NEAR(report.mean_error, (0.25 + 0.22) / 2, 1e-9);
  EXPECT_EQ(SkillPairs().Report().questions, 0u);
}

TEST(Pruning, KeepsOnlyTheExpertsThatAreNeeded) {
  const auto rows = test::TwoSubjects(400);
  const Questions questions = Tabulate(rows, ExpertsOf(rows));
  std::vector<float> expected;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool chess = i % 2 == 0;
    for (const float each : {chess ? 0.2f : 0.9f, 0.7f, chess ? 0.9f : 0.2f}) {
      expected.push_back(each);
    }
  }
  const PruningReport report = Prune(questions, expected);
  EXPECT_EQ(report.kept, (std::vector<std::string>{"biologist", "player"}));
  EXPECT_NEAR(report.held_out_size, 2, 1e-9);
  EXPECT_NEAR(report.held_out, report.full, 1e-9);
}

TEST(CharacterCount, CountsCharactersAndNotBytes) {
  EXPECT_EQ(CharacterCount("naïve"), 5u);
  EXPECT_EQ(CharacterCount(""), 0u);
}

}  // namespace
}  // namespace moerge
