// The strongest model overall is left for a lead that means something (experts.caution).
#include <gtest/gtest.h>

#include "tests/router/router_fixture.h"

namespace moerge {
namespace {

// `strong` leads overall, `apt` at algebra, on so many trials each.
World TwoMeasured(double trials, double apt_at_algebra) {
  World world({MakeExpert("strong", {}), MakeExpert("apt", {})},
              {MakeSkill("algebra"), MakeSkill("law"), MakeSkill("poems")});
  for (const char* skill : {"algebra", "law", "poems"}) {
    const bool algebra = std::string_view(skill) == "algebra";
    world.evidence.push_back(MakeEvidence("strong", skill, 0.6 * trials, trials));
    world.evidence.push_back(
        MakeEvidence("apt", skill, (algebra ? apt_at_algebra : 0.5) * trials, trials));
  }
  return world;
}

Policy Cautious(const char* caution) {
  Policy policy;
  policy.options.Set("experts.caution", caution);
  return policy;
}

std::string FirstAt(const World& world, const Policy& policy) {
  return NameAt(world.MakeRouter().Route(Needs({"algebra"}), policy, nullptr).roster, 0);
}

TEST(Caution, ALeadOnFewTrialsIsNotFollowedAndOneOnManyIs) {
  const World few = TwoMeasured(100, 0.7);
  const World many = TwoMeasured(2000, 0.7);
  EXPECT_EQ(FirstAt(few, {}), "apt");
  EXPECT_EQ(FirstAt(few, Cautious("2")), "strong");
  EXPECT_EQ(FirstAt(many, Cautious("2")), "apt");
}

TEST(Caution, NamesTheLeaderAndItsLead) {
  const World world = TwoMeasured(100, 0.7);
  const std::string reasons =
      AllReasons(world.MakeRouter().Route(Needs({"algebra"}), Cautious("2"), nullptr));
  EXPECT_NE(reasons.find("the strongest overall: the lead of apt"), std::string::npos) << reasons;
}

TEST(Caution, TheLeaderIsTheFirstFallback) {
  const World world = TwoMeasured(100, 0.7);
  const Decision decision = world.MakeRouter().Route(Needs({"algebra"}), Cautious("2"), nullptr);
  EXPECT_EQ(Names(decision.fallbacks), std::vector<std::string>{"apt"});
}

TEST(Caution, DeclaredStrengthsAreTakenAtTheirWord) {
  const World world({MakeExpert("strong", {{"general", 0.7}}),
                     MakeExpert("apt", {{"algebra", 0.75}, {"general", 0.1}})},
                    {MakeSkill("algebra"), MakeSkill("law")});
  EXPECT_EQ(FirstAt(world, Cautious("10")), "apt");
}

TEST(Caution, IsNotForPricesNorForSeveralSeats) {
  World world = TwoMeasured(100, 0.7);
  Policy several = Cautious("2");
  several.experts = 2;
  EXPECT_EQ(FirstAt(world, several), "apt");
  Policy priced = Cautious("2");
  priced.price_weight = 0.001;
  EXPECT_EQ(FirstAt(world, priced), "apt");
}

}  // namespace
}  // namespace moerge
