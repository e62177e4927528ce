#include "registry/aging.h"

#include <gtest/gtest.h>

#include "tests/registry/support.h"

namespace moerge {
namespace {

using namespace std::chrono_literals;

constexpr auto kDay = std::chrono::days(1);
const WallTime kAgingNow = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 15)) + 13h;

StoredState TwoSources() {
  StoredState stored;
  stored.revision = 3;
  stored.backends = {testing::MakeBackend("gpu")};
  stored.experts = {testing::MakeExpert("one")};
  stored.skills = {testing::MakeSkill("law")};
  stored.evidence.Put({{"one", "law", 8, 8, "import:old", kAgingNow - 60 * kDay},
                       {"one", "law", 0, 4, "feedback@2026-03-15", kAgingNow}});
  return stored;
}

SkillRecord LawAt(const DeclaredState& declared, WallTime now) {
  const auto snapshot = BuildSnapshot(declared, TwoSources(), now);
  EXPECT_TRUE(snapshot.ok());
  return (*snapshot)->FindExpert("one")->record.at(0);
}

TEST(Aging, AHalfLifeHalvesAndWholeDaysCount) {
  const Aging aging{30 * kDay, kAgingNow};
  EXPECT_EQ(AgeWeight(kAgingNow, aging), 1);
  EXPECT_EQ(AgeWeight(kAgingNow - 12h, aging), 1);  // the same day
  EXPECT_EQ(AgeWeight(kAgingNow - 30 * kDay, aging), 0.5);
  EXPECT_EQ(AgeWeight(kAgingNow - 30 * kDay - 12h, aging), 0.5);
  EXPECT_EQ(AgeWeight(kAgingNow - 60 * kDay, aging), 0.25);
  EXPECT_EQ(AgeWeight(kAgingNow + 7 * kDay, aging), 1);  // a clock that runs ahead
}

TEST(Aging, WithoutHalfLifeOrDateNothingAges) {
  EXPECT_EQ(AgeWeight(kAgingNow - 1000 * kDay, {0s, kAgingNow}), 1);
  EXPECT_EQ(AgeWeight(WallTime{}, {30 * kDay, kAgingNow}), 1);
}

TEST(Aging, AgeAloneTakesNoSkillAway) {
  const double weight = AgeWeight(kAgingNow - 20'000 * kDay, {1 * kDay, kAgingNow});
  EXPECT_GT(static_cast<float>(weight), 0);
  EXPECT_LT(weight, 1e-8);
}

TEST(Aging, OffByDefault) { EXPECT_EQ(LawAt({}, kAgingNow + 900 * kDay).trials, 12); }

TEST(Aging, EachSourceAgesByItsOwnDate) {
  DeclaredState declared;
  declared.half_life = 30 * kDay;
  const SkillRecord law = LawAt(declared, kAgingNow);
  EXPECT_EQ(law.wins, 2);
  EXPECT_EQ(law.trials, 6);
}

TEST(Aging, StoredCountsAreShownAsTheyAre) {
  DeclaredState declared;
  declared.half_life = 30 * kDay;
  const auto snapshot = *BuildSnapshot(declared, TwoSources(), kAgingNow);
  const ExpertEntry& one = *snapshot->FindExpert("one");
  ASSERT_EQ(one.sources.size(), 2u);
  EXPECT_EQ(one.sources[1]->source, "import:old");
  EXPECT_EQ(one.sources[1]->cells.at(0).trials, 8);
}

TEST(Aging, SnapshotsOfOneDayAreEqual) {
  DeclaredState declared;
  declared.half_life = 7 * kDay;
  EXPECT_EQ(LawAt(declared, kAgingNow), LawAt(declared, kAgingNow + 10h));
  EXPECT_NE(LawAt(declared, kAgingNow), LawAt(declared, kAgingNow + kDay));
}

TEST(Aging, ARegistryPublishesAgainWhenADayHasPassed) {
  Metrics metrics;
  StoreThread thread(std::make_unique<MemoryStore>(), metrics);
  Registry registry(thread);
  DeclaredState declared;
  declared.half_life = 1 * kDay;
  declared.backends = {testing::MakeBackend("gpu", Origin::kFile)};
  declared.experts = {testing::MakeExpert("one", "gpu", Origin::kFile)};
  declared.skills = {testing::MakeSkill("law", Origin::kFile)};
  ASSERT_TRUE(registry.Start(declared).ok());
  const WallTime now = std::chrono::system_clock::now();
  StoreChange change;
  change.put_evidence = {{"one", "law", 4, 8, "s", now}};
  ASSERT_TRUE(registry.ChangeAndWait(change).ok());
  const SnapshotPtr before = registry.Current();
  registry.Age(before->aging.now + 1h);
  EXPECT_EQ(registry.Current(), before);
  registry.Age(now + 2 * kDay);
  const SnapshotPtr after = registry.Current();
  EXPECT_EQ(after->revision, before->revision);
  EXPECT_EQ(after->FindExpert("one")->record.at(0).trials, 2);
}

}  // namespace
}  // namespace moerge
