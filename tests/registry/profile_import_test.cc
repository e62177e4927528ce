#include "registry/profile_import.h"

#include <gtest/gtest.h>

#include <iostream>

#include "registry/table_reader.h"
#include "tests/registry/support.h"

namespace moerge {
namespace {

using testing::MakeBackend;
using testing::MakeExpert;
using testing::MakeSkill;

SnapshotPtr Known() {
  StoredState stored;
  stored.backends = {MakeBackend("gpu")};
  stored.experts = {MakeExpert("a")};
  stored.skills = {MakeSkill("law")};
  return *BuildSnapshot({}, stored);
}

TableRow Row(const std::string& id, const std::string& category,
             std::vector<std::pair<std::string, double>> scores) {
  TableRow row;
  row.id = id;
  row.prompt = "prompt " + id;
  row.category = category;
  row.scores = std::move(scores);
  row.line = 1;
  return row;
}

ProfileImport Import(const std::vector<TableRow>& rows) {
  return ImportProfile(rows, *Known(), "import:t.jsonl", WallTime{});
}

TEST(ProfileImport, NewCategoriesBecomeSkillsOfTheStore) {
  const ProfileImport import = Import({Row("1", "law", {{"a", 1}}), Row("2", "art", {{"a", 0}})});
  ASSERT_EQ(import.change.put_skills.size(), 1u);
  EXPECT_EQ(import.change.put_skills[0].name, "art");
  EXPECT_EQ(import.change.put_skills[0].category, "art");
  EXPECT_EQ(import.change.put_skills[0].origin, Origin::kStore);
  EXPECT_EQ(import.report.new_skills, std::vector<std::string>{"art"});
}

TEST(ProfileImport, SumsUpPerSkill) {
  const ProfileImport import =
      Import({Row("1", "law", {{"a", 1}, {"b", 0.5}}), Row("2", "law", {{"a", 0}, {"b", 1}}),
              Row("3", "law", {{"b", 0}})});
  ASSERT_EQ(import.report.skills.size(), 1u);
  const SkillSummary& law = import.report.skills[0];
  EXPECT_EQ(law.rows, 3u);
  EXPECT_EQ(law.trials, 5u);
  EXPECT_EQ(law.mean, 0.5);
  EXPECT_EQ(law.best_expert, "b");  // the same mean with more trials
  EXPECT_EQ(law.best_mean, 0.5);
  EXPECT_FALSE(law.created);
}

TEST(ProfileImport, ReplacesWhatTheSourceSaidBefore) {
  const ProfileImport import = Import({Row("1", "law", {{"a", 1}})});
  EXPECT_EQ(import.change.forget_sources, std::vector<std::string>{"import:t.jsonl"});
  ASSERT_EQ(import.change.add_observations.size(), 1u);
  EXPECT_EQ(import.change.add_observations[0].source, "import:t.jsonl");
  EXPECT_EQ(import.change.put_evidence[0].source, "import:t.jsonl");
}

TEST(ProfileImport, UnknownExpertsAreReportedAndTheirEvidenceKept) {
  const ProfileImport import = Import({Row("1", "law", {{"a", 1}, {"stranger", 1}})});
  EXPECT_EQ(import.report.known_experts, std::vector<std::string>{"a"});
  EXPECT_EQ(import.report.unknown_experts, std::vector<std::string>{"stranger"});
  EXPECT_EQ(import.change.put_evidence.size(), 2u);
}

TEST(ProfileImport, RowsWithoutACategoryTeachTheGeneralStrength) {
  const ProfileImport import = Import({Row("1", "", {{"a", 1}})});
  EXPECT_TRUE(import.change.put_skills.empty());
  EXPECT_EQ(import.change.add_observations[0].skill, "");
  EXPECT_EQ(import.report.skills[0].skill, "general");
}

TEST(ProfileImport, ACategoryThatCannotBeASkillIsLeftOutAndSaid) {
  const ProfileImport import =
      Import({Row("1", "l/aw\n", {{"a", 1}}), Row("2", "l/aw\n", {{"a", 1}})});
  EXPECT_TRUE(import.change.add_observations.empty());
  EXPECT_TRUE(import.change.put_evidence.empty());
  EXPECT_TRUE(import.report.skills.empty());
  EXPECT_EQ(import.report.warnings.size(), 1u);
}

TEST(ProfileImport, TheRegistryTakesItAndTheExpertAddedLaterUsesIt) {
  Metrics metrics;
  StoreThread store(std::make_unique<MemoryStore>(), metrics);
  Registry registry(store);
  ASSERT_TRUE(registry.Start({}).ok());
  const ProfileImport import = ImportProfile({Row("1", "art", {{"late", 1}})}, *registry.Current(),
                                             "import:t.jsonl", WallTime{});
  ASSERT_TRUE(registry.ChangeAndWait(import.change).ok());
  StoreChange change;
  change.put_backends = {MakeBackend("gpu")};
  change.put_experts = {MakeExpert("late")};
  ASSERT_TRUE(registry.ChangeAndWait(change).ok());
  ASSERT_EQ(registry.Current()->FindExpert("late")->record.size(), 1u);
  EXPECT_EQ(registry.Current()->FindExpert("late")->record[0].skill, InternSkill("art"));
}

TEST(ProfileImport, TheSourceIsTheFilesName) {
  EXPECT_EQ(ImportSource("/data/mmlu.jsonl.gz"), "import:mmlu.jsonl.gz");
  EXPECT_EQ(ImportSource("mmlu.jsonl"), "import:mmlu.jsonl");
}

TEST(ProfileImport, ARealTableImportsWhole) {
  const std::string path = MOERGE_SOURCE_DIR "/../shared/data/mmlu_pro_train.jsonl.gz";
  if (!std::filesystem::exists(path)) {
    std::cout << "the recorded table is not here; nothing was checked\n";
    return;
  }
  const auto table = ReadTable(path, {.strict = true});
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_EQ(table->rows.size(), 8'422u);
  EXPECT_TRUE(table->report.Warnings().empty());
  const ProfileImport import = Import(table->rows);
  EXPECT_EQ(import.report.skills.size(), 14u);
  EXPECT_EQ(import.report.unknown_experts.size(), 19u);
  const testing::TempFolder folder;
  auto store = OpenStore("sqlite:" + folder.File("moerge.db"));
  ASSERT_TRUE(testing::ApplyTo(**store, import.change).ok());
  EXPECT_EQ((*store)->registry().Load()->evidence.cells(), 14u * 19u);
}

}  // namespace
}  // namespace moerge
