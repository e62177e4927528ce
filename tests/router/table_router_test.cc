#include <gtest/gtest.h>

#include "config/base/json.h"
#include "config/base/random.h"
#include "router/offline/table_router.h"

namespace moerge {
namespace {

// Two subjects, two specialists and a generalist in between. `words` makes the prompts differ.
std::vector<TableRow> TwoSubjects(std::size_t rows, bool categories = true) {
  Random random(5);
  std::vector<TableRow> table;
  for (std::size_t i = 0; i < rows; ++i) {
    const bool chess = i % 2 == 0;
    TableRow row;
    row.id = std::to_string(i);
    row.prompt = chess ? "The rook and the bishop attack the king in position "
                       : "The enzyme and the membrane bind the protein in cell ";
    row.prompt += std::to_string(random.Below(100000)) + std::string(random.Below(20), 'x');
    if (categories) row.category = chess ? "chess" : "biology";
    const auto right = [&](double chance) { return random.Uniform() < chance ? 1.0 : 0.0; };
    row.scores = {{"biologist", right(chess ? 0.2 : 0.9)},
                  {"generalist", right(0.5)},
                  {"player", right(chess ? 0.9 : 0.2)}};
    table.push_back(std::move(row));
  }
  return table;
}

std::string First(const Decision& decision) {
  return decision.roster.empty() ? "" : std::string(NameOf(decision.roster.front().expert));
}

constexpr std::string_view kChess = "Can the bishop take the rook?";
constexpr std::string_view kBiology = "Which protein does the membrane bind?";

TEST(TableRouter, SendsEachSubjectToItsSpecialist) {
  const auto router = TableRouter::Learn(TwoSubjects(400));
  ASSERT_TRUE(router.ok());
  EXPECT_EQ(First(router->Route(kChess, {})), "player");
  EXPECT_EQ(First(router->Route(kBiology, {})), "biologist");
}

TEST(TableRouter, LearnsFromTheTextAloneWithoutCategories) {
  const auto router = TableRouter::Learn(TwoSubjects(400, false));
  ASSERT_TRUE(router.ok());
  const Decision decision = router->Route(kChess, {});
  EXPECT_FALSE(decision.roster.empty());
  EXPECT_EQ(First(decision), "player");
  EXPECT_EQ(First(router->Route(kBiology, {})), "biologist");
}

TEST(TableRouter, DecidesTheSameEveryTime) {
  const auto one = TableRouter::Learn(TwoSubjects(300));
  const auto two = TableRouter::Learn(TwoSubjects(300));
  for (const std::string_view prompt :
       {kChess, kBiology, std::string_view(""), std::string_view("?")}) {
    EXPECT_EQ(DecisionLine("1", one->Route(prompt, {})), DecisionLine("1", two->Route(prompt, {})));
  }
}

TEST(TableRouter, ThePoolRestrictsAndUnknownNamesAreRefused) {
  const auto router = TableRouter::Learn(TwoSubjects(100), {"generalist", "biologist"});
  ASSERT_TRUE(router.ok());
  EXPECT_EQ(First(router->Route(kChess, {})), "generalist");
  const auto wrong = TableRouter::Learn(TwoSubjects(10), {"plaier"});
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.error().message.find("player"), std::string::npos) << wrong.error().message;
}

TEST(TableRouter, LeavingAnExpertOutChangesNoOtherExpectation) {
  const auto rows = TwoSubjects(300);
  const auto all = TableRouter::Learn(rows);
  const auto fewer = TableRouter::Learn(rows, {"player", "generalist"});
  const Decision before = all->Route(kChess, {});
  const Decision after = fewer->Route(kChess, {});
  ASSERT_FALSE(after.candidates.empty());
  EXPECT_EQ(before.candidates[0].expert, after.candidates[0].expert);
  EXPECT_EQ(before.candidates[0].expected, after.candidates[0].expected);
}

TEST(TableRouter, OneRowOrMissingScoresStillRoute) {
  auto rows = TwoSubjects(60);
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i].scores.erase(rows[i].scores.begin() + static_cast<long>(i % 3));
  EXPECT_FALSE(First(TableRouter::Learn(rows)->Route(kChess, {})).empty());
  rows.resize(1);
  EXPECT_FALSE(First(TableRouter::Learn(rows)->Route(kChess, {})).empty());
  EXPECT_FALSE(TableRouter::Learn({}).ok());
}

TEST(TableRouter, TheLineIsJsonWithTheRosterInOrder) {
  const auto router = TableRouter::Learn(TwoSubjects(200));
  Policy policy;
  policy.experts = 2;
  const std::string line = DecisionLine("q\"1", router->Route(kChess, policy));
  const auto document = json::Document::Parse(std::string_view(line).substr(0, line.size() - 1));
  ASSERT_TRUE(document.ok()) << line;
  EXPECT_EQ(document->root().Find("id").AsString(), "q\"1");
  EXPECT_EQ(document->root().Find("experts").size(), 2u);
  EXPECT_TRUE(document->root().Find("confidence").AsDouble().has_value());
  EXPECT_EQ(line.back(), '\n');
}

TEST(InstanceModel, RestoredFromBytesItPredictsTheSameAndDamageIsRefused) {
  TrainingSetBuilder builder;
  for (const TableRow& row : TwoSubjects(200)) {
    builder.AddObservation({row.id, row.prompt, "", "t", row.scores});
  }
  const TrainingSet set = builder.Build();
  SparseRows demand;
  for (std::size_t i = 0; i < set.documents.size(); ++i) demand.Add({});
  const auto model = InstanceModel::Train(set, demand);
  ASSERT_NE(model, nullptr);
  const std::string bytes = model->Bytes();
  EXPECT_EQ(bytes, InstanceModel::Train(set, demand)->Bytes());
  const auto restored = InstanceModel::Restore(bytes);
  ASSERT_NE(restored, nullptr);
  std::vector<float> one, two;
  model->Predict(set.documents[0], set.shapes[0], {}, &one);
  restored->Predict(set.documents[0], set.shapes[0], {}, &two);
  EXPECT_EQ(one, two);
  EXPECT_EQ(InstanceModel::Restore(bytes.substr(0, bytes.size() / 2)), nullptr);
  EXPECT_EQ(InstanceModel::Restore(""), nullptr);
}

TEST(InstanceModel, TooFewScoresGiveNone) {
  TrainingSetBuilder builder;
  for (const TableRow& row : TwoSubjects(InstanceModel::kMinScores - 1)) {
    builder.AddObservation({row.id, row.prompt, "", "t", row.scores});
  }
  const TrainingSet set = builder.Build();
  SparseRows demand;
  for (std::size_t i = 0; i < set.documents.size(); ++i) demand.Add({});
  EXPECT_EQ(InstanceModel::Train(set, demand), nullptr);
}

}  // namespace
}  // namespace moerge
