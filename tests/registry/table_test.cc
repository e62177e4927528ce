#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>

#include "registry/table_reader.h"
#include "tests/registry/support.h"

namespace moerge {
namespace {

constexpr const char* kGood =
    R"({"id":"q1","prompt":"1+1?","category":"math","reference":"2","answers":{"a":"2","b":""},)"
    R"("scores":{"a":1,"b":0.5},"cost":{"a":24.7}})";

std::string Message(const std::string& line) {
  const auto table = ParseTable(line);
  EXPECT_TRUE(table.ok());
  EXPECT_TRUE(table->rows.empty()) << line;
  EXPECT_EQ(table->report.bad, 1u) << line;
  return table->report.messages.empty() ? "" : table->report.messages[0];
}

TEST(Table, ReadsEveryField) {
  const auto table = ParseTable(kGood);
  ASSERT_TRUE(table.ok());
  ASSERT_EQ(table->rows.size(), 1u);
  const TableRow& row = table->rows[0];
  EXPECT_EQ(row.id, "q1");
  EXPECT_EQ(row.prompt, "1+1?");
  EXPECT_EQ(row.category, "math");
  EXPECT_EQ(row.reference, "2");
  EXPECT_EQ(row.answers, (decltype(row.answers){{"a", "2"}, {"b", ""}}));
  EXPECT_EQ(row.scores, (decltype(row.scores){{"a", 1}, {"b", 0.5}}));
  EXPECT_EQ(row.cost, (decltype(row.cost){{"a", 24.7}}));
  EXPECT_EQ(row.line, 1u);
  ASSERT_EQ(table->report.Warnings().size(), 1u);
  EXPECT_TRUE(table->report.Warnings()[0].starts_with("line 1: this is the only good row"));
}

TEST(Table, OnlyIdPromptAndScoresAreNeeded) {
  const auto table =
      ParseTable("\n  \r\n{\"id\":7,\"prompt\":\"p\",\"scores\":{\"a\":0,\"b\":null}}");
  ASSERT_EQ(table->rows.size(), 1u);
  EXPECT_EQ(table->rows[0].id, "7");
  EXPECT_EQ(table->rows[0].category, "");
  EXPECT_EQ(table->rows[0].scores.size(), 1u);
  EXPECT_EQ(table->rows[0].line, 3u);
}

TEST(Table, EveryMistakeNamesItsLineAndField) {
  EXPECT_EQ(Message("\n[]"), "line 2: a row must be an object, not an array");
  EXPECT_EQ(Message(R"({"prompt":"p","scores":{"a":1}})"), "line 1: `id` is missing or empty");
  EXPECT_EQ(Message(R"({"id":"1","scores":{"a":1}})"), "line 1: `prompt` is missing or empty");
  EXPECT_EQ(Message(R"({"id":"1","prompt":"p"})"), "line 1: `scores` is missing or empty");
  EXPECT_EQ(Message(R"({"id":"1","prompt":"p","scores":{"a":null}})"),
            "line 1: `scores` is missing or empty");
  EXPECT_EQ(Message(R"({"id":"1","prompt":"p","scores":{"a":1.5}})"),
            "line 1: `scores.a` is 1.5; a score is from 0 to 1");
  EXPECT_EQ(Message(R"({"id":"1","prompt":"p","scores":{"a":-1}})"),
            "line 1: `scores.a` is -1; a score is from 0 to 1");
  EXPECT_NE(Message(R"({"id":"1","prompt":"p","scores":{"a":"1"}})").find("`scores.a` must be"),
            std::string::npos);
  EXPECT_NE(Message(R"({"id":"1","prompt":5,"scores":{"a":1}})").find("`prompt` must be a string"),
            std::string::npos);
  EXPECT_NE(Message(R"({"id":"1","prompt":"p","scores":[1]})").find("`scores` must be an object"),
            std::string::npos);
}

TEST(Table, WhatIsNotJsonIsSaidSo) {
  for (const char* line : {"{", "not json", R"({"id":"1","prompt":"p","scores":{"a":NaN}})",
                           R"({"id":"1","id":"1","prompt":"p","scores":{"a":1}})",
                           "{\"id\":\"\xFF\",\"prompt\":\"p\",\"scores\":{\"a\":1}}"}) {
    EXPECT_TRUE(Message(line).starts_with("line 1: not JSON: ")) << Message(line);
  }
}

TEST(Table, ARepeatedIdIsBadAndTheFirstStays) {
  const auto table = ParseTable(std::string(kGood) + "\n" + kGood + "\n");
  EXPECT_EQ(table->rows.size(), 1u);
  ASSERT_EQ(table->report.messages.size(), 1u);
  EXPECT_EQ(table->report.messages[0], "line 2: the id `q1` has been seen before");
}

TEST(Table, UnknownFieldsAreCountedAndNamed) {
  const auto table = ParseTable(
      "{\"id\":\"1\",\"prompt\":\"p\",\"scores\":{\"a\":1},\"replies\":{},\"x\":null}\n"
      "{\"id\":\"2\",\"prompt\":\"p\",\"scores\":{\"a\":1},\"replies\":{}}\n");
  EXPECT_EQ(table->rows.size(), 2u);
  ASSERT_EQ(table->report.Warnings().size(), 1u);
  EXPECT_EQ(table->report.Warnings()[0],
            "line 1: the field `replies` is unknown and was not read (2 rows)");
}

TEST(Table, GoodRowsAreUsedAndTheFirstMessagesKept) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "bad\n";
  text += kGood;
  const auto table = ParseTable(text);
  EXPECT_EQ(table->rows.size(), 1u);
  EXPECT_EQ(table->report.bad, 30u);
  EXPECT_EQ(table->report.messages.size(), 20u);
  const std::vector<std::string> warnings = table->report.Warnings();
  EXPECT_EQ(warnings[0], "30 of 31 rows are bad and were left out");
  EXPECT_TRUE(warnings[1].starts_with("line 1: not JSON")) << warnings[1];
  EXPECT_EQ(warnings[21], "and 10 more bad rows");
}

std::string TableLine(int id, const std::string& scores, const std::string& more = "") {
  return "{\"id\":" + std::to_string(id) + ",\"prompt\":\"p\",\"scores\":{" + scores + "}" + more +
         "}\n";
}

// Both ways of reading: what is said, and what --strict refuses with.
void ExpectSaid(const std::string& text, std::size_t good, const std::string& said) {
  const auto lenient = ParseTable(text);
  ASSERT_TRUE(lenient.ok());
  EXPECT_EQ(lenient->rows.size(), good) << text;
  std::string all;
  for (const std::string& warning : lenient->report.Warnings()) all += warning + "\n";
  EXPECT_NE(all.find(said), std::string::npos) << all;
  const auto strict = ParseTable(text, {.strict = true});
  ASSERT_FALSE(strict.ok()) << text;
  const std::string line = said.substr(0, said.find(':') + 1);
  EXPECT_TRUE(strict.error().message.starts_with(line)) << strict.error().message;
}

TEST(Table, EveryKindOfBadInputIsNamedByItsLineAndStrictRefusesIt) {
  const std::string fine = TableLine(1, R"("a":1,"b":0)");
  ExpectSaid(fine + TableLine(2, R"("a":1,"b":0)", R"(,"scroes":1)"), 2,
             "line 2: the field `scroes`");
  ExpectSaid(fine + TableLine(2, R"("a":1.01,"b":0)") + TableLine(3, R"("a":1)"), 2,
             "line 2: `scores.a` is");
  ExpectSaid(fine + TableLine(3, R"("a":1)") + TableLine(1, R"("a":1)"), 2, "line 3: the id `1`");
  ExpectSaid(fine + TableLine(3, R"("a":1)") + "{\"id\":\n", 2, "line 3: not JSON");
  ExpectSaid(fine, 1, "line 1: this is the only good row");
  ExpectSaid(TableLine(1, R"("a":1)") + "\n" + TableLine(2, R"("b":1)"), 2,
             "line 3: no row has scores of two");
  ExpectSaid(fine + TableLine(3, R"("a":1)") + TableLine(2, R"("a":1)", R"(,"cost":{"a":-1})"), 2,
             "line 3: `cost.a` is -1");
  ExpectSaid(fine + TableLine(3, R"("a":1)") + TableLine(2, R"("a":1)", R"(,"cost":{"a":1e999})"),
             2, "line 3: ");
}

TEST(Table, OneExpertAloneIsNoReasonToRemark) {
  const auto table =
      ParseTable(TableLine(1, R"("a":1)") + TableLine(2, R"("a":0)"), {.strict = true});
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_TRUE(table->report.Warnings().empty());
}

TEST(Table, ATenthOfCorruptLinesLeavesTheOthers) {
  std::string text;
  for (int i = 1; i <= 100; ++i)
    text += i % 10 == 0 ? "{\"id\":\xFF\n" : TableLine(i, R"("a":1,"b":0)");
  const auto table = ParseTable(text);
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->rows.size(), 90u);
  EXPECT_EQ(table->report.bad, 10u);
  EXPECT_EQ(table->report.Warnings()[0], "10 of 100 rows are bad and were left out");
  EXPECT_TRUE(table->report.messages[0].starts_with("line 10: "));
}

TEST(Table, RowsAreExcludedById) {
  const auto table =
      ParseTable(TableLine(1, R"("a":1)") + TableLine(2, R"("a":0)") + TableLine(3, R"("a":0)"),
                 {.strict = true, .exclude = {"2", "9"}});
  ASSERT_TRUE(table.ok());
  ASSERT_EQ(table->rows.size(), 2u);
  EXPECT_EQ(table->rows[1].id, "3");
  EXPECT_EQ(table->report.excluded, 1u);
  EXPECT_EQ(table->report.Warnings()[0], "1 rows were excluded by id");
}

TEST(Table, StrictFailsAtTheFirst) {
  const auto table = ParseTable(std::string(kGood) + "\nbad\nworse\n", {.strict = true});
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.error().code, ErrorCode::kInvalid);
  EXPECT_TRUE(table.error().message.starts_with("line 2: not JSON"));
}

TEST(Table, ReadsPlainAndPackedFilesAlike) {
  const testing::TempFolder folder;
  std::ofstream(folder.File("t.jsonl")) << kGood << "\r\n";
  gzFile packed = ::gzopen(folder.File("t.jsonl.gz").c_str(), "wb");
  ::gzputs(packed, kGood);
  ::gzclose(packed);
  for (const char* name : {"t.jsonl", "t.jsonl.gz"}) {
    const auto table = ReadTable(folder.File(name));
    ASSERT_TRUE(table.ok()) << table.error().message;
    EXPECT_EQ(table->rows.size(), 1u) << name;
  }
}

TEST(Table, AMissingFileAndAStrictMistakeNameTheFile) {
  const testing::TempFolder folder;
  EXPECT_NE(ReadTable(folder.File("none.jsonl")).error().message.find("none.jsonl"),
            std::string::npos);
  std::ofstream(folder.File("bad.jsonl")) << "bad\n";
  EXPECT_NE(ReadTable(folder.File("bad.jsonl"), {.strict = true})
                .error()
                .message.find("bad.jsonl: line 1: "),
            std::string::npos);
}

}  // namespace
}  // namespace moerge
