#include "registry/revision_history.h"

#include <gtest/gtest.h>

#include "registry/entity_json.h"
#include "tests/registry/support.h"

namespace moerge {
namespace {

using testing::MakeBackend;
using testing::MakeExpert;
using testing::MakeKey;
using testing::MakePolicy;
using testing::MakeSkill;

class RevisionHistory : public ::testing::Test {
 protected:
  void SetUp() override {
    DeclaredState declared;
    declared.policies = {MakePolicy("filed", Origin::kFile)};
    ASSERT_TRUE(registry_.Start(declared).ok());
  }
  std::uint64_t Change(const StoreChange& change) {
    const auto revision = registry_.ChangeAndWait(change);
    EXPECT_TRUE(revision.ok()) << revision.error().message;
    return registry_.Current()->revision;
  }
  std::vector<AuditRecord> RecordsAfter(std::uint64_t revision) {
    std::vector<AuditRecord> records;
    store_.Run([&](Store& store) {
      AuditFilter filter;
      filter.after_revision = revision;
      records = *store.audit().List(filter);
    });
    return records;
  }
  Restoration Restored(std::uint64_t revision) {
    return RestorationOf(RecordsAfter(revision), *registry_.Current());
  }
  // All entries of the store, as JSON.
  std::string State() {
    std::string all;
    store_.Run([&](Store& store) {
      const StoredState state = *store.registry().Load();
      for (const auto& one : state.backends) all += one.name + ToJson(one) + "\n";
      for (const auto& one : state.experts) all += one.name + ToJson(one) + "\n";
      for (const auto& one : state.skills) all += one.name + ToJson(one) + "\n";
      for (const auto& one : state.policies) all += one.name + ToJson(one) + "\n";
    });
    return all;
  }

  Metrics metrics_;
  StoreThread store_{std::make_unique<MemoryStore>(), metrics_};
  Registry registry_{store_};
};

TEST_F(RevisionHistory, AnEarlierStateIsBroughtBackToTheByte) {
  StoreChange first;
  first.put_backends = {MakeBackend("gpu")};
  first.put_backends[0].headers = {{"x-secret", "literal"}};
  first.put_experts = {MakeExpert("a"), MakeExpert("b")};
  first.put_skills = {MakeSkill("law")};
  const std::uint64_t wanted = Change(first);
  const std::string before = State();
  StoreChange second;
  second.put_experts = {MakeExpert("c")};
  second.remove_experts = {"b"};
  second.put_backends = first.put_backends;
  second.put_backends[0].retries = 0;
  second.remove_skills = {"law"};
  second.put_policies = {MakePolicy("auto")};
  Change(second);
  StoreChange third;
  third.put_experts = {MakeExpert("a")};
  third.put_experts[0].enabled = false;
  third.remove_experts = {"c"};
  Change(third);
  EXPECT_NE(State(), before);
  const Restoration restoration = Restored(wanted);
  EXPECT_TRUE(restoration.skipped.empty());
  Change(restoration.change);
  EXPECT_EQ(State(), before);
}

TEST_F(RevisionHistory, KeysProfilesAndTheFilesEntriesStayAsTheyAre) {
  const std::uint64_t start = registry_.Current()->revision;
  StoreChange change;
  change.put_keys = {MakeKey("k")};
  change.put_evidence = {{"a", "law", 1, 2, "import:t", {}}};
  Change(change);
  DeclaredState declared;
  declared.policies = {MakePolicy("filed", Origin::kFile)};
  declared.policies[0].experts = 3;
  ASSERT_TRUE(registry_.Redeclare(declared).ok());
  const Restoration restoration = Restored(start);
  EXPECT_TRUE(restoration.change.empty());
  ASSERT_EQ(restoration.skipped.size(), 3u);
  EXPECT_EQ(restoration.skipped[0], "key `k`: keys are not brought back");
  EXPECT_EQ(restoration.skipped[1], "policy `filed`: it belongs to the configuration file");
}

TEST_F(RevisionHistory, WhatTheRecordDoesNotHoldIsSaid) {
  StoreChange change;
  change.put_backends = {MakeBackend("gpu")};
  change.put_backends[0].headers = {{"x-secret", "literal"}};
  change.put_skills = {MakeSkill("long")};
  change.put_skills[0].examples.assign(20, std::string(4'000, 'x'));
  const std::uint64_t wanted = Change(change);
  StoreChange removal;
  removal.remove_backends = {"gpu"};
  removal.remove_skills = {"long"};
  Change(removal);
  const Restoration restoration = Restored(wanted);
  EXPECT_TRUE(restoration.change.empty());
  EXPECT_EQ(restoration.skipped.size(), 2u);
}

TEST(DifferencesOf, TakesTheOldestBeforeAndTheNewestAfter) {
  const auto record = [](std::uint64_t revision, const char* before, const char* after) {
    AuditRecord one;
    one.revision = revision;
    one.kind = "skill";
    one.name = "s";
    one.before = before;
    one.after = after;
    return one;
  };
  const auto changed = DifferencesOf({record(3, "{2}", "{3}"), record(2, "{1}", "{2}")});
  ASSERT_EQ(changed.size(), 1u);
  EXPECT_EQ(changed[0].before, "{1}");
  EXPECT_EQ(changed[0].after, "{3}");
  EXPECT_TRUE(DifferencesOf({record(3, "{2}", "{1}"), record(2, "{1}", "{2}")}).empty());
}

}  // namespace
}  // namespace moerge
