#include "registry/evidence.h"

#include <gtest/gtest.h>

#include "registry/compact.h"
#include "registry/evidence_table.h"
#include "registry/registry.h"
#include "registry/sqlite/rows.h"

namespace moerge {
namespace {

TEST(SummariseObservations, SumsByExpertSkillAndSource) {
  const auto evidence = SummariseObservations({
      {"1", "p", "law", "s", {{"a", 1}, {"b", 0}}},
      {"2", "p", "law", "s", {{"a", 0.5}}},
      {"3", "p", "law", "t", {{"a", 1}}},
      {"4", "p", "", "s", {{"a", 1}}},
  });
  ASSERT_EQ(evidence.size(), 4u);
  EXPECT_EQ(evidence[0].skill, "general");
  EXPECT_EQ(evidence[1].expert, "a");
  EXPECT_EQ(evidence[1].wins, 1.5);
  EXPECT_EQ(evidence[1].trials, 2);
  EXPECT_EQ(evidence[2].source, "t");
  EXPECT_EQ(evidence[3].expert, "b");
  EXPECT_EQ(evidence[3].wins, 0);
}

TEST(SummariseObservations, NothingGivesNothing) {
  EXPECT_TRUE(SummariseObservations({}).empty());
  EXPECT_TRUE(SummariseObservations({{"1", "p", "law", "s", {}}}).empty());
}

TEST(EvidenceTable, ALaterCellReplacesAndOthersStay) {
  EvidenceTable table{{"t-a", "law", 1, 2, "s", {}}, {"t-a", "art", 1, 1, "s", {}}};
  table.Put({{"t-a", "law", 5, 6, "s", {}}});
  const auto list = table.List();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].skill, "art");
  EXPECT_EQ(list[1].wins, 5);
  EXPECT_EQ(table.cells(), 2u);
}

TEST(EvidenceTable, ASkillTwiceInOnePutKeepsTheLater) {
  const EvidenceTable table{{"t-a", "law", 1, 2, "s", {}}, {"t-a", "law", 3, 4, "s", {}}};
  ASSERT_EQ(table.List().size(), 1u);
  EXPECT_EQ(table.List()[0].wins, 3);
}

TEST(EvidenceTable, CopiesDoNotSeeLaterChanges) {
  EvidenceTable table{{"t-a", "law", 1, 2, "s", {}}};
  const EvidenceTable copy = table;
  table.Put({{"t-a", "law", 9, 9, "s", {}}});
  table.ForgetSource("other");
  EXPECT_EQ(copy.List()[0].wins, 1);
  table.ForgetSource("s");
  EXPECT_TRUE(table.rows().empty());
  EXPECT_EQ(copy.cells(), 1u);
}

TEST(EvidenceTable, RowsOfAnExpertAreItsSources) {
  const EvidenceTable table{
      {"t-b", "law", 1, 2, "s", {}}, {"t-a", "law", 1, 2, "t", {}}, {"t-a", "law", 1, 2, "s", {}}};
  EXPECT_EQ(table.RowsOfExpert(InternExpert("t-a")).size(), 2u);
  EXPECT_EQ(table.RowsOfExpert(InternExpert("t-a"))[0]->source, "s");
  EXPECT_TRUE(table.RowsOfExpert(InternExpert("t-nobody")).empty());
}

TEST(Compact, NumbersComeBackExactly) {
  const double values[] = {0, 1, 0.5, 1.0 / 3, 16'777'215, 16'777'216, 1e300, 123456789.125};
  std::string bytes;
  for (const double value : values) compact::AppendNumber(value, &bytes);
  compact::Reader reader(bytes);
  for (const double value : values) EXPECT_EQ(reader.Number<double>(), value);
  EXPECT_TRUE(reader.ok());
  EXPECT_TRUE(reader.AtEnd());
}

TEST(Compact, CountsTakeFewBytes) {
  std::string bytes;
  compact::AppendNumber(17.0f, &bytes);
  EXPECT_EQ(bytes.size(), 1u);
}

TEST(Compact, EveryCutIsNoticed) {
  const std::string whole = sqlite::EncodeCells({{3, 0.25f, 1}, {300, 2, 1000}});
  const auto ignore = [](std::uint64_t, float, float) { return true; };
  ASSERT_TRUE(sqlite::DecodeCells(whole, ignore));
  int sound = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    sound += sqlite::DecodeCells(std::string_view(whole).substr(0, size), ignore);
  }
  EXPECT_EQ(sound, 2);  // nothing at all, and the first cell alone
}

TEST(Compact, AnEndlessVarintIsDamage) {
  compact::Reader reader(std::string_view("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 11));
  EXPECT_EQ(reader.Int(), 0u);
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace moerge
