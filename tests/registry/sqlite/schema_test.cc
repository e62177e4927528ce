#include "registry/sqlite/schema.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "registry/sqlite/sqlite_store.h"
#include "tests/registry/support.h"

namespace moerge {
namespace {

using sqlite::Database;

std::unique_ptr<Database> OpenAt(const std::string& path) {
  auto database = Database::Open(path, {});
  EXPECT_TRUE(database.ok()) << (database.ok() ? "" : database.error().message);
  return database.ok() ? *std::move(database) : nullptr;
}

void Execute(const std::string& path, const std::string& sql) {
  const Status done = OpenAt(path)->Execute(sql);
  ASSERT_TRUE(done.ok()) << done.error().detail;
}

std::int64_t Number(const std::string& path, const std::string& sql) {
  return *OpenAt(path)->Number(sql);
}

std::vector<const char*> Known() {
  return {sqlite::Migrations().begin(), sqlite::Migrations().end()};
}

TEST(Schema, AStoreOfVersionOneKeepsItsEvidenceAndTakesFeedback) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  ASSERT_TRUE(sqlite::Migrate(*OpenAt(path), sqlite::Migrations().first(1)).ok());
  Execute(path,
          "INSERT INTO names VALUES (1, 'ada'), (2, 'import:t'), (3, 'law');"
          "INSERT INTO evidence VALUES (1, 2, 7, x'030608');");  // 3 of 4 right in law
  auto store = OpenSqliteStore(path);
  ASSERT_TRUE(store.ok()) << store.error().message;
  const auto state = (*store)->registry().Load();
  ASSERT_TRUE(state.ok());
  ASSERT_EQ(state->evidence.List().size(), 1u);
  EXPECT_EQ(state->evidence.List()[0].trials, 4);
  StoreChange change;
  change.put_feedback = {{"d1", "", "ada", 1, {{"law", 0.5}}, WallTime{}, WallTime{}}};
  ASSERT_TRUE(testing::ApplyTo(**store, change).ok());
  const auto kept = (*store)->observations().FindFeedback("d1", "");
  ASSERT_TRUE(kept.ok() && kept->has_value());
  EXPECT_EQ((*kept)->skills.at(0).second, 0.5);
}

TEST(Schema, FeedbackOfVersionEightSaysHowCorrectItWasAndNoMore) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  ASSERT_TRUE(sqlite::Migrate(*OpenAt(path), sqlite::Migrations().first(8)).ok());
  Execute(path,
          "INSERT INTO names VALUES (1, 'ada');"
          "INSERT INTO feedback VALUES ('d1', '', 0, 0, x'0102', x'');");  // all right
  auto store = OpenSqliteStore(path);
  ASSERT_TRUE(store.ok()) << store.error().message;
  const auto kept = (*store)->observations().FindFeedback("d1", "");
  ASSERT_TRUE(kept.ok() && kept->has_value());
  EXPECT_EQ((*kept)->expert, "ada");
  EXPECT_EQ((*kept)->score, 1);
  EXPECT_FALSE((*kept)->helpfulness.has_value());
}

TEST(Schema, AStoreOfVersionTwoKeepsItsSkillsAndTakesProposals) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  ASSERT_TRUE(sqlite::Migrate(*OpenAt(path), sqlite::Migrations().first(2)).ok());
  Execute(path,
          "INSERT INTO skills VALUES ('law', '{\"category\":\"social\"}');"
          "INSERT INTO names VALUES (1, 'ada'), (2, 'law');"
          "INSERT INTO feedback VALUES ('d1', '', 0, 0, x'01000000000000E03F', x'');"
          "UPDATE registry SET revision = 41;");
  StoreChange change;
  change.put_proposals = {{"p1", WallTime{}, "n", "open", 1, 2, "{}"}};
  {
    auto store = OpenSqliteStore(path);
    ASSERT_TRUE(store.ok()) << store.error().message;
    EXPECT_EQ((*store)->registry().Load()->skills.at(0).category, "social");
    EXPECT_TRUE((*store)->proposals().List()->empty());
    EXPECT_EQ(*testing::ApplyTo(**store, change), 42u);
  }
  EXPECT_EQ(Number(path, "PRAGMA user_version"),
            static_cast<std::int64_t>(sqlite::Migrations().size()));
  EXPECT_EQ(Number(path, "SELECT trained FROM registry"), 41);
  EXPECT_EQ(Number(path, "SELECT count(*) FROM feedback"), 1);
  EXPECT_EQ(**(*OpenSqliteStore(path))->proposals().Get("p1"), change.put_proposals[0]);
}

TEST(Schema, AStoreOfVersionFourKeepsItsDecisionsWhichMoveLittleByLittle) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  ASSERT_TRUE(sqlite::Migrate(*OpenAt(path), sqlite::Migrations().first(4)).ok());
  const auto now = std::chrono::system_clock::now();
  {
    auto database = OpenAt(path);
    ASSERT_TRUE(database->Execute("BEGIN").ok());
    const std::string json =
        R"({"id":"x","usage":{"prompt_tokens":7,"completion_tokens":3},"cost_usd":0.5,)"
        R"("attempts":[{"expert":"e"}],"timings":{"total_ms":12.5}})";
    for (std::int64_t i = 1; i <= 2'500; ++i) {
      const std::string id = "old-" + std::to_string(i);
      ASSERT_TRUE(database->Use("INSERT INTO decisions VALUES (?, ?, ?, 'auto', 'e', 's', 'ok')")
                      .Bind(i)
                      .Bind(id)
                      .Bind(now)
                      .Run()
                      .ok());
      ASSERT_TRUE(database->Use("INSERT INTO decision_bodies VALUES (?, 'r', ?)")
                      .Bind(i)
                      .Bind(json)
                      .Run()
                      .ok());
    }
    ASSERT_TRUE(database->Execute("COMMIT").ok());
  }
  auto store = OpenSqliteStore(path);
  ASSERT_TRUE(store.ok()) << store.error().message;
  DecisionLog& log = (*store)->decisions();
  // Before anything has moved: found by id, and newer ones come after.
  EXPECT_EQ((*log.Get("old-1"))->prompt_tokens, 7);
  ASSERT_TRUE(log.Add({testing::MakeDecision(1, now)}).ok());
  const DecisionRetention keep;
  EXPECT_TRUE(*log.Tidy(keep));
  EXPECT_EQ(log.List({})->at(1).id, "old-2500");
  ASSERT_TRUE(testing::TidyAll(**store, keep).ok());
  EXPECT_EQ(Number(path, "SELECT count(*) FROM sqlite_master WHERE name = 'decisions'"), 0);
  EXPECT_EQ(Number(path, "SELECT count(*) FROM decision_log"), 2'501);
  const auto oldest = log.Get("old-1");
  ASSERT_TRUE(oldest.ok() && oldest->has_value());
  EXPECT_EQ((*oldest)->completion_tokens, 3);
  EXPECT_EQ((*oldest)->cost_usd, 0.5);
  EXPECT_EQ((*oldest)->latency_ms, 12.5);
  EXPECT_EQ((*oldest)->calls, 1);
  EXPECT_EQ((*oldest)->status, 200);
  DecisionFilter filter;
  filter.expert = "e";
  filter.status = 200;
  filter.limit = 1000;
  std::size_t found = 0;
  for (auto page = log.List(filter); page.ok() && !page->empty(); page = log.List(filter)) {
    found += page->size();
    filter.before_id = page->back().id;
  }
  EXPECT_EQ(found, 2'500u);
  EXPECT_EQ(log.Usage({})->at(0).sums.requests, 2'501);
}

TEST(Schema, AStoreOfVersionFiveKeepsItsUsageWhichMovesHourByHour) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  ASSERT_TRUE(sqlite::Migrate(*OpenAt(path), sqlite::Migrations().first(5)).ok());
  const auto now = std::chrono::system_clock::now();
  const auto hour = std::chrono::floor<std::chrono::hours>(now);
  {
    auto database = OpenAt(path);
    for (std::int64_t i = 0; i < 12; ++i) {  // two cells in each of six hours
      ASSERT_TRUE(database
                      ->Use("INSERT INTO usage VALUES (?, 'auto', 'e', ?, 'key-0', 3, 1, 0, 70, "
                            "30, 0.5, 12.5, 4)")
                      .Bind(hour.time_since_epoch().count() - i / 2)
                      .Bind(std::string_view(i % 2 == 0 ? "law" : "algebra"))
                      .Run()
                      .ok());
    }
  }
  auto store = OpenSqliteStore(path);
  ASSERT_TRUE(store.ok()) << store.error().message;
  DecisionLog& log = (*store)->decisions();
  ASSERT_TRUE(log.Add({testing::MakeDecision(0, now)}).ok());
  EXPECT_TRUE(*log.Tidy({}));
  EXPECT_EQ(Number(path, "SELECT count(*) FROM usage"), 10);
  ASSERT_TRUE(testing::TidyAll(**store, {}).ok());
  EXPECT_EQ(Number(path, "SELECT count(*) FROM sqlite_master WHERE name LIKE 'usage%'"), 1);
  const auto all = log.Usage({});
  ASSERT_EQ(all->size(), 6u);
  EXPECT_EQ(all->at(0).sums, (UsageSums{7, 3, 0, 150, 65, 1.25, 27, 9}));
  const auto law = log.Usage({.skill = "law", .client = "key-0", .group = UsageGroup::kExpert});
  ASSERT_EQ(law->size(), 6u);
  EXPECT_EQ(law->at(5).value, "e");
  EXPECT_EQ(law->at(5).sums, (UsageSums{3, 1, 0, 70, 30, 0.5, 12.5, 4}));
}

TEST(Schema, OldDecisionsThatAreTooManyAreDropped) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  ASSERT_TRUE(sqlite::Migrate(*OpenAt(path), sqlite::Migrations().first(4)).ok());
  Execute(path,
          "INSERT INTO decisions VALUES (1, 'a', 0, 'auto', 'e', 's', 'ok');"
          "INSERT INTO decision_bodies VALUES (1, 'r', '{}');");
  auto store = OpenSqliteStore(path);
  ASSERT_TRUE(store.ok());
  ASSERT_TRUE(testing::TidyAll(**store, {}).ok());  // it is of 1970
  EXPECT_TRUE((*store)->decisions().List({})->empty());
  EXPECT_FALSE((*store)->decisions().Get("a")->has_value());
}

TEST(Schema, AMissingTableIsSaidAtTheStart) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  for (const char* table : {"usage_parts", "decision_blocks", "observations", "keys"}) {
    std::filesystem::remove(path);
    ASSERT_TRUE(OpenSqliteStore(path).ok());
    Execute(path, std::string("DROP TABLE ") + table);
    const auto opened = OpenSqliteStore(path);
    ASSERT_FALSE(opened.ok()) << table;
    EXPECT_NE(opened.error().message.find("its table `" + std::string(table) + "` is missing"),
              std::string::npos);
  }
}

TEST(Schema, AnOlderBinaryRefusesANewerStoreAndSaysBothVersions) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  ASSERT_TRUE(OpenSqliteStore(path).ok());
  Execute(path, "PRAGMA user_version=99");
  const auto opened = OpenSqliteStore(path);
  ASSERT_FALSE(opened.ok());
  const std::string& message = opened.error().message;
  EXPECT_NE(message.find("schema version 99"), std::string::npos) << message;
  EXPECT_NE(message.find("up to " + std::to_string(sqlite::Migrations().size())),
            std::string::npos);
  EXPECT_NE(message.find("Run the moerge that wrote it or a newer one"), std::string::npos);
  EXPECT_EQ(Number(path, "PRAGMA user_version"), 99);
}

TEST(Schema, ANewerBinaryUpgradesAndKeepsTheData) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  StoreChange change;
  change.put_skills = {testing::MakeSkill("law")};
  ASSERT_TRUE(testing::ApplyTo(**OpenSqliteStore(path), change).ok());
  std::vector<const char*> newer = Known();
  newer.push_back("ALTER TABLE skills ADD COLUMN extra TEXT;");
  newer.push_back("CREATE TABLE third (x);");
  auto database = OpenAt(path);
  ASSERT_TRUE(sqlite::CheckSchema(*database, newer).ok());
  ASSERT_TRUE(sqlite::Migrate(*database, newer).ok());
  EXPECT_EQ(*database->Number("PRAGMA user_version"), static_cast<std::int64_t>(newer.size()));
  EXPECT_EQ(*database->Number("SELECT count(*) FROM skills WHERE extra IS NULL"), 1);
  EXPECT_TRUE(sqlite::Migrate(*database, newer).ok());  // a second time there is nothing to do
}

TEST(Schema, AHalfWrittenMigrationIsRolledBack) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  ASSERT_TRUE(OpenSqliteStore(path).ok());
  std::vector<const char*> broken = Known();
  broken.push_back("CREATE TABLE half (x); CREATE TABLE half (x);");
  EXPECT_FALSE(sqlite::Migrate(*OpenAt(path), broken).ok());
  EXPECT_EQ(Number(path, "PRAGMA user_version"), static_cast<std::int64_t>(Known().size()));
  EXPECT_EQ(Number(path, "SELECT count(*) FROM sqlite_master WHERE name = 'half'"), 0);
  EXPECT_TRUE(OpenSqliteStore(path).ok());
}

TEST(Schema, AFailedFirstMigrationLeavesAFileThatOpensLater) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  const std::vector<const char*> broken = {"CREATE TABLE half (x); nonsense;"};
  EXPECT_FALSE(sqlite::Migrate(*OpenAt(path), broken).ok());
  EXPECT_TRUE(OpenSqliteStore(path).ok());
}

TEST(Schema, ADatabaseOfAnotherProgramIsLeftAlone) {
  const testing::TempFolder folder;
  const std::string path = folder.File("other.db");
  Execute(path, "CREATE TABLE theirs (x)");
  const auto opened = OpenSqliteStore(path);
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().message.find("of another program"), std::string::npos);
  EXPECT_EQ(Number(path, "SELECT count(*) FROM sqlite_master"), 1);
}

TEST(Schema, AFileThatIsNoDatabaseIsRefusedAndKept) {
  const testing::TempFolder folder;
  const std::string path = folder.File("notes.txt");
  std::ofstream(path) << std::string(5000, 'x');
  const auto opened = OpenSqliteStore(path);
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().message.find("is not a SQLite database"), std::string::npos)
      << opened.error().message;
  EXPECT_EQ(std::filesystem::file_size(path), 5000u);
}

TEST(Schema, AnEmptyFileBecomesAStore) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  std::ofstream(path).flush();
  EXPECT_TRUE(OpenSqliteStore(path).ok());
}

TEST(Schema, ANewFileIsPrivateAndSoAreItsSideFiles) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  const auto store = OpenSqliteStore(path);
  ASSERT_TRUE(store.ok());
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status {};
    ASSERT_EQ(::stat((path + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << suffix;
  }
}

}  // namespace
}  // namespace moerge
