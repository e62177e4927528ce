// Several servers on one store: nobody's change is lost, and none makes the store unusable.
#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "registry/registry.h"
#include "registry/sqlite/database.h"
#include "tests/registry/support.h"

namespace moerge {
namespace {

using testing::MakeBackend;
using testing::MakeExpert;
using testing::MakeKey;
using testing::MakeSkill;

TEST(Registry, WhatAnotherProcessWroteToTheStoreIsTakenOver) {
  const testing::TempFolder folder;
  const std::string url = "sqlite:" + folder.File("moerge.db");
  Metrics metrics;
  StoreThread store(*OpenStore(url), metrics);
  Registry registry(store);
  ASSERT_TRUE(registry.Start({}).ok());
  StoreChange theirs;
  theirs.put_skills = {MakeSkill("theirs")};
  ASSERT_TRUE(testing::ApplyTo(**OpenStore(url), theirs).ok());
  StoreChange ours;
  ours.put_skills = {MakeSkill("ours")};
  EXPECT_EQ(*registry.ChangeAndWait(ours), 2u);
  EXPECT_NE(registry.Current()->FindSkill("theirs"), nullptr);
  EXPECT_NE(registry.Current()->FindSkill("ours"), nullptr);
}

// Two servers on one store, without their own clocks: each looks for news when it is told to.
class TwoServers : public ::testing::Test {
 protected:
  struct Server {
    explicit Server(const std::string& url) : store(*OpenStore(url), metrics) {
      const Status status = registry.Start({});
      EXPECT_TRUE(status.ok()) << status.error().message;
    }
    Metrics metrics;
    StoreThread store;
    Registry registry{store};
  };

  testing::TempFolder folder_;
  std::string path_ = folder_.File("moerge.db");
  std::string url_ = "sqlite:" + path_;
};

TEST_F(TwoServers, ALostRaceIsCheckedAgainAndTheStoreStillStarts) {
  Server one(url_);
  StoreChange backend;
  backend.put_backends = {MakeBackend("gpu")};
  ASSERT_TRUE(one.registry.ChangeAndWait(backend).ok());
  Server two(url_);
  StoreChange add;
  add.put_experts = {MakeExpert("mine")};
  StoreChange remove;
  remove.remove_backends = {"gpu"};
  ASSERT_TRUE(one.registry.ChangeAndWait(add).ok());
  const auto removed = two.registry.ChangeAndWait(remove);
  ASSERT_FALSE(removed.ok());
  EXPECT_EQ(removed.error().code, ErrorCode::kConflict);
  EXPECT_NE(removed.error().message.find("backend `gpu` is in use by `mine`"), std::string::npos);
  EXPECT_NE(two.registry.Current()->FindExpert("mine"), nullptr);
  const Server third(url_);
  EXPECT_NE(third.registry.Current()->FindExpert("mine"), nullptr);
}

TEST_F(TwoServers, WhatOneWritesIsInForceAtTheOther) {
  Server one(url_);
  Server two(url_);
  StoreChange change;
  change.put_skills = {MakeSkill("law")};
  change.put_keys = {MakeKey("admin")};
  change.add_observations = {{"1", "p", "law", "import:t", {}}};
  ASSERT_TRUE(one.registry.ChangeAndWait(change).ok());
  two.registry.Refresh();
  const SnapshotPtr snapshot = two.registry.Current();
  EXPECT_EQ(snapshot->revision, 1u);
  EXPECT_NE(snapshot->FindSkill("law"), nullptr);
  EXPECT_EQ(snapshot->keys.size(), 1u);
  EXPECT_EQ(snapshot->training_revision, one.registry.Current()->training_revision);
  EXPECT_NE(two.metrics.Text().find("moerge_registry_revision 1"), std::string::npos);
  EXPECT_NE(two.metrics.Text().find("moerge_registry_taken_over_total 1"), std::string::npos);
}

TEST_F(TwoServers, NobodyHasToAskForIt) {
  Server one(url_);
  std::promise<std::uint64_t> seen;
  {
    Metrics metrics;
    StoreThread store(*OpenStore(url_), metrics);
    Registry registry(store);
    registry.OnPublish([&](const SnapshotPtr& next) {
      if (next->revision > 0) seen.set_value(next->revision);
    });
    ASSERT_TRUE(registry.Start({}).ok());
    ASSERT_TRUE(one.registry.ChangeAndWait({}).ok());
    EXPECT_EQ(seen.get_future().get(), 1u);
  }
}

TEST_F(TwoServers, WhatDoesNotFitTheOthersFileIsSaidAndItsOldStateStays) {
  Server one(url_);
  Metrics metrics;
  StoreThread store(*OpenStore(url_), metrics);
  Registry two(store);
  DeclaredState declared;
  declared.file = "two.yaml";
  declared.skills = {MakeSkill("law", Origin::kFile)};
  ASSERT_TRUE(two.Start(declared).ok());
  StoreChange clash;
  clash.put_skills = {MakeSkill("law")};
  ASSERT_TRUE(one.registry.ChangeAndWait(clash).ok());
  two.Refresh();
  EXPECT_EQ(two.Current()->revision, 0u);
  const std::string why = store.health().Why(StoreHealth::Part::kRegistry);
  EXPECT_NE(why.find("what another process wrote to the store (revision 1)"), std::string::npos);
  EXPECT_NE(why.find("routing goes on with revision 0"), std::string::npos) << why;
  EXPECT_EQ(two.ChangeAndWait({}).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(two.Redeclare({}).ok());  // a file that fits mends it
  two.Refresh();
  EXPECT_EQ(store.health().Failing(), "");
}

TEST_F(TwoServers, AStoreThatIsGoneRefusesChangesAndRoutingGoesOn) {
  Server one(url_);
  StoreChange change;
  change.put_skills = {MakeSkill("law")};
  ASSERT_TRUE(one.registry.ChangeAndWait(change).ok());
  std::filesystem::rename(path_, path_ + ".away");
  change.put_skills = {MakeSkill("art")};
  const auto lost = one.registry.ChangeAndWait(change);
  ASSERT_FALSE(lost.ok());
  EXPECT_NE(lost.error().message.find("was removed or replaced"), std::string::npos);
  EXPECT_NE(one.registry.Current()->FindSkill("law"), nullptr);
  EXPECT_NE(one.store.health().Why(StoreHealth::Part::kRegistry), "");
  EXPECT_NE(one.metrics.Text().find("moerge_store_ok{part=\"registry\"} 0"), std::string::npos);
  std::filesystem::rename(path_ + ".away", path_);
  EXPECT_TRUE(one.registry.ChangeAndWait(change).ok());
  EXPECT_EQ(one.store.health().Why(StoreHealth::Part::kRegistry), "");
  std::filesystem::rename(path_, path_ + ".away");
  { const auto other = OpenStore(url_); }  // another file in its place is no better
  EXPECT_FALSE(one.registry.ChangeAndWait(change).ok());
}

TEST_F(TwoServers, AStoreThatANewerMoergeChangedRefusesChanges) {
  Server one(url_);
  ASSERT_TRUE((*sqlite::Database::Open(path_, {}))->Execute("PRAGMA user_version=99").ok());
  const auto refused = one.registry.ChangeAndWait({});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("schema version 99"), std::string::npos);
  EXPECT_NE(one.registry.Current(), nullptr);
}

}  // namespace
}  // namespace moerge
