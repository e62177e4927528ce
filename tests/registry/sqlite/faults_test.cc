// What a store says when the disk, another program or damage is in the way.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "registry/sqlite/sqlite_store.h"
#include "tests/registry/support.h"

namespace moerge {
namespace {

using testing::MakeDecision;
using testing::MakeSkill;

StoreChange BigChange(int number) {
  Skill skill = MakeSkill("skill" + std::to_string(number));
  skill.description = std::string(20'000, 'x');
  StoreChange change;
  change.put_skills = {skill};
  return change;
}

std::unique_ptr<Store> Open(const std::string& path, const sqlite::Options& options = {}) {
  auto store = OpenSqliteStore(path, options);
  EXPECT_TRUE(store.ok()) << (store.ok() ? "" : store.error().message);
  return store.ok() ? *std::move(store) : nullptr;
}

TEST(Faults, AFullDiskIsAnErrorAndNothingOfTheChangeStays) {
  const testing::TempFolder folder;
  const auto store = Open(folder.File("moerge.db"), {.max_pages = 60});
  Result<std::uint64_t> revision = std::uint64_t{0};
  std::uint64_t applied = 0;
  for (int i = 0; i < 100 && revision.ok(); ++i) {
    revision = testing::ApplyTo(*store, BigChange(i));
    if (revision.ok()) applied = *revision;
  }
  ASSERT_FALSE(revision.ok());
  EXPECT_EQ(revision.error().code, ErrorCode::kInternal);
  EXPECT_NE(revision.error().message.find("disk is full"), std::string::npos);
  const auto state = store->registry().Load();
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(state->revision, applied);
  EXPECT_EQ(state->skills.size(), applied);
  StoreChange shrink;
  shrink.remove_skills = {"skill0", "skill1"};
  ASSERT_TRUE(testing::ApplyTo(*store, shrink).ok());
  EXPECT_TRUE(testing::ApplyTo(*store, BigChange(200)).ok());  // room again, work again
}

TEST(Faults, AFullDiskLosesAGroupOfDecisionsWhole) {
  const testing::TempFolder folder;
  const auto store = Open(folder.File("moerge.db"), {.max_pages = 40});
  std::vector<DecisionRecord> group;
  for (int i = 0; i < 100; ++i) {
    group.push_back(MakeDecision(i, std::chrono::system_clock::now()));
    group.back().json = std::string(5'000, 'x');
  }
  const Status added = store->decisions().Add(group);
  ASSERT_FALSE(added.ok());
  EXPECT_EQ(added.error().code, ErrorCode::kInternal);
  EXPECT_TRUE(store->decisions().List({})->empty());
  EXPECT_TRUE(testing::ApplyTo(*store, {}).ok());
}

// In a process of its own, since the limit is the process's.
int ApplyUnderFileSizeLimit(const std::string& path) {
  auto store = OpenSqliteStore(path);
  if (!store.ok()) return 10;
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{300'000, 300'000};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  for (int i = 0; i < 100; ++i) {
    const auto revision = testing::ApplyTo(**store, BigChange(i));
    if (!revision.ok()) return (*store)->registry().Load().ok() ? 0 : 11;
  }
  return 12;
}

TEST(Faults, AWriteThatTheSystemRefusesIsAnError) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  const pid_t child = ::fork();
  if (child == 0) _exit(ApplyUnderFileSizeLimit(path));
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(Open(path)->registry().Load().ok());
}

TEST(Faults, ALockedDatabaseIsUnavailableAndWorksAgainLater) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  const auto store = Open(path, {.busy_timeout = std::chrono::milliseconds(10)});
  auto other = sqlite::Database::Open(path, {});
  ASSERT_TRUE((*other)->Execute("BEGIN IMMEDIATE").ok());
  const auto revision = testing::ApplyTo(*store, BigChange(1));
  ASSERT_FALSE(revision.ok());
  EXPECT_EQ(revision.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(revision.error().message.find("locked by another program"), std::string::npos);
  EXPECT_GT(revision.error().retry_after.count(), 0);
  const Status added = store->decisions().Add({MakeDecision(1, {})});
  ASSERT_FALSE(added.ok());
  EXPECT_EQ(added.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(store->registry().Load().ok());  // readers are not held up
  ASSERT_TRUE((*other)->Execute("COMMIT").ok());
  EXPECT_TRUE(testing::ApplyTo(*store, BigChange(1)).ok());
}

TEST(Faults, AMissingFolderIsNamed) {
  const testing::TempFolder folder;
  const auto store = OpenSqliteStore(folder.File("missing/moerge.db"));
  ASSERT_FALSE(store.ok());
  EXPECT_NE(store.error().message.find("missing/moerge.db"), std::string::npos);
  EXPECT_NE(store.error().message.find("No such file or directory"), std::string::npos);
}

TEST(Faults, AFolderInPlaceOfTheFileIsAnError) {
  const testing::TempFolder folder;
  std::filesystem::create_directory(folder.File("moerge.db"));
  EXPECT_FALSE(OpenSqliteStore(folder.File("moerge.db")).ok());
}

// In a process of its own that gives up the rights of root, which may write to everything.
int OpenWithoutRights(const std::string& path) {
  if (::geteuid() == 0 && ::setuid(65534) != 0) return 10;
  const auto store = OpenSqliteStore(path);
  if (store.ok()) return 11;
  return store.error().message.find("read-only") != std::string::npos ||
                 store.error().message.find("cannot be opened") != std::string::npos
             ? 0
             : 12;
}

TEST(Faults, AReadOnlyFileIsAnErrorAtOpening) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  Open(path).reset();
  ::chmod(path.c_str(), 0444);
  ::chmod(folder.File(".").c_str(), 0555);
  const pid_t child = ::fork();
  if (child == 0) _exit(OpenWithoutRights(path));
  int status = 0;
  ::waitpid(child, &status, 0);
  ::chmod(folder.File(".").c_str(), 0700);
  EXPECT_EQ(status, 0) << WEXITSTATUS(status);
}

// Writes rubbish over the pages of a table that opening does not read.
void Scramble(const std::string& path, const std::string& table) {
  std::int64_t page = 0;
  {
    auto database = *sqlite::Database::Open(path, {});
    ASSERT_TRUE(database->Execute("PRAGMA wal_checkpoint(TRUNCATE)").ok());
    page = *database->Number("SELECT rootpage FROM sqlite_master WHERE name = '" + table + "'");
  }
  constexpr int kPageSize = 16'384;
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp((page - 1) * kPageSize);
  file << std::string(kPageSize, '\x55');
}

TEST(Faults, DamageThatOpeningDoesNotTouchIsFoundByTheReader) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  {
    const auto store = Open(path);
    ASSERT_TRUE(store->decisions().Add({MakeDecision(1, std::chrono::system_clock::now())}).ok());
    const auto reader = store->OpenReader();
    ASSERT_TRUE(reader.ok());
    EXPECT_TRUE((*reader)->CheckFile(std::chrono::seconds(60)).ok());
  }
  Scramble(path, "decision_log");
  const auto store = Open(path);
  ASSERT_NE(store, nullptr);
  const Status checked = (*store->OpenReader())->CheckFile(std::chrono::seconds(60));
  ASSERT_FALSE(checked.ok());
  EXPECT_NE(checked.error().message.find("damaged"), std::string::npos) << checked.error().message;
}

TEST(Faults, ABlockThatCannotBeReadIsMadeAgainFromItsRows) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  const auto store = Open(path);
  const auto now = std::chrono::system_clock::now();
  ASSERT_TRUE(store->decisions().Add({MakeDecision(1, now), MakeDecision(2, now)}).ok());
  auto database = *sqlite::Database::Open(path, {});
  ASSERT_TRUE(database->Execute("UPDATE decision_blocks SET columns = x'FFFF'").ok());
  DecisionFilter filter;
  filter.expert = "expert-2";
  EXPECT_FALSE(store->decisions().List(filter).ok());
  ASSERT_TRUE(store->decisions().Add({MakeDecision(5, now)}).ok());
  const auto page = store->decisions().List(filter);
  ASSERT_TRUE(page.ok()) << page.error().message;
  ASSERT_EQ(page->size(), 2u);
  EXPECT_EQ(page->at(0).id, "decision-5");
  EXPECT_EQ(page->at(1).id, "decision-2");
}

TEST(Faults, AReaderSeesWhatIsWrittenAndDoesNotHoldItUp) {
  const testing::TempFolder folder;
  const auto store = Open(folder.File("moerge.db"));
  auto reader = store->OpenReader();
  ASSERT_TRUE(reader.ok());
  const auto now = std::chrono::system_clock::now();
  ASSERT_TRUE(store->decisions().Add({MakeDecision(1, now)}).ok());
  EXPECT_EQ((*reader)->decisions().List({})->size(), 1u);
  EXPECT_TRUE((*reader)->decisions().Get("decision-1")->has_value());
  EXPECT_EQ((*reader)->decisions().Usage({})->size(), 1u);
  ASSERT_TRUE(store->decisions().Add({MakeDecision(2, now)}).ok());
  EXPECT_EQ((*reader)->decisions().List({})->size(), 2u);
}

TEST(Faults, DamagedEntriesAndEvidenceAreErrorsNotCrashes) {
  const testing::TempFolder folder;
  const std::string path = folder.File("moerge.db");
  StoreChange change;
  change.put_skills = {MakeSkill("law")};
  change.put_evidence = {{"x", "law", 1, 2, "s", {}}};
  change.add_observations = {{"1", "p", "law", "s", {{"x", 1}}}};
  ASSERT_TRUE(testing::ApplyTo(*Open(path), change).ok());
  auto database = *sqlite::Database::Open(path, {});
  const auto store = Open(path);
  for (const char* damage : {"UPDATE evidence SET cells = x'FF'", "UPDATE evidence SET expert = 77",
                             "UPDATE skills SET spec = '{'"}) {
    ASSERT_TRUE(database->Execute(damage).ok());
    const auto state = store->registry().Load();
    ASSERT_FALSE(state.ok()) << damage;
    EXPECT_NE(state.error().message.find("is damaged"), std::string::npos);
  }
  ASSERT_TRUE(database->Execute("UPDATE observations SET scores = x'80'").ok());
  EXPECT_FALSE(store->observations().Visit([](const Observation&) { return true; }).ok());
}

}  // namespace
}  // namespace moerge
