#include "router/mapping/mapping.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "config/base/random.h"
#include "router/mapping/mappings.h"
#include "tests/router/router_fixture.h"

namespace moerge {
namespace {

std::vector<BudgetGroup> RandomGroups(std::uint64_t seed, std::size_t groups, std::size_t options) {
  Random random(seed);
  std::vector<BudgetGroup> all(groups);
  double total = 0;
  for (BudgetGroup& group : all) {
    group.frequency = 0.1 + random.Uniform();
    total += group.frequency;
    for (std::uint32_t i = 0; i < options; ++i) {
      group.options.push_back({i, 0.1 + 5 * random.Uniform(), random.Uniform()});
    }
  }
  for (BudgetGroup& group : all) group.frequency /= total;
  return all;
}

// Calls `visit` with the cost and the value of every choice there is.
template <class Visit>
void ForEachChoice(const std::vector<BudgetGroup>& groups, std::size_t from, double cost,
                   double value, const Visit& visit) {
  if (from == groups.size()) return visit(cost, value);
  const BudgetGroup& group = groups[from];
  for (const BudgetOption& option : group.options) {
    ForEachChoice(groups, from + 1, cost + group.frequency * option.cost,
                  value + group.frequency * option.value, visit);
  }
}

double Exhaustive(const std::vector<BudgetGroup>& groups, double budget) {
  double best = -1;
  ForEachChoice(groups, 0, 0, 0, [&](double cost, double value) {
    if (cost <= budget) best = std::max(best, value);
  });
  return best;
}

TEST(BudgetCurve, EqualsExhaustiveSearchForFiveExpertsAndEightSkills) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const auto groups = RandomGroups(seed, 8, 5);
    const BudgetCurve curve(groups);
    EXPECT_TRUE(curve.exact());
    for (const double budget : {0.8, 1.2, 1.7, 2.5, 3.5, 10.0}) {
      const auto point = curve.Within(budget);
      const double best = Exhaustive(groups, budget);
      ASSERT_EQ(point.has_value(), best >= 0) << budget;
      if (!point) continue;
      EXPECT_NEAR(curve.points()[*point].value, best, 1e-9) << seed << " " << budget;
      EXPECT_LE(curve.points()[*point].cost, budget + 1e-9);
    }
  }
}

TEST(BudgetCurve, ThePicksOfAPointCostAndBringWhatItSays) {
  const auto groups = RandomGroups(4, 8, 5);
  const BudgetCurve curve(groups);
  for (std::size_t i = 0; i < curve.points().size(); i += 7) {
    const auto picks = curve.Picks(i);
    double cost = 0;
    double value = 0;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      cost += groups[g].frequency * groups[g].options[picks[g]].cost;
      value += groups[g].frequency * groups[g].options[picks[g]].value;
    }
    EXPECT_NEAR(cost, curve.points()[i].cost, 1e-9);
    EXPECT_NEAR(value, curve.points()[i].value, 1e-9);
  }
}

TEST(BudgetCurve, MoreMoneyNeverBuysLessAndTheHullIsConcave) {
  const BudgetCurve curve(RandomGroups(5, 8, 5));
  const auto& points = curve.points();
  const BudgetPoint* corner = nullptr;
  double slope = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (i > 0) {
      EXPECT_GT(points[i].cost, points[i - 1].cost);
      EXPECT_GT(points[i].value, points[i - 1].value);
    }
    if (!points[i].hull) continue;
    if (corner != nullptr) {
      const double next = (points[i].value - corner->value) / (points[i].cost - corner->cost);
      EXPECT_LT(next, slope + 1e-9);
      slope = next;
    }
    corner = &points[i];
  }
  EXPECT_TRUE(points.front().hull);
  EXPECT_TRUE(points.back().hull);
}

TEST(BudgetCurve, TooManyChoicesAreThinnedAndStayWithinBudget) {
  const auto groups = RandomGroups(6, 300, 12);
  const BudgetCurve curve(groups);
  EXPECT_FALSE(curve.exact());
  const double middle = (curve.points().front().cost + curve.points().back().cost) / 2;
  const auto point = curve.Within(middle);
  ASSERT_TRUE(point.has_value());
  const auto picks = curve.Picks(*point);
  double cost = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    cost += groups[g].frequency * groups[g].options[picks[g]].cost;
  }
  EXPECT_LE(cost, middle + 1e-6);
}

// An expensive expert that is best at everything, a cheap one nearly as good at law, and a free
// one.
World MarketWorld() {
  World world({MakeExpert("cheap", {}), MakeExpert("costly", {}), MakeExpert("free", {})},
              {MakeSkill("algebra"), MakeSkill("law"), MakeSkill("poems")});
  world.experts[0].price = {1, 1};
  world.experts[1].price = {10, 10};
  world.experts[0].active_params = 7;
  world.experts[1].active_params = 70;
  const double wins[3][3] = {{80, 170, 100}, {180, 180, 180}, {40, 40, 90}};
  const char* names[3] = {"cheap", "costly", "free"};
  const char* skills[3] = {"algebra", "law", "poems"};
  for (int e = 0; e < 3; ++e) {
    for (int s = 0; s < 3; ++s) {
      world.evidence.push_back(MakeEvidence(names[e], skills[s], wins[e][s], 200));
    }
  }
  return world;
}

Policy MappingPolicy(std::map<std::string, std::string> options) {
  Policy policy;
  policy.recruiter = "mapping";
  policy.options = std::move(options);
  return policy;
}

TEST(Mapping, SpendsTheBudgetWhereItBuysMost) {
  const PolicyRouter router = MarketWorld().MakeRouter();
  const Policy policy = MappingPolicy({{"mapping.budget", "4"}});
  EXPECT_EQ(NameAt(router.Route(Needs({"algebra"}), policy, nullptr).roster, 0), "costly");
  EXPECT_EQ(NameAt(router.Route(Needs({"law"}), policy, nullptr).roster, 0), "cheap");
  const Decision decision = router.Route(Needs({"law"}), policy, nullptr);
  EXPECT_NE(AllReasons(decision).find("law -> cheap"), std::string::npos) << AllReasons(decision);
}

TEST(Mapping, StaysWithinEveryBudgetAndNeverFallsWithMore) {
  const ExpertTable expert_table(MarketWorld().MakeSnapshot());
  double before = 0;
  for (double budget = 0; budget <= 11; budget += 0.5) {
    MappingOptions options;
    options.budget = budget;
    const Result<Mapping> mapping = Mapping::Solve(expert_table.competence, options);
    ASSERT_TRUE(mapping.ok()) << mapping.error().message;
    EXPECT_LE(mapping->point().cost, budget + 1e-9);
    EXPECT_GE(mapping->point().value, before);
    before = mapping->point().value;
    double cost = 0;
    for (const Mapping::Row& row : mapping->rows()) cost += row.frequency * row.cost;
    EXPECT_NEAR(cost, mapping->point().cost, 1e-9);
  }
}

TEST(Mapping, SolvingAgainLeavesTheClassifierUntouched) {
  const PolicyRouter router = MarketWorld().MakeRouter();
  RouteRequest request;
  request.text.user = "Solve for x";
  const Decision tight = router.Route(request, MappingPolicy({{"mapping.budget", "1"}}), nullptr);
  const Decision rich = router.Route(request, MappingPolicy({{"mapping.budget", "9"}}), nullptr);
  ASSERT_EQ(tight.demand.skills.size(), rich.demand.skills.size());
  for (std::size_t i = 0; i < tight.demand.skills.size(); ++i) {
    EXPECT_EQ(tight.demand.skills[i].skill, rich.demand.skills[i].skill);
    EXPECT_EQ(tight.demand.skills[i].probability, rich.demand.skills[i].probability);
  }
}

TEST(Mapping, ABudgetBelowTheCheapestIsRefusedWithTheLeastThatWouldDo) {
  World world = MarketWorld();
  world.experts.pop_back();
  world.evidence.resize(6);
  const PolicyRouter router = world.MakeRouter();
  const Policy policy = MappingPolicy({{"mapping.budget", "0.5"}});
  const MappingPtr mapping = router.MappingFor(policy);
  ASSERT_FALSE(mapping->ok());
  EXPECT_NE(mapping->error().message.find("below 1 USD"), std::string::npos)
      << mapping->error().message;
  const Decision decision = router.Route(Needs({"law"}), policy, nullptr);
  EXPECT_TRUE(decision.roster.empty());
  EXPECT_EQ(decision.abstention.what, Abstention::What::kNoMapping);
  EXPECT_NE(decision.abstention.why.find("below 1 USD"), std::string::npos);
  EXPECT_NE(AllReasons(decision).find("below 1 USD"), std::string::npos) << AllReasons(decision);
}

TEST(Mapping, MayLeaveSkillsWithoutAnExpert) {
  World world = MarketWorld();
  world.experts.pop_back();
  world.evidence.resize(6);
  const Policy policy = MappingPolicy({{"mapping.budget", "0.4"}, {"mapping.none", "true"}});
  const PolicyRouter router = world.MakeRouter();
  EXPECT_EQ(NameAt(router.Route(Needs({"law"}), policy, nullptr).roster, 0), "cheap");
  const Decision decision = router.Route(Needs({"algebra"}), policy, nullptr);
  EXPECT_EQ(decision.abstention.what, Abstention::What::kMappedToNobody);
  EXPECT_NE(decision.abstention.why.find("leaves algebra without an expert"), std::string::npos);
  EXPECT_TRUE(decision.roster.empty());
}

TEST(Mapping, BySizeLeavesOutExpertsOfUnknownSize) {
  const PolicyRouter router = MarketWorld().MakeRouter();
  const Policy policy = MappingPolicy({{"mapping.budget", "7"}, {"mapping.measure", "size"}});
  for (const char* skill : {"algebra", "law", "poems"}) {
    EXPECT_EQ(NameAt(router.Route(Needs({skill}), policy, nullptr).roster, 0), "cheap");
  }
  World unknown = MarketWorld();
  for (Expert& expert : unknown.experts) expert.active_params = 0;
  EXPECT_FALSE(unknown.MakeRouter().MappingFor(policy)->ok());
}

TEST(Mapping, KeepsToTheBudgetWithOneSkillThatNoTextCanTellApart) {
  World world = MarketWorld();
  world.skills.resize(1);
  const std::string only = world.skills[0].name;
  std::erase_if(world.evidence, [&](const Evidence& each) { return each.skill != only; });
  for (Expert& expert : world.experts) {
    std::erase_if(expert.skills, [&](const auto& each) { return each.first != only; });
  }
  RouteRequest request;
  request.text.user = "Solve for x";
  const PolicyRouter router = world.MakeRouter();
  const Decision tight = router.Route(request, MappingPolicy({{"mapping.budget", "1"}}), nullptr);
  ASSERT_EQ(tight.demand.confidence, 0);
  EXPECT_EQ(NameAt(tight.roster, 0), "cheap") << AllReasons(tight);
  const Decision rich = router.Route(request, MappingPolicy({{"mapping.budget", "50"}}), nullptr);
  EXPECT_NE(NameAt(rich.roster, 0), "cheap") << AllReasons(rich);
}

TEST(Mapping, WhatNoSkillIsRecognisedInKeepsToTheBudgetToo) {
  const PolicyRouter router = MarketWorld().MakeRouter();
  RouteRequest request;
  request.text.user = "Hm";
  const Decision tight = router.Route(request, MappingPolicy({{"mapping.budget", "2"}}), nullptr);
  ASSERT_EQ(tight.demand.confidence, 0);
  EXPECT_EQ(NameAt(tight.roster, 0), "cheap") << AllReasons(tight);
  EXPECT_NE(AllReasons(tight).find("within the budget"), std::string::npos) << AllReasons(tight);
  const Decision rich = router.Route(request, MappingPolicy({{"mapping.budget", "50"}}), nullptr);
  EXPECT_EQ(NameAt(rich.roster, 0), "costly") << AllReasons(rich);
}

TEST(Mapping, AnExpertThatIsLeftOutIsReplacedByTheHighestExpectedWithinTheBudget) {
  const PolicyRouter router = MarketWorld().MakeRouter();
  RouteRequest request = Needs({"law"});
  request.experts = {"free", "costly"};
  const Decision decision =
      router.Route(request, MappingPolicy({{"mapping.budget", "4"}}), nullptr);
  EXPECT_EQ(NameAt(decision.roster, 0), "free");
  EXPECT_NE(AllReasons(decision).find("left out"), std::string::npos) << AllReasons(decision);
}

TEST(Mapping, ImpossibleBudgetsAreRefusedWithThePolicy) {
  for (const char* budget : {"nan", "-1", "inf", "much"}) {
    const Status status = CheckPolicy(MappingPolicy({{"mapping.budget", budget}}));
    ASSERT_FALSE(status.ok()) << budget;
    EXPECT_EQ(status.error().param, "options.mapping.budget");
  }
  EXPECT_FALSE(CheckPolicy(MappingPolicy({{"mapping.measure", "weight"}})).ok());
  EXPECT_TRUE(CheckPolicy(MappingPolicy({{"mapping.budget", "0"}})).ok());
}

}  // namespace
}  // namespace moerge
