#include "registry/snapshot.h"

#include <gtest/gtest.h>

#include "tests/registry/support.h"

namespace moerge {
namespace {

using testing::MakeBackend;
using testing::MakeExpert;
using testing::MakeKey;
using testing::MakePolicy;
using testing::MakeSkill;
using testing::MakeTool;

SnapshotPtr Build(const DeclaredState& declared, const StoredState& stored) {
  Result<SnapshotPtr> snapshot = BuildSnapshot(declared, stored);
  EXPECT_TRUE(snapshot.ok()) << (snapshot.ok() ? "" : snapshot.error().message);
  return snapshot.ok() ? *snapshot : nullptr;
}

Error BuildError(const DeclaredState& declared, const StoredState& stored) {
  Result<SnapshotPtr> snapshot = BuildSnapshot(declared, stored);
  EXPECT_FALSE(snapshot.ok());
  return snapshot.ok() ? Error{} : snapshot.error();
}

TEST(Snapshot, EmptyHoldsTheDefaultPolicyAlone) {
  const SnapshotPtr snapshot = Build({}, {});
  ASSERT_NE(snapshot->FindPolicy("auto"), nullptr);
  EXPECT_EQ(snapshot->FindPolicy("auto")->origin, Origin::kBuiltIn);
  EXPECT_TRUE(snapshot->experts.empty());
  EXPECT_EQ(snapshot->FindExpert("nobody"), nullptr);
  EXPECT_EQ(snapshot->FindSkill("nothing"), nullptr);
}

TEST(Snapshot, EqualContentGivesEqualOrder) {
  StoredState stored;
  stored.backends = {MakeBackend("gpu")};
  stored.experts = {MakeExpert("b"), MakeExpert("c"), MakeExpert("a")};
  const SnapshotPtr snapshot = Build({}, stored);
  ASSERT_EQ(snapshot->experts.size(), 3u);
  EXPECT_EQ(snapshot->experts[0].spec.name, "a");
  EXPECT_EQ(snapshot->experts[2].spec.name, "c");
}

TEST(Snapshot, FindsByNameAndById) {
  StoredState stored;
  stored.backends = {MakeBackend("gpu"), MakeBackend("cpu")};
  stored.experts = {MakeExpert("one"), MakeExpert("two", "cpu")};
  stored.skills = {MakeSkill("algebra"), MakeSkill("law")};
  const SnapshotPtr snapshot = Build({}, stored);
  const ExpertEntry* two = snapshot->FindExpert("two");
  ASSERT_NE(two, nullptr);
  EXPECT_EQ(snapshot->FindExpert(two->id), two);
  EXPECT_EQ(two->backend, snapshot->FindBackend("cpu"));
  EXPECT_EQ(snapshot->FindSkill(InternSkill("law")), snapshot->FindSkill("law"));
  EXPECT_EQ(snapshot->FindExpert("tw"), nullptr);
}

TEST(Snapshot, KnowsWhetherABackendHasModelsButOne) {
  const auto served = [](const char* name, const char* backend, const char* model) {
    Expert expert = MakeExpert(name, backend);
    expert.model = model;
    return expert;
  };
  StoredState stored;
  stored.backends = {MakeBackend("gpu"), MakeBackend("cpu"), MakeBackend("idle")};
  stored.experts = {served("a", "gpu", "x"), served("b", "gpu", "y"), served("c", "gpu", "x"),
                    served("d", "cpu", "x"), served("e", "cpu", "x")};
  const SnapshotPtr snapshot = Build({}, stored);
  for (const char* name : {"a", "b", "c"}) EXPECT_TRUE(snapshot->FindExpert(name)->among_others);
  for (const char* name : {"d", "e"}) EXPECT_FALSE(snapshot->FindExpert(name)->among_others);
  EXPECT_FALSE(snapshot->HasOtherModels(*snapshot->FindBackend("cpu"), "x"));
  EXPECT_TRUE(snapshot->HasOtherModels(*snapshot->FindBackend("cpu"), "z")) << "an encoder beside";
  EXPECT_FALSE(snapshot->HasOtherModels(*snapshot->FindBackend("idle"), "z"));
}

TEST(Snapshot, EvidenceOfAllSourcesIsSummed) {
  StoredState stored;
  stored.backends = {MakeBackend("gpu")};
  stored.experts = {MakeExpert("one")};
  stored.skills = {MakeSkill("algebra"), MakeSkill("law")};
  stored.evidence.Put({{"one", "law", 3, 4, "import:a", {}},
                       {"one", "algebra", 1, 2, "import:a", {}},
                       {"one", "law", 1, 10, "feedback", {}}});
  const SnapshotPtr snapshot = Build({}, stored);
  const ExpertEntry& one = *snapshot->FindExpert("one");
  std::vector<SkillRecord> wanted = {{InternSkill("algebra"), 1, 2}, {InternSkill("law"), 4, 14}};
  std::sort(wanted.begin(), wanted.end(), [](auto& a, auto& b) { return a.skill < b.skill; });
  EXPECT_EQ(one.record, wanted);
}

TEST(Snapshot, EvidenceForASkillThatDoesNotExistWaitsUntilItDoes) {
  StoredState stored;
  stored.backends = {MakeBackend("gpu")};
  stored.experts = {MakeExpert("one")};
  stored.evidence.Put({{"one", "later", 3, 4, "s", {}}, {"one", "general", 1, 2, "s", {}}});
  ASSERT_EQ(Build({}, stored)->FindExpert("one")->record.size(), 1u);
  EXPECT_EQ(Build({}, stored)->FindExpert("one")->record[0].skill, InternSkill("general"));
  stored.skills = {MakeSkill("later")};
  EXPECT_EQ(Build({}, stored)->FindExpert("one")->record.size(), 2u);
}

TEST(Snapshot, RolesAreSummedApartFromSkills) {
  StoredState stored;
  stored.backends = {MakeBackend("gpu")};
  stored.experts = {MakeExpert("one")};
  stored.skills = {MakeSkill("law")};
  stored.evidence.Put({{"one", "law", 3, 4, "import:a", {}},
                       {"one", "author.law", 17, 20, "elect:a", {}},
                       {"one", "author.law", 1, 5, "elect:b", {}},
                       {"one", "judge.law", 2, 20, "elect:a", {}},
                       {"one", "judging", 1, 20, "elect:a", {}}});
  const SnapshotPtr snapshot = Build({}, stored);
  const ExpertEntry& one = snapshot->experts.front();
  ASSERT_EQ(one.record.size(), 1u);
  EXPECT_EQ(one.record[0], (SkillRecord{InternSkill("law"), 3, 4}));
  ASSERT_EQ(one.roles.size(), 2u);
  EXPECT_LT(Raw(one.roles[0].skill), Raw(one.roles[1].skill));
  for (const SkillRecord& role : one.roles) {
    const bool author = NameOf(role.skill) == "author.law";
    EXPECT_EQ(role.wins, author ? 18 : 2);
    EXPECT_EQ(role.trials, author ? 25 : 20);
  }
}

TEST(Snapshot, DeclaredStrengthsComeWithoutGeneral) {
  DeclaredState declared;
  declared.backends = {MakeBackend("gpu", Origin::kFile)};
  Expert expert = MakeExpert("one", "gpu", Origin::kFile);
  expert.skills = {{"law", 0.5}, {"general", 0.4}, {"algebra", 0.75}};
  declared.experts = {expert};
  const SnapshotPtr snapshot = Build(declared, {});
  const ExpertEntry& one = *snapshot->FindExpert("one");
  ASSERT_EQ(one.declared.size(), 2u);
  EXPECT_LT(one.declared[0].first, one.declared[1].first);
  EXPECT_EQ(one.spec.skills.at("general"), 0.4);
}

TEST(Snapshot, WhatIsDeclaredAndNotBuiltInBelongsToTheFile) {
  DeclaredState declared;
  declared.skills = {MakeSkill("law")};
  EXPECT_EQ(Build(declared, {})->FindSkill("law")->spec.origin, Origin::kFile);
}

TEST(Snapshot, TheFileReplacesABuiltInSkillAndTheDefaultPolicy) {
  DeclaredState declared;
  Skill ours = MakeSkill("law", Origin::kFile);
  ours.description = "ours";
  declared.skills = {ours, MakeSkill("law", Origin::kBuiltIn)};
  declared.policies = {MakePolicy("auto", Origin::kBuiltIn), MakePolicy("auto", Origin::kFile)};
  const SnapshotPtr snapshot = Build(declared, {});
  ASSERT_EQ(snapshot->skills.size(), 1u);
  EXPECT_EQ(snapshot->skills[0].spec.description, "ours");
  ASSERT_EQ(snapshot->policies.size(), 1u);
  EXPECT_EQ(snapshot->policies[0].origin, Origin::kFile);
}

TEST(Snapshot, AFileExpertMayNotTakeAToolsName) {
  DeclaredState declared;
  declared.backends = {MakeBackend("gpu", Origin::kFile)};
  declared.experts = {MakeTool("arithmetic"), MakeExpert("arithmetic", "gpu", Origin::kFile)};
  const Error error = BuildError(declared, {});
  EXPECT_EQ(error.code, ErrorCode::kConflict);
  EXPECT_EQ(error.message,
            "expert `arithmetic` is built in; choose another name in the configuration file");
}

TEST(Snapshot, ANameInTheFileAndInTheStoreIsAnError) {
  DeclaredState declared;
  declared.backends = {MakeBackend("gpu", Origin::kFile)};
  StoredState stored;
  stored.backends = {MakeBackend("gpu")};
  const Error error = BuildError(declared, stored);
  EXPECT_EQ(error.code, ErrorCode::kConflict);
  EXPECT_NE(error.message.find("backend `gpu` is both in the configuration file and in the store"),
            std::string::npos);
}

TEST(Snapshot, AStoredEntryHidesABuiltInOneOfALaterVersion) {
  DeclaredState declared;
  declared.skills = {MakeSkill("law", Origin::kBuiltIn)};
  StoredState stored;
  stored.skills = {MakeSkill("law")};
  EXPECT_EQ(Build(declared, stored)->FindSkill("law")->spec.origin, Origin::kStore);
}

TEST(Snapshot, AnExpertNeedsItsBackendAndIsToldACloseName) {
  DeclaredState declared;
  declared.backends = {MakeBackend("gpu1", Origin::kFile)};
  declared.experts = {MakeExpert("one", "gpu2", Origin::kFile)};
  const Error error = BuildError(declared, {});
  EXPECT_EQ(error.code, ErrorCode::kInvalid);
  EXPECT_EQ(error.param, "backend");
  EXPECT_NE(error.message.find("expert `one` (file) needs the backend `gpu2`"), std::string::npos);
  EXPECT_NE(error.message.find("gpu1"), std::string::npos);
}

TEST(Snapshot, AToolNeedsNoBackend) {
  DeclaredState declared;
  declared.experts = {MakeTool("dates")};
  EXPECT_EQ(Build(declared, {})->FindExpert("dates")->backend, nullptr);
}

}  // namespace
}  // namespace moerge
