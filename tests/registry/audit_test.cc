// The record of changes: what the registry writes there, and what stores keep.
#include "registry/audit.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/registry/store_fixture.h"

namespace moerge {
namespace {

using testing::MakeBackend;
using testing::MakeExpert;
using testing::MakeKey;
using testing::MakeSkill;
using testing::StoreTest;

template <class Kind>
class AuditLogTest : public StoreTest<Kind> {
 protected:
  static AuditRecord Record(int number) {
    AuditRecord record;
    record.time = StoreTest<Kind>::At(number);
    record.by = {number % 2 == 0 ? "ann" : "bob", "api", "r" + std::to_string(number)};
    record.action = "change";
    record.kind = number < 3 ? "skill" : "expert";
    record.name = "n" + std::to_string(number);
    record.before = "{\"number\":" + std::to_string(number) + "}";
    return record;
  }
  std::vector<std::string> Names(const AuditFilter& filter) {
    const auto page = this->store_->audit().List(filter);
    EXPECT_TRUE(page.ok());
    std::vector<std::string> names;
    for (const AuditRecord& record : *page) names.push_back(record.name);
    return names;
  }
};
TYPED_TEST_SUITE(AuditLogTest, testing::StoreKinds);

using Names = std::vector<std::string>;

TYPED_TEST(AuditLogTest, KeepsRecordsWithTheirChangeAndListsTheNewestFirst) {
  for (int i = 1; i <= 4; ++i) {
    StoreChange change;
    change.put_skills = {MakeSkill("s")};
    change.audit = {this->Record(i)};
    change.audit[0].revision = static_cast<std::uint64_t>(i);
    this->Apply(change);
  }
  const auto all = this->store_->audit().List({});
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), 4u);
  const AuditRecord& newest = all->front();
  EXPECT_EQ(newest.name, "n4");
  EXPECT_EQ(newest.revision, 4u);
  EXPECT_EQ(newest.by.who, "ann");
  EXPECT_EQ(newest.by.through, "api");
  EXPECT_EQ(newest.by.request_id, "r4");
  EXPECT_EQ(newest.before, "{\"number\":4}");
  EXPECT_EQ(newest.after, "");
  EXPECT_EQ(newest.time, this->At(4));
  EXPECT_EQ(this->Names({.who = "bob"}), (Names{"n3", "n1"}));
  EXPECT_EQ(this->Names({.kind = "skill"}), (Names{"n2", "n1"}));
  EXPECT_EQ(this->Names({.name = "n2"}), (Names{"n2"}));
  EXPECT_EQ(this->Names({.action = "remove"}), Names{});
  EXPECT_EQ(this->Names({.revision = 3}), (Names{"n3"}));
  EXPECT_EQ(this->Names({.since = this->At(2), .until = this->At(3)}), (Names{"n3", "n2"}));
  EXPECT_EQ(this->Names({.after_revision = 2}), (Names{"n4", "n3"}));
  EXPECT_EQ(this->Names({.limit = 2}), (Names{"n4", "n3"}));
  EXPECT_EQ(this->Names({.before_id = (*all)[1].id, .limit = 1}), (Names{"n2"}));
}

TYPED_TEST(AuditLogTest, AChangeThatLosesLeavesNoRecord) {
  StoreChange change;
  change.audit = {this->Record(1)};
  EXPECT_FALSE(this->store_->registry().Apply(change, 7).ok());
  EXPECT_EQ(this->Names({}), Names{});
}

TEST(AuditRows, NoProgramChangesOrRemovesThem) {
  testing::TempFolder folder;
  const std::string path = folder.File("a.db");
  auto store = OpenStore("sqlite:" + path);
  ASSERT_TRUE(store.ok());
  StoreChange change;
  change.audit.emplace_back().revision = 1;
  ASSERT_TRUE(testing::ApplyTo(**store, change).ok());
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &raw), SQLITE_OK);
  for (const char* sql : {"UPDATE audit SET who = 'x'", "DELETE FROM audit"}) {
    EXPECT_NE(sqlite3_exec(raw, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sql;
  }
  sqlite3_close(raw);
  const auto kept = (*store)->audit().List({});
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(kept->size(), 1u);
}

class AuditOfRegistry : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(registry_.Start({}).ok()); }
  void Change(StoreChange change) {
    change.by = {"ann", "api", "r"};
    const auto revision = registry_.ChangeAndWait(std::move(change));
    ASSERT_TRUE(revision.ok()) << revision.error().message;
  }
  // "ACTION KIND NAME", oldest first.
  std::vector<std::string> Lines() {
    std::vector<std::string> lines;
    store_.Run([&](Store& store) {
      records_ = *store.audit().List({});
      for (auto at = records_.rbegin(); at != records_.rend(); ++at) {
        lines.push_back(at->action + " " + at->kind + " " + at->name);
      }
    });
    return lines;
  }

  Metrics metrics_;
  StoreThread store_{std::make_unique<MemoryStore>(), metrics_};
  Registry registry_{store_};
  std::vector<AuditRecord> records_;  // newest first
};

TEST_F(AuditOfRegistry, EveryThingThatAChangeTouchesIsOneRecord) {
  StoreChange change;
  change.put_backends = {MakeBackend("gpu")};
  change.put_experts = {MakeExpert("a"), MakeExpert("b")};
  Change(change);
  StoreChange next;
  next.put_experts = {MakeExpert("a")};  // as it is
  next.remove_experts = {"b"};
  Change(next);
  EXPECT_EQ(Lines(), (std::vector<std::string>{"create backend gpu", "create expert a",
                                               "create expert b", "remove expert b"}));
  EXPECT_EQ(records_[0].by.who, "ann");
  EXPECT_EQ(records_[0].revision, registry_.Current()->revision);
  EXPECT_EQ(records_[0].after, "");
  EXPECT_EQ(records_[1].revision + 1, records_[0].revision);
}

TEST_F(AuditOfRegistry, SecretsAreMasked) {
  StoreChange change;
  change.put_backends = {MakeBackend("gpu")};
  change.put_backends[0].headers = {{"x-a", "a-literal-secret"}, {"x-b", "Bearer ${TOKEN}"}};
  change.put_backends[0].residency.environment = {{"A", "a-literal-secret"}, {"B", "${TOKEN}"}};
  change.put_keys = {MakeKey("k")};
  Change(change);
  StoreChange rotation;
  rotation.put_keys = {MakeKey("k")};
  rotation.put_keys[0].sha256 = std::string(64, 'b');
  Change(rotation);
  ASSERT_EQ(Lines().size(), 3u);
  for (const AuditRecord& record : records_) {
    for (const std::string& side : {record.before, record.after}) {
      EXPECT_EQ(side.find("a-literal-secret"), std::string::npos);
      EXPECT_EQ(side.find(std::string(64, 'a')), std::string::npos);
      EXPECT_EQ(side.find(std::string(64, 'b')), std::string::npos);
    }
  }
  EXPECT_NE(records_[0].after.find("\"rotated\":true"), std::string::npos);
  EXPECT_NE(records_[2].after.find("Bearer ${TOKEN}"), std::string::npos);
}

TEST_F(AuditOfRegistry, ProfilesAreCountedAndFeedbackIsNoChangeOfAPerson) {
  StoreChange import;
  import.put_evidence = {{"a", "law", 1, 2, "import:t", {}}, { "b", "law", 1, 2, "import:t", {} }};
  Change(import);
  StoreChange forget;
  forget.forget_sources = {"import:t"};
  Change(forget);
  StoreChange feedback;
  feedback.put_evidence = {{"a", "law", 1, 1, "feedback@2026-01-31", {}}};
  feedback.put_feedback.emplace_back().decision = "d";
  Change(feedback);
  EXPECT_EQ(Lines(),
            (std::vector<std::string>{"change profile import:t", "remove profile import:t"}));
  EXPECT_EQ(records_[1].after, R"({"observations":0,"evidence":2,"forgotten":0})");
}

TEST_F(AuditOfRegistry, AReloadRecordsWhatTheFileChanged) {
  DeclaredState declared;
  declared.skills = {MakeSkill("law", Origin::kFile)};
  ASSERT_TRUE(registry_.Redeclare(declared, {"boss", "reload", ""}).ok());
  declared.skills[0].category = "other";
  ASSERT_TRUE(registry_.Redeclare(declared, {"", "reload", ""}).ok());
  EXPECT_EQ(Lines(), (std::vector<std::string>{"create skill law", "change skill law"}));
  EXPECT_EQ(records_[1].by.who, "boss");
  EXPECT_EQ(records_[0].by.through, "reload");
}

TEST_F(AuditOfRegistry, WhatIsTooLongIsKeptAsItsSize) {
  StoreChange change;
  change.put_skills = {MakeSkill("law")};
  change.put_skills[0].examples.assign(20, std::string(4'000, 'x'));
  Change(change);
  ASSERT_EQ(Lines().size(), 1u);
  EXPECT_LT(records_[0].after.size(), 200u);
  EXPECT_NE(records_[0].after.find("\"bytes\":"), std::string::npos);
}

}  // namespace
}  // namespace moerge
