#include "services/roles/role_tasks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace moerge {
namespace {

constexpr const char* kPrimeQuestion = "Which is a prime?\nA. 4\nB. 7\nC. 9\nD. 8";

TableRow Row(const std::string& id, const std::string& category = "algebra") {
  TableRow row;
  row.id = id;
  row.category = category;
  row.prompt = kPrimeQuestion;
  row.reference = "B";
  row.scores = {{"ada", 1}, {"bob", 0}, {"cy", 0}, {"dan", 0}};
  row.answers = {{"ada", "B"}, {"bob", "C"}, {"cy", "C"}, {"dan", ""}};
  return row;
}

std::vector<TableRow> Rows(std::size_t count) {
  std::vector<TableRow> rows;
  for (std::size_t i = 0; i < count; ++i) rows.push_back(Row(std::to_string(i)));
  return rows;
}

TEST(RoleTasks, OneAnswerIsRightAndTheWrongOnesDiffer) {
  const RoleTasks made = MakeRoleTasks({Row("1")}, {});
  ASSERT_EQ(made.tasks.size(), 1u);
  const RoleTask& task = made.tasks[0];
  EXPECT_EQ(task.question, kPrimeQuestion);
  EXPECT_EQ(task.reference, "B");
  ASSERT_EQ(task.answers.size(), 2u) << "two experts gave the same wrong answer";
  EXPECT_EQ(task.answers[task.right], "The answer is (B).");
  EXPECT_EQ(task.answers[1 - task.right], "The answer is (C).");
}

TEST(RoleTasks, WithoutAnswersTheOtherLettersAreWrong) {
  TableRow row = Row("1");
  row.answers.clear();
  const RoleTasks made = MakeRoleTasks({row}, {});
  ASSERT_EQ(made.tasks.size(), 1u);
  std::set<std::string> shown(made.tasks[0].answers.begin(), made.tasks[0].answers.end());
  EXPECT_EQ(shown, (std::set<std::string>{"The answer is (A).", "The answer is (B).",
                                          "The answer is (C).", "The answer is (D)."}));
}

TEST(RoleTasks, RecordedTextsAreShownAsTheyAre) {
  TableRow row = Row("1");
  row.answers = {{"ada", "7 has no divisor.\nThe answer is (B)."},
                 {"bob", "It is odd.\nThe answer is (C)."}};
  const RoleTask task = MakeRoleTasks({row}, {}).tasks.at(0);
  EXPECT_EQ(task.answers[task.right], "7 has no divisor.\nThe answer is (B).");
  EXPECT_EQ(task.answers[1 - task.right], "It is odd.\nThe answer is (C).");
}

TEST(RoleTasks, TheRightAnswerIsNotToldByItsLooks) {
  TableRow row = Row("1");
  row.answers = {{"bob", "It is odd.\nThe answer is (C)."}};
  const RoleTask task = MakeRoleTasks({row}, {}).tasks.at(0);
  EXPECT_EQ(task.answers[task.right], "The answer is (B).");
  EXPECT_EQ(task.answers[1 - task.right], "The answer is (C).");
}

TEST(RoleTasks, AnswersThatWereScoredRightAreNeverWrong) {
  TableRow row = Row("1");
  row.scores = {{"ada", 1}, {"bob", 1}};
  row.answers = {{"ada", "B"}, {"bob", "C"}};
  const RoleTasks made = MakeRoleTasks({row}, {});
  EXPECT_TRUE(made.tasks.empty());
  EXPECT_EQ(made.left_out.at("without a wrong answer"), 1u);
}

TEST(RoleTasks, RowsThatMakeNoneAreCountedByWhy) {
  TableRow no_reference = Row("1");
  no_reference.reference.clear();
  TableRow unlisted = Row("2");
  unlisted.reference = "seven";
  const RoleTasks made = MakeRoleTasks({no_reference, unlisted, Row("3", "")}, {});
  EXPECT_TRUE(made.tasks.empty());
  EXPECT_EQ(made.left_out.at("without a reference that answers can be compared with"), 2u);
  EXPECT_EQ(made.left_out.at("without a category"), 1u);
}

TEST(RoleTasks, TheRightOneStandsEquallyOftenAtEachPlace) {
  std::vector<TableRow> rows = Rows(40);
  for (TableRow& row : rows) row.answers.clear();
  std::vector<int> at(4);
  for (const RoleTask& task : MakeRoleTasks(rows, {.per_category = 40}).tasks) ++at[task.right];
  EXPECT_EQ(at, (std::vector<int>{10, 10, 10, 10}));
}

std::vector<std::string> Ids(const RoleTasks& made) {
  std::vector<std::string> ids;
  for (const RoleTask& task : made.tasks) ids.push_back(task.id);
  return ids;
}

TEST(RoleTasks, RowsAreDrawnBySeedAndNotByTheirOrder) {
  std::vector<TableRow> rows = Rows(50);
  const auto some = Ids(MakeRoleTasks(rows, {.per_category = 5}));
  const auto more = Ids(MakeRoleTasks(rows, {.per_category = 10}));
  EXPECT_EQ(some.size(), 5u);
  EXPECT_TRUE(std::equal(some.begin(), some.end(), more.begin()));
  EXPECT_NE(some, Ids(MakeRoleTasks(rows, {.per_category = 5, .seed = 2})));
  std::reverse(rows.begin(), rows.end());
  EXPECT_EQ(some, Ids(MakeRoleTasks(rows, {.per_category = 5})));
}

TEST(RoleTasks, EachCategoryHasItsOwn) {
  std::vector<TableRow> rows = Rows(3);
  rows.push_back(Row("x", "law"));
  const RoleTasks made = MakeRoleTasks(rows, {.per_category = 2});
  ASSERT_EQ(made.tasks.size(), 3u);
  EXPECT_EQ(made.tasks[1].category, "algebra");
  EXPECT_EQ(made.tasks[2].category, "law");
}

}  // namespace
}  // namespace moerge
