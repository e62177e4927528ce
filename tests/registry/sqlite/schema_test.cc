#include "registry/sqlite/schema.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "registry/sqlite/sqlite_store.h"
#include "tests/registry/support.h"

namespace moerge {
namespace {

using sqlite::Database;

std::unique_ptr<Database> Open(const std::string& path) {
  auto database = Database::Open(path, {});
  EXPECT_TRUE(database.ok()) << (database.ok() ? "" : database.error().message);
  return database.ok() ? *std::move(database) : nullptr;
}

void Execute(const std::string& path, const std::string& sql) {
  const Status done = Open(path)->Execute(sql);
  ASSERT_TRUE(done.ok()) << done.error().detail;
}

std::int64_t Number(const std::string& path, const std::string& sql) {
  return *Open(path)->Number(sql);
}

std::vector<const char*> Known() {
  return {sqlite::Migrations().begin(), sqlite::Migrations().end()};
}

TEST(Schema, AStoreOfVersionOneKeepsItsEvidenceAndTakesFeedback) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  ASSERT_TRUE(sqlite::Migrate(*Open(path), sqlite::Migrations().first(1)).ok());
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

TEST(Schema, AStoreOfVersionTwoKeepsItsSkillsAndTakesProposals) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  ASSERT_TRUE(sqlite::Migrate(*Open(path), sqlite::Migrations().first(2)).ok());
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
  auto database = Open(path);
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
  EXPECT_FALSE(sqlite::Migrate(*Open(path), broken).ok());
  EXPECT_EQ(Number(path, "PRAGMA user_version"), static_cast<std::int64_t>(Known().size()));
  EXPECT_EQ(Number(path, "SELECT count(*) FROM sqlite_master WHERE name = 'half'"), 0);
  EXPECT_TRUE(OpenSqliteStore(path).ok());
}

TEST(Schema, AFailedFirstMigrationLeavesAFileThatOpensLater) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  const std::vector<const char*> broken = {"CREATE TABLE half (x); nonsense;"};
  EXPECT_FALSE(sqlite::Migrate(*Open(path), broken).ok());
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
