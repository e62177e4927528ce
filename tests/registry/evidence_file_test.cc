#include "registry/evidence_file.h"

#include <gtest/gtest.h>

#include "registry/hygiene.h"
#include "registry/table_reader.h"
#include "tests/registry/support.h"

namespace moerge {
namespace {

const WallTime kEvidenceNow = std::chrono::sys_days(std::chrono::year(2026) / 3 / 15);

std::string Export(Store& store) {
  std::string lines = EvidenceLines(store.registry().Load()->evidence);
  EXPECT_TRUE(store.observations()
                  .Visit([&](const Observation& one) {
                    lines += ObservationLine(one);
                    return true;
                  })
                  .ok());
  return lines;
}

SnapshotPtr SnapshotOf(Store& store) { return *BuildSnapshot({}, *store.registry().Load()); }

std::string ImportInto(Store& store, const std::string& text) {
  const auto file = ParseEvidence(text, {.strict = true});
  EXPECT_TRUE(file.ok()) << file.error().message;
  EXPECT_TRUE(testing::ApplyTo(store, ImportEvidence(*file, *SnapshotOf(store)).change).ok());
  return Export(store);
}

std::string Row(int id, const char* category, const char* scores) {
  return "{\"id\":\"" + std::to_string(id) + "\",\"prompt\":\"What? \\u00e9\",\"category\":\"" +
         category + "\",\"scores\":{" + scores + "}}\n";
}

std::string SmallTable() {
  return Row(1, "law", R"("ada":1,"bo":0.3)") + Row(2, "law", R"("ada":0,"bo":1)") +
         Row(3, "art", R"("ada":0.7)") + Row(4, "art", R"("bo":0)");
}

void ImportTable(Store& store, const std::string& text, const std::set<std::string>& exclude = {}) {
  const auto table = ParseTable(text, {.strict = true, .exclude = exclude});
  ASSERT_TRUE(table.ok()) << table.error().message;
  const auto import = ImportProfile(table->rows, *SnapshotOf(store), "import:t", kEvidenceNow);
  ASSERT_TRUE(testing::ApplyTo(store, import.change).ok());
}

TEST(EvidenceFile, WhatIsReadBackIsWrittenAgainByteForByte) {
  MemoryStore from;
  ImportTable(from, SmallTable());
  StoreChange more;
  more.put_evidence = {{"ada", "law", 0.1, 0.3, "feedback@2026-03-01", kEvidenceNow},
                       {"ada", "general", 1, 1, "eval", WallTime{}}};
  ASSERT_TRUE(testing::ApplyTo(from, more).ok());
  const std::string text = Export(from);
  EXPECT_NE(text.find(R"("wins":0.1,"trials":0.3,"updated":"2026-03-15T)"), std::string::npos);
  EXPECT_NE(text.find(R"("updated":null)"), std::string::npos);
  const testing::TempFolder folder;
  const auto sqlite = *OpenStore("sqlite:" + folder.File("copy.db"));
  EXPECT_EQ(ImportInto(*sqlite, text), text);
  EXPECT_EQ(ImportInto(*sqlite, text), text);  // again: nothing is counted twice
}

TEST(EvidenceFile, SkillsThatDoNotExistAreCreated) {
  MemoryStore store;
  const std::string line =
      R"({"expert":"ada","skill":"law","source":"eval","wins":1,"trials":2,"updated":null})";
  const auto import = ImportEvidence(*ParseEvidence(line), *SnapshotOf(store));
  ASSERT_EQ(import.change.put_skills.size(), 1u);
  EXPECT_EQ(import.report.new_skills, std::vector<std::string>{"law"});
  EXPECT_EQ(import.report.unknown_experts, std::vector<std::string>{"ada"});
  EXPECT_EQ(import.report.source, "eval");
}

TEST(EvidenceFile, RolesAreNoSkillsToBeCreated) {
  MemoryStore store;
  const std::string line =
      R"({"expert":"ada","skill":"judge.law","source":"e","wins":1,"trials":2,"updated":null})";
  const auto import = ImportEvidence(*ParseEvidence(line), *SnapshotOf(store));
  EXPECT_TRUE(import.change.put_skills.empty());
  EXPECT_TRUE(import.report.new_skills.empty());
  EXPECT_EQ(ImportInto(store, line), line + "\n");
}

TEST(EvidenceFile, ToldFromAResultsTable) {
  EXPECT_TRUE(IsEvidenceLine(R"({"expert":"a","trials":1})"));
  EXPECT_TRUE(IsEvidenceLine(R"({"observation":"1"})"));
  EXPECT_FALSE(IsEvidenceLine(R"({"id":"1","prompt":"p","scores":{"expert":1}})"));
  EXPECT_FALSE(IsEvidenceLine("not json"));
}

TEST(EvidenceFile, EveryMistakeIsNamedByItsLine) {
  const std::string good =
      R"({"expert":"a","skill":"s","source":"x","wins":1,"trials":2,"updated":null})";
  for (const auto& [line, said] : std::vector<std::pair<std::string, std::string>>{
           {R"({"expert":"a","skill":"s","source":"x","wins":3,"trials":2})", "`wins` must be"},
           {R"({"expert":"a","skill":"s","source":"x","wins":0,"trials":-2})", "`trials` must be"},
           {R"({"expert":"","skill":"s","source":"x","wins":0,"trials":2})", "`expert` must be"},
           {R"({"expert":"a","skill":"s","source":"x","wins":0,"trials":2,"z":1})",
            "`z` is unknown"},
           {R"({"expert":"a","skill":"s","source":"x","wins":0,"trials":2,"updated":"then"})",
            "`updated` must be"},
           {R"({"observation":"1","source":"x","scores":{"a":2}})", "`scores.a` must be"},
           {"{", "not JSON"}}) {
    const auto lenient = ParseEvidence(good + "\n\n" + line + "\n");
    ASSERT_TRUE(lenient.ok());
    EXPECT_EQ(lenient->evidence.size(), 1u) << line;
    ASSERT_EQ(lenient->report().messages.size(), 1u) << line;
    EXPECT_TRUE(lenient->report().messages[0].starts_with("line 3: ")) << line;
    EXPECT_NE(lenient->report().messages[0].find(said), std::string::npos)
        << lenient->report().messages[0];
    const auto strict = ParseEvidence(good + "\n\n" + line, {.strict = true});
    ASSERT_FALSE(strict.ok());
    EXPECT_TRUE(strict.error().message.starts_with("line 3: "));
  }
}

TEST(Hygiene, ForgettingItemsIsImportingWithoutThem) {
  MemoryStore with;
  ImportTable(with, SmallTable(), {"2", "4"});
  MemoryStore then;
  ImportTable(then, SmallTable());
  const auto forgotten = ForgetItems(then, *then.registry().Load(), "import:t", {"2", "4", "7"});
  ASSERT_TRUE(forgotten.ok()) << forgotten.error().message;
  EXPECT_EQ(forgotten->ids, (std::vector<std::string>{"2", "4"}));
  EXPECT_EQ(forgotten->missing, std::vector<std::string>{"7"});
  EXPECT_EQ(forgotten->left, 2u);
  ASSERT_TRUE(testing::ApplyTo(then, forgotten->change).ok());
  EXPECT_EQ(Export(then), Export(with));
}

TEST(Hygiene, OtherSourcesStayAndUnknownOnesAreRefused) {
  MemoryStore store;
  ImportTable(store, SmallTable());
  StoreChange more;
  more.put_evidence = {{"ada", "law", 1, 1, "feedback@2026-03-01", kEvidenceNow}};
  ASSERT_TRUE(testing::ApplyTo(store, more).ok());
  const StoredState state = *store.registry().Load();
  EXPECT_EQ(ForgetItems(store, state, "import:u", {"1"}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(ForgetItems(store, state, "feedback", {"1"}).error().code, ErrorCode::kConflict);
  ASSERT_TRUE(
      testing::ApplyTo(store, ForgetItems(store, state, "import:t", {"1", "2", "3", "4"})->change)
          .ok());
  ASSERT_EQ(store.registry().Load()->evidence.List().size(), 1u);
}

}  // namespace
}  // namespace moerge
