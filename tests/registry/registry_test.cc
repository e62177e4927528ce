#include "registry/registry.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "tests/registry/support.h"

namespace moerge {
namespace {

using testing::FaultyStore;
using testing::MakeBackend;
using testing::MakeExpert;
using testing::MakeKey;
using testing::MakePolicy;
using testing::MakeSkill;
using testing::MakeTool;

class RegistryTest : public ::testing::Test {
 protected:
  static DeclaredState Declared() {
    DeclaredState declared;
    declared.file = "moerge.yaml";
    declared.backends = {MakeBackend("filegpu", Origin::kFile)};
    declared.experts = {MakeTool("arithmetic"), MakeExpert("x", "filegpu", Origin::kFile)};
    declared.skills = {MakeSkill("law", Origin::kBuiltIn), MakeSkill("house", Origin::kFile)};
    return declared;
  }

  void SetUp() override {
    const Status started = registry_.Start(Declared());
    ASSERT_TRUE(started.ok()) << started.error().message;
    StoreChange change;
    change.put_backends = {MakeBackend("gpu")};
    change.put_experts = {MakeExpert("mine")};
    ASSERT_TRUE(registry_.ChangeAndWait(change).ok());
  }

  Error Refusal(const StoreChange& change) {
    const std::uint64_t before = registry_.Current()->revision;
    const auto result = registry_.ChangeAndWait(change);
    EXPECT_FALSE(result.ok());
    EXPECT_EQ(registry_.Current()->revision, before);
    return result.ok() ? Error{} : result.error();
  }

  std::shared_ptr<FaultyStore::Faults> faults_ = std::make_shared<FaultyStore::Faults>();
  Metrics metrics_;
  StoreThread store_{std::make_unique<FaultyStore>(faults_), metrics_};
  Registry registry_{store_};
};

TEST(Registry, CurrentIsThereBeforeStart) {
  Metrics metrics;
  StoreThread store(std::make_unique<MemoryStore>(), metrics);
  const Registry registry(store);
  ASSERT_NE(registry.Current(), nullptr);
  EXPECT_NE(registry.Current()->FindPolicy("auto"), nullptr);
}

TEST(Registry, AStoredNameThatNobodyMayGiveLoadsAndCanBeRemoved) {
  auto kept = std::make_unique<MemoryStore>();
  StoreChange earlier;
  earlier.put_backends = {MakeBackend("gpu")};
  earlier.put_experts = {MakeExpert(".."), MakeExpert("../../x")};
  ASSERT_TRUE(kept->registry().Apply(earlier, 0).ok());
  Metrics metrics;
  StoreThread store(std::move(kept), metrics);
  Registry registry(store);
  const Status started = registry.Start({});
  ASSERT_TRUE(started.ok()) << started.error().message;
  EXPECT_NE(registry.Current()->FindExpert(".."), nullptr);
  StoreChange removal;
  removal.remove_experts = {".."};
  EXPECT_TRUE(registry.ChangeAndWait(removal).ok());
  EXPECT_EQ(registry.Current()->FindExpert(".."), nullptr);
  EXPECT_NE(registry.Current()->FindExpert("../../x"), nullptr);
}

TEST_F(RegistryTest, AChangeIsVisibleWhenItReturns) {
  StoreChange change;
  change.put_experts = {MakeExpert("new", "filegpu")};
  change.put_policies = {MakePolicy("cheap")};
  change.put_keys = {MakeKey("admin")};
  const auto revision = registry_.ChangeAndWait(change);
  ASSERT_TRUE(revision.ok()) << revision.error().message;
  const SnapshotPtr snapshot = registry_.Current();
  EXPECT_EQ(snapshot->revision, *revision);
  EXPECT_EQ(snapshot->FindExpert("new")->spec.origin, Origin::kStore);
  EXPECT_EQ(snapshot->FindExpert("x")->spec.origin, Origin::kFile);
  EXPECT_NE(snapshot->FindPolicy("cheap"), nullptr);
  EXPECT_EQ(snapshot->keys.size(), 1u);
}

TEST_F(RegistryTest, AnOldSnapshotStaysAsItWas) {
  const SnapshotPtr before = registry_.Current();
  StoreChange change;
  change.remove_experts = {"mine"};
  ASSERT_TRUE(registry_.ChangeAndWait(change).ok());
  EXPECT_NE(before->FindExpert("mine"), nullptr);
  EXPECT_EQ(registry_.Current()->FindExpert("mine"), nullptr);
}

TEST_F(RegistryTest, AnExpertOfTheFileIsRefusedWithTheFilesName) {
  StoreChange put;
  put.put_experts = {MakeExpert("x", "filegpu")};
  const Error error = Refusal(put);
  EXPECT_EQ(error.code, ErrorCode::kConflict);
  EXPECT_EQ(error.message,
            "expert `x` belongs to the configuration file moerge.yaml; change it there and reload");
  StoreChange remove;
  remove.remove_experts = {"x"};
  EXPECT_EQ(Refusal(remove).message, error.message);
  StoreChange backend;
  backend.remove_backends = {"filegpu"};
  EXPECT_EQ(Refusal(backend).code, ErrorCode::kConflict);
}

TEST_F(RegistryTest, BuiltInEntriesCannotBeChangedOrRemoved) {
  StoreChange tool;
  tool.put_experts = {MakeExpert("arithmetic")};
  EXPECT_EQ(Refusal(tool).message,
            "expert `arithmetic` is built in and cannot be changed; choose another name");
  StoreChange skill;
  skill.put_skills = {MakeSkill("law")};
  EXPECT_NE(Refusal(skill).message.find("declare one of that name in the configuration file"),
            std::string::npos);
  StoreChange policy;
  policy.remove_policies = {"auto"};
  EXPECT_EQ(Refusal(policy).message, "policy `auto` is built in and cannot be removed");
}

TEST_F(RegistryTest, TheBuiltInDefaultPolicyCanBeTunedAndComesBack) {
  Policy tuned = MakePolicy("auto");
  tuned.price_weight = 0.5;
  StoreChange change;
  change.put_policies = {tuned};
  ASSERT_TRUE(registry_.ChangeAndWait(change).ok());
  EXPECT_EQ(registry_.Current()->FindPolicy("auto")->price_weight, 0.5);
  StoreChange remove;
  remove.remove_policies = {"auto"};
  ASSERT_TRUE(registry_.ChangeAndWait(remove).ok());
  EXPECT_EQ(registry_.Current()->FindPolicy("auto")->price_weight, 0);
}

TEST_F(RegistryTest, AMissingBackendIsInvalid) {
  StoreChange change;
  change.put_experts = {MakeExpert("new", "gpx")};
  const Error error = Refusal(change);
  EXPECT_EQ(error.code, ErrorCode::kInvalid);
  EXPECT_EQ(error.param, "backend");
  EXPECT_NE(error.message.find("the backend `gpx`, which does not exist. Did you mean `gpu`"),
            std::string::npos)
      << error.message;
  change.put_backends = {MakeBackend("gpx")};
  EXPECT_TRUE(registry_.ChangeAndWait(change).ok());  // together they make sense
}

TEST_F(RegistryTest, ABackendInUseCannotBeRemovedAndItsExpertsAreNamed) {
  StoreChange change;
  change.remove_backends = {"gpu"};
  const Error error = Refusal(change);
  EXPECT_EQ(error.code, ErrorCode::kConflict);
  EXPECT_NE(error.message.find("backend `gpu` is in use by `mine`"), std::string::npos);
  change.remove_experts = {"mine"};
  EXPECT_TRUE(registry_.ChangeAndWait(change).ok());
}

TEST_F(RegistryTest, ABackendCanBeRemovedWithItsExpertsMoved) {
  StoreChange change;
  change.remove_backends = {"gpu"};
  change.put_experts = {MakeExpert("mine", "filegpu")};
  EXPECT_TRUE(registry_.ChangeAndWait(change).ok());
}

TEST_F(RegistryTest, ALongListOfUsersIsCut) {
  StoreChange more;
  for (int i = 0; i < 9; ++i) more.put_experts.push_back(MakeExpert("e" + std::to_string(i)));
  ASSERT_TRUE(registry_.ChangeAndWait(more).ok());
  StoreChange change;
  change.remove_backends = {"gpu"};
  EXPECT_NE(Refusal(change).message.find("and 5 more"), std::string::npos);
}

Policy CandidateOf(const std::string& of, double share) {
  Policy candidate;
  candidate.name = CandidateName(of);
  candidate.trial = PolicyTrial{of, share, std::nullopt};
  return candidate;
}

TEST_F(RegistryTest, ACandidateNeedsItsPolicyAndKeepsItFromGoing) {
  StoreChange change;
  change.put_policies = {CandidateOf("none", 0.5)};
  EXPECT_EQ(registry_.ChangeAndWait(change).error().param, "trial.of");
  change.put_policies = {CandidateOf("auto", 1.5)};
  EXPECT_EQ(registry_.ChangeAndWait(change).error().param, "trial.share");
  Policy named = CandidateOf("auto", 0.5);
  named.name = "other";
  change.put_policies = {named};
  EXPECT_EQ(registry_.ChangeAndWait(change).error().param, "name");

  Policy cheap;
  cheap.name = "cheap";
  change.put_policies = {cheap, CandidateOf("cheap", 0.5)};
  ASSERT_TRUE(registry_.ChangeAndWait(change).ok());
  const SnapshotPtr snapshot = registry_.Current();
  const Policy& policy = *snapshot->FindPolicy("cheap");
  ASSERT_NE(snapshot->CandidateFor(policy), nullptr);
  EXPECT_EQ(snapshot->CandidateFor(policy)->name, "cheap@candidate");
  EXPECT_EQ(snapshot->CandidateFor(*snapshot->FindPolicy("auto")), nullptr);
  StoreChange removal;
  removal.remove_policies = {"cheap"};
  EXPECT_EQ(registry_.ChangeAndWait(removal).error().code, ErrorCode::kConflict);
  removal.remove_policies = {"cheap", "cheap@candidate"};
  EXPECT_TRUE(registry_.ChangeAndWait(removal).ok());
}

TEST_F(RegistryTest, RemovingWhatIsNotThereIsNotFound) {
  StoreChange change;
  change.remove_skills = {"nothing"};
  const Error error = Refusal(change);
  EXPECT_EQ(error.code, ErrorCode::kNotFound);
  EXPECT_EQ(error.message, "there is no skill `nothing`");
}

TEST_F(RegistryTest, InvalidEntriesAreRefusedWithTheirField) {
  StoreChange expert;
  expert.put_experts = {MakeExpert("bad name!")};
  EXPECT_EQ(Refusal(expert).param, "name");
  StoreChange taken;
  taken.put_experts = {MakeExpert("auto")};
  EXPECT_EQ(Refusal(taken).code, ErrorCode::kInvalid);
  StoreChange twice;
  twice.put_skills = {MakeSkill("a"), MakeSkill("a")};
  EXPECT_EQ(Refusal(twice).message, "skill `a` is named twice in one change");
  StoreChange key;
  key.put_keys = {MakeKey("admin")};
  key.put_keys[0].sha256 = "secret";
  EXPECT_EQ(Refusal(key).param, "sha256");
}

TEST_F(RegistryTest, ImpossibleEvidenceIsRefused) {
  const double nan = std::nan("");
  for (const auto& [wins, trials] : {std::pair{2.0, 1.0}, {-1.0, 1.0}, {nan, 1.0}, {0.0, nan}}) {
    StoreChange change;
    change.put_evidence = {{"mine", "law", wins, trials, "s", {}}};
    EXPECT_EQ(Refusal(change).code, ErrorCode::kInvalid);
  }
  StoreChange observation;
  observation.add_observations = {{"1", "p", "law", "s", {{"mine", 1.5}}}};
  EXPECT_EQ(Refusal(observation).param, "scores.mine");
}

TEST_F(RegistryTest, EvidenceForAnUnknownExpertIsUsedOnceItIsAdded) {
  StoreChange evidence;
  evidence.put_evidence = {{"late", "law", 3, 4, "s", {}}};
  ASSERT_TRUE(registry_.ChangeAndWait(evidence).ok());
  StoreChange expert;
  expert.put_experts = {MakeExpert("late")};
  ASSERT_TRUE(registry_.ChangeAndWait(expert).ok());
  const auto& record = registry_.Current()->FindExpert("late")->record;
  ASSERT_EQ(record.size(), 1u);
  EXPECT_EQ(record[0].wins, 3);
}

TEST_F(RegistryTest, EveryChangeAndReloadRaisesTheRevisionByOne) {
  const std::uint64_t start = registry_.Current()->revision;
  EXPECT_EQ(*registry_.ChangeAndWait({}), start + 1);
  EXPECT_EQ(*registry_.Redeclare(Declared()), start + 2);
  EXPECT_EQ(*registry_.ChangeAndWait({}), start + 3);
  EXPECT_EQ(registry_.Current()->revision, start + 3);
}

TEST_F(RegistryTest, AReloadReplacesTheFilesPartAndLeavesTheStores) {
  DeclaredState next = Declared();
  next.experts.pop_back();
  ASSERT_TRUE(registry_.Redeclare(next).ok());
  EXPECT_EQ(registry_.Current()->FindExpert("x"), nullptr);
  EXPECT_NE(registry_.Current()->FindExpert("mine"), nullptr);
  StoreChange change;
  change.put_experts = {MakeExpert("x")};
  EXPECT_TRUE(registry_.ChangeAndWait(change).ok());
}

TEST_F(RegistryTest, ABrokenReloadLeavesTheOldOneInForce) {
  const SnapshotPtr before = registry_.Current();
  DeclaredState clash = Declared();
  clash.experts.push_back(MakeExpert("mine", "filegpu", Origin::kFile));
  const auto result = registry_.Redeclare(clash);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kConflict);
  EXPECT_EQ(registry_.Current(), before);
  StoreChange change;
  change.put_experts = {MakeExpert("x", "filegpu")};
  EXPECT_EQ(Refusal(change).code, ErrorCode::kConflict);  // still the file's
}

TEST_F(RegistryTest, NothingIsVisibleThatCouldNotBeStored) {
  const SnapshotPtr before = registry_.Current();
  faults_->failure = Error{ErrorCode::kInternal, "disk full"};
  StoreChange change;
  change.put_skills = {MakeSkill("new")};
  EXPECT_EQ(Refusal(change).message, "disk full");
  EXPECT_FALSE(registry_.Redeclare(Declared()).ok());
  EXPECT_EQ(registry_.Current(), before);
  faults_->failure.reset();
  EXPECT_TRUE(registry_.ChangeAndWait(change).ok());
}

TEST_F(RegistryTest, WhatIsRefusedIsNeverStored) {
  const int before = faults_->attempts;
  StoreChange change;
  change.put_experts = {MakeExpert("x", "filegpu")};
  Refusal(change);
  EXPECT_EQ(faults_->attempts, before);
}

TEST_F(RegistryTest, AFullQueueAnswersAtOnce) {
  Metrics metrics;
  StoreThread small(std::make_unique<MemoryStore>(), metrics, 1);
  Registry registry(small);
  testing::Gate gate(small);
  ASSERT_TRUE(small.Post([](Store&) {}));
  const auto result = registry.ChangeAndWait({});
  gate.Open();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kOverloaded);
  EXPECT_EQ(result.error().retry_after, std::chrono::seconds(1));
}

TEST(Registry, PublicationIsPreparedBeforeItIsVisible) {
  Metrics metrics;
  StoreThread store(std::make_unique<MemoryStore>(), metrics);
  Registry registry(store);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> seen;  // prepared, visible
  registry.OnPublish([&](const SnapshotPtr& next) {
    seen.emplace_back(next->revision, registry.Current()->revision);
  });
  ASSERT_TRUE(registry.Start({}).ok());
  ASSERT_TRUE(registry.ChangeAndWait({}).ok());
  ASSERT_TRUE(registry.Redeclare({}).ok());
  EXPECT_EQ(seen, (decltype(seen){{0, 0}, {1, 0}, {2, 1}}));
}

TEST_F(RegistryTest, ChangesOfOthersInBetweenAreNotLostAndOursIsWorkedOutAgain) {
  StoreChange other;
  other.put_skills = {MakeSkill("theirs")};
  faults_->others = {other, {}, {}};
  std::vector<std::size_t> seen;
  std::promise<Result<std::uint64_t>> done;
  registry_.Change(
      [&](Store&, const StoredState& state) -> Result<StoreChange> {
        seen.push_back(state.skills.size());
        StoreChange ours;
        ours.put_skills = {MakeSkill("ours")};
        return ours;
      },
      [&](Result<std::uint64_t> revision) { done.set_value(std::move(revision)); });
  const Result<std::uint64_t> revision = done.get_future().get();
  ASSERT_TRUE(revision.ok()) << revision.error().message;
  EXPECT_EQ(seen, (std::vector<std::size_t>{0, 1, 1, 1}));
  EXPECT_EQ(*revision, 5u);
  EXPECT_NE(registry_.Current()->FindSkill("theirs"), nullptr);
  EXPECT_NE(registry_.Current()->FindSkill("ours"), nullptr);
}

TEST_F(RegistryTest, AChangeThatAlwaysLosesIsRefusedForNow) {
  faults_->others.assign(1'000, {});
  const auto refused = registry_.ChangeAndWait({});
  faults_->others.clear();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_GT(refused.error().retry_after.count(), 0);
  EXPECT_TRUE(registry_.ChangeAndWait({}).ok());
}

TEST_F(RegistryTest, ARevisionThatWentBackRefusesChangesUntilItIsThereAgain) {
  const SnapshotPtr before = registry_.Current();
  faults_->revision = 0;
  const auto refused = registry_.ChangeAndWait({});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("went back from revision 1 to 0"), std::string::npos);
  EXPECT_FALSE(registry_.Redeclare(Declared()).ok());
  EXPECT_EQ(registry_.Current(), before);
  EXPECT_EQ(store_.health().Failing(), "registry");
  faults_->revision.reset();
  EXPECT_TRUE(registry_.ChangeAndWait({}).ok());
}

TEST(Registry, TheRevisionGoesOnAfterARestart) {
  const testing::TempFolder folder;
  const std::string url = "sqlite:" + folder.File("moerge.db");
  std::uint64_t last = 0;
  for (int start = 0; start < 3; ++start) {
    Metrics metrics;
    StoreThread store(*OpenStore(url), metrics);
    Registry registry(store);
    ASSERT_TRUE(registry.Start({}).ok());
    EXPECT_EQ(registry.Current()->revision, last);
    last = *registry.Redeclare({});
  }
  EXPECT_EQ(last, 3u);
}

TEST(Registry, StartSaysWhenFileAndStoreShareAName) {
  auto filled = std::make_unique<MemoryStore>();
  StoreChange change;
  change.put_skills = {MakeSkill("law")};
  ASSERT_TRUE(testing::ApplyTo(*filled, change).ok());
  Metrics metrics;
  StoreThread store(std::move(filled), metrics);
  Registry registry(store);
  DeclaredState declared;
  declared.skills = {MakeSkill("law", Origin::kFile)};
  EXPECT_EQ(registry.Start(declared).error().code, ErrorCode::kConflict);
}

TEST(Registry, ReadersSeeWholeSnapshotsWhileChangesRun) {
  Metrics metrics;
  StoreThread store(std::make_unique<MemoryStore>(), metrics);
  Registry registry(store);
  ASSERT_TRUE(registry.Start({}).ok());
  std::atomic<bool> stop = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      std::uint64_t last = 0;
      while (!stop) {
        const SnapshotPtr snapshot = registry.Current();
        EXPECT_GE(snapshot->revision, last);
        last = snapshot->revision;
        EXPECT_EQ(snapshot->skills.size(), 2 * snapshot->revision);
        for (const SkillEntry& skill : snapshot->skills) {
          EXPECT_EQ(NameOf(skill.id), skill.spec.name);
        }
      }
    });
  }
  for (int i = 0; i < 100; ++i) {
    StoreChange change;
    const std::string number = std::to_string(i);
    change.put_skills = {MakeSkill("a" + number), MakeSkill("b" + number)};
    EXPECT_TRUE(registry.ChangeAndWait(change).ok());
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace moerge
