// What the contract (decision_log_test.cc) does not see of how SQLite keeps usage.
#include <gtest/gtest.h>

#include "registry/decision_filter.h"
#include "registry/sqlite/database.h"
#include "registry/sqlite/sqlite_store.h"
#include "registry/sqlite/tidy.h"
#include "tests/registry/support.h"

namespace moerge {
namespace {

class SqliteUsageTest : public ::testing::Test {
 protected:
  // So many decisions of an hour, in groups of 20, each with a client of its own in a round of 400.
  void Add(WallTime hour, int count) {
    for (int i = 0; i < count; i += 20) {
      std::vector<DecisionRecord> group;
      for (int j = i; j < i + 20; ++j) {
        group.push_back(testing::MakeDecision(j, hour));
        group.back().client = "client-" + std::to_string(j * 7 % 400);
      }
      ASSERT_TRUE(store_->decisions().Add(group).ok());
    }
  }

  std::int64_t Requests(const UsageFilter& filter) {
    std::int64_t requests = 0;
    const auto rows = store_->decisions().Usage(filter);
    EXPECT_TRUE(rows.ok()) << rows.error().message;
    for (const UsageRow& row : *rows) requests += row.sums.requests;
    return requests;
  }

  std::int64_t Parts() { return *Open()->Number("SELECT count(*) FROM usage_parts"); }
  std::unique_ptr<sqlite::Database> Open() { return *sqlite::Database::Open(path_, {}); }

  const testing::TempFolder folder_;
  const std::string path_ = folder_.File("moerge.db");
  std::unique_ptr<Store> store_ = *OpenSqliteStore(path_);
  const WallTime now_ = std::chrono::system_clock::now();
};

TEST_F(SqliteUsageTest, AnHourHasFewPartsHoweverManyGroups) {
  for (int round = 1; round <= 5; ++round) {
    Add(now_, 2'000);
    EXPECT_LE(Parts(), 12) << round;
    EXPECT_EQ(Requests({}), round * 2'000);
    EXPECT_EQ(Requests({.client = "client-7", .group = UsageGroup::kExpert}), round * 5);
  }
}

TEST_F(SqliteUsageTest, AnHourThatHasEndedBecomesOnePart) {
  const WallTime before = now_ - std::chrono::hours(1);
  Add(before, 3'000);
  Add(before, 20);
  ASSERT_GT(Parts(), 1);
  ASSERT_TRUE(sqlite::TidyDecisions(*Open(), {}, now_).ok());
  EXPECT_EQ(Parts(), 1);
  EXPECT_EQ(Requests({}), 3'020);
  EXPECT_EQ(Requests({.policy = "auto", .group = UsageGroup::kClient}), 1'510);
}

TEST_F(SqliteUsageTest, DamagedSumsAreSaidAndNewOnesAreStillKept) {
  Add(now_, 20);
  for (const char* blob : {"head", "body"}) {
    const std::string cut = "UPDATE usage_parts SET " + std::string(blob) + " = substr(" + blob +
                            ", 1, length(" + blob + ") - 1)";
    ASSERT_TRUE(Open()->Execute(cut).ok());
    const auto rows =
        store_->decisions().Usage({.client = "client-7", .group = UsageGroup::kExpert});
    ASSERT_FALSE(rows.ok()) << blob;
    EXPECT_NE(rows.error().message.find("is damaged: sums of usage cannot be read"),
              std::string::npos);
    Add(now_, 20);
    EXPECT_EQ(Parts(), 2) << "what is damaged is not joined";
    ASSERT_TRUE(Open()->Execute("DELETE FROM usage_parts").ok());
    Add(now_, 20);
    EXPECT_EQ(Requests({.client = "client-7", .group = UsageGroup::kExpert}), 1);
  }
}

}  // namespace
}  // namespace moerge
