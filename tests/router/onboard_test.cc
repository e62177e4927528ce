// Experts from few samples: shares of trials, claims of descriptions, sets for a task.
#include <gtest/gtest.h>

#include "registry/provisional.h"
#include "router/onboard/expert_set.h"
#include "router/onboard/skill_shares.h"
#include "tests/router/router_fixture.h"

namespace moerge {
namespace {

Demand DemandOfParts(std::vector<std::pair<std::string, float>> parts) {
  Demand demand;
  for (const auto& [skill, p] : parts) demand.skills.push_back({InternSkill(skill), p});
  return demand;
}

TEST(SkillShares, SmallPartsOfADemandCountForNothing) {
  const SkillShares shares = SharesOf(DemandOfParts({{"law", 0.5f}, {"art", 0.4f}, {"c", 0.3f}}));
  ASSERT_EQ(shares.size(), 2u);
  EXPECT_EQ(shares[0].first, "law");
  EXPECT_NEAR(shares[0].second, 5.0 / 9, 1e-6);
  EXPECT_NEAR(shares[1].second, 4.0 / 9, 1e-6);
  EXPECT_TRUE(SharesOf(Demand{}).empty());
}

TEST(SkillShares, StraySkillsOfManySamplesAreLeftOutUnlessNamed) {
  std::vector<JudgedSample> samples(20, {"", 1, {{"law", 1}}});
  samples.push_back({"", 0, {{"art", 1}}});
  EXPECT_EQ(EvidenceOf(samples).size(), 1u);
  samples.push_back({"art", 1, {}});
  const std::vector<Evidence> evidence = EvidenceOf(samples);
  ASSERT_EQ(evidence.size(), 2u);
  EXPECT_EQ(evidence[0].skill, "art");
  EXPECT_EQ(evidence[0].trials, 2);
  EXPECT_EQ(evidence[0].wins, 1);
}

TEST(SkillShares, ADescriptionClaimsLittleAndOnlyWhatItSpeaksOf) {
  const auto claims = ClaimsOf(DemandOfParts({{"law", 0.75f}, {"art", 0.1f}}));
  ASSERT_EQ(claims.size(), 1u);
  EXPECT_GT(claims.at("law"), 0.5);
  EXPECT_LE(claims.at("law"), kClaimCap);
}

TEST(Provisional, UntilEnoughIsMeasured) {
  World world({MakeExpert("new", {{"law", 0.9}}), MakeExpert("tried", {}), MakeTool("calc", "law")},
              {MakeSkill("law")},
              {MakeEvidence("tried", "law", 20, kProvisionalTrials),
               MakeEvidence("new", "law", 20, kProvisionalTrials - 1)});
  const SnapshotPtr snapshot = world.MakeSnapshot();
  EXPECT_TRUE(IsProvisional(*snapshot->FindExpert("new")));
  EXPECT_FALSE(IsProvisional(*snapshot->FindExpert("tried")));
  EXPECT_FALSE(IsProvisional(*snapshot->FindExpert("calc")));
}

TEST(Provisional, ADecisionSaysSoAndWhereNumbersComeFrom) {
  World world({MakeExpert("new", {})}, {MakeSkill("law")}, {MakeEvidence("new", "law", 3, 4)});
  world.evidence[0].source = "feedback@2026-03-01";
  world.evidence[0].updated = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1);
  const Decision decision = world.MakeRouter().Route(Needs({"law"}), Policy(), nullptr);
  ASSERT_FALSE(decision.candidates.empty());
  EXPECT_TRUE(decision.candidates[0].provisional);
  const std::string reasons = AllReasons(decision);
  EXPECT_NE(reasons.find("3 of 4 right in law (feedback 4 on 2026-03-01)"), std::string::npos)
      << reasons;
  EXPECT_NE(reasons.find("provisional: 4 of 50 trials measured"), std::string::npos) << reasons;
}

// A claim is worth what its test says.
std::string FirstAt(const World& world, const char* skill) {
  return NameAt(world.MakeRouter().Route(Needs({skill}), Policy(), nullptr).roster, 0);
}

World Medicine(double specialist_wins) {
  return World(
      {MakeExpert("medic", {{"medicine", 0.95}}), MakeExpert("generalist", {})},
      {MakeSkill("medicine"), MakeSkill("law"), MakeSkill("art")},
      {MakeEvidence("medic", "medicine", specialist_wins, 100),
       MakeEvidence("generalist", "medicine", 60, 100), MakeEvidence("generalist", "law", 60, 100),
       MakeEvidence("generalist", "art", 60, 100)});
}

TEST(DeclaredSpeciality, MeasuredNoBetterThanTheGeneralistItIsNotPreferred) {
  EXPECT_EQ(FirstAt(Medicine(60), "medicine"), "generalist");
  EXPECT_EQ(FirstAt(Medicine(55), "medicine"), "generalist");
}

TEST(DeclaredSpeciality, ATrueSpecialistIsPreferred) {
  EXPECT_EQ(FirstAt(Medicine(80), "medicine"), "medic");
}

TEST(DeclaredSpeciality, StrayTrialsMakeNoGeneralist) {
  World world({MakeExpert("narrow", {})}, {MakeSkill("law"), MakeSkill("art"), MakeSkill("c")},
              {MakeEvidence("narrow", "law", 40, 50), MakeEvidence("narrow", "art", 1, 1),
               MakeEvidence("narrow", "general", 0, 0)});
  world.evidence.push_back(MakeEvidence("narrow", "d", 1, 1));
  world.skills.push_back(MakeSkill("d"));
  EXPECT_EQ(FirstAt(world, "law"), "narrow");
  EXPECT_EQ(FirstAt(world, "c"), "(none)");
}

KShotRecord Record(const char* expert, std::vector<double> scores,
                   std::vector<std::string> answers = {}) {
  return {expert, std::move(scores), std::move(answers)};
}

TEST(ExpertSet, AConstantGuesserIsRejectedHoweverOftenItIsRight) {
  const std::vector<std::string> right = {"C", "C", "C", "A", "B", "D"};
  const ExpertSet set =
      ChooseExperts({Record("guesser", {1, 1, 1, 0, 0, 0}, {"C", "C", "C", "C", "C", "C"}),
                     Record("solver", {1, 0, 0, 1, 1, 0}, {"C", "B", "A", "A", "B", "A"})},
                    right, {.size = 2});
  ASSERT_EQ(set.chosen.size(), 1u);
  EXPECT_EQ(set.chosen[0].record, 1u);
  ASSERT_EQ(set.rejected.size(), 1u);
  EXPECT_NE(set.rejected[0].reason.find("one and the same answer to 6 of 6"), std::string::npos);
}

TEST(ExpertSet, WhereAllAnswersAreTheSameGivingThemIsNoGuessing) {
  const std::vector<std::string> right(5, "yes");
  const ExpertSet set = ChooseExperts({Record("a", {1, 1, 1, 1, 1}, right)}, right, {.size = 2});
  EXPECT_EQ(set.chosen.size(), 1u);
}

TEST(ExpertSet, OfEquallyGoodExpertsTheOneThatErrsElsewhereIsTaken) {
  const std::vector<std::string> right = {"A", "B", "C", "D"};
  const ExpertSet set = ChooseExperts({Record("first", {1, 1, 0, 0}, {"A", "B", "X", "X"}),
                                       Record("clone", {1, 1, 0, 0}, {"A", "B", "X", "X"}),
                                       Record("other", {0, 0, 1, 1}, {"Y", "Z", "C", "D"})},
                                      right, {.size = 2});
  ASSERT_EQ(set.chosen.size(), 2u);
  EXPECT_EQ(set.chosen[0].record, 0u);
  EXPECT_EQ(set.chosen[1].record, 2u);
  EXPECT_NE(set.chosen[0].reason.find("solves 2 of 4"), std::string::npos);
}

TEST(ExpertSet, WhatIsKnownFromElsewhereSteadiesFewSamples) {
  KShotRecord lucky = Record("lucky", {1, 1, 1, 0, 0});
  lucky.prior = 0.3;
  KShotRecord strong = Record("strong", {1, 1, 0, 0, 0});
  strong.prior = 0.8;
  const ExpertSet set = ChooseExperts({lucky, strong}, std::vector<std::string>(5), {.size = 1});
  ASSERT_EQ(set.chosen.size(), 1u);
  EXPECT_EQ(set.chosen[0].record, 1u);
}

TEST(ExpertSet, ExpertsWithoutSamplesOrSuccessAreRejectedAndMissingScoresAreFine) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const ExpertSet set =
      ChooseExperts({Record("unknown", {none, none, none, none}), Record("hopeless", {0, 0, 0, 0}),
                     Record("partly", {none, 1, none, 0})},
                    std::vector<std::string>(4), {.size = 5});
  ASSERT_EQ(set.chosen.size(), 1u);
  EXPECT_EQ(set.chosen[0].trials, 2u);
  EXPECT_EQ(set.rejected.size(), 2u);
}

}  // namespace
}  // namespace moerge
