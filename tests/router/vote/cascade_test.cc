#include "router/vote/cascade.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "config/policy_options.h"
#include "tests/router/router_fixture.h"

namespace moerge {
namespace {

using Kind = CascadeStep::Kind;
using Check = CascadeBallot::Check;
using CascadeBallots = std::vector<CascadeBallot>;

constexpr std::int32_t kOpen = CascadeBallot::kOpen;
constexpr CascadeRule kRule{};

// By a digit that stands for the id.
std::vector<double> Expectations(const CascadePlan& plan) {
  std::vector<double> all;
  for (const CascadeExpert& each : plan.order) all.push_back(each.expected);
  return all;
}

CascadeExpert Priced(double expected, double price, double size = 0) {
  return {.id = {}, .expected = expected, .price = price, .size = size};
}

TEST(CascadeOrder, CheapestFirstAndNoneThatCostsMoreAndIsNoBetter) {
  const auto plan = PlanCascade(
      {Priced(0.8, 10), Priced(0.6, 1), Priced(0.55, 2), Priced(0.7, 3), Priced(0.7, 4)}, kRule);
  EXPECT_EQ(Expectations(plan), (std::vector<double>{0.6, 0.7, 0.8}));
  EXPECT_NEAR(plan.adequate, 0.9 * 0.8, 1e-12);
}

TEST(CascadeOrder, EqualPricesBySizeAndSizesWherePricesAreUnknown) {
  EXPECT_EQ(Expectations(PlanCascade({Priced(0.7, 1, 70), Priced(0.6, 1, 8)}, kRule)),
            (std::vector<double>{0.6, 0.7}));
  EXPECT_EQ(Expectations(PlanCascade({Priced(0.7, 0, 70), Priced(0.6, 0, 8)}, kRule)),
            (std::vector<double>{0.6, 0.7}));
}

// Without prices nothing says which are cheap: the order given, and none is left out.
TEST(CascadeOrder, AsGivenWhereNothingIsKnown) {
  const std::vector<CascadeExpert> experts = {Priced(0.7, 0), Priced(0.8, 0, 8), Priced(0.6, 0)};
  EXPECT_EQ(Expectations(PlanCascade(experts, kRule)), (std::vector<double>{0.7, 0.8, 0.6}));
  EXPECT_EQ(Expectations(PlanCascade(experts, {.most = 2})), (std::vector<double>{0.7, 0.8}));
}

TEST(CascadeOrder, OfTooManyTheStrongestStays) {
  const std::vector<CascadeExpert> experts = {Priced(0.6, 1), Priced(0.7, 2), Priced(0.8, 3),
                                              Priced(0.9, 4)};
  EXPECT_EQ(Expectations(PlanCascade(experts, {.most = 3})), (std::vector<double>{0.6, 0.7, 0.9}));
  EXPECT_EQ(Expectations(PlanCascade(experts, {.most = 1})), (std::vector<double>{0.9}));
  EXPECT_TRUE(PlanCascade({}, kRule).order.empty());
}

TEST(CascadeOrder, AnExpertTooWeakToMatterIsNotAsked) {
  const std::vector<CascadeExpert> experts = {Priced(0.3, 1), Priced(0.6, 2), Priced(0.9, 3)};
  EXPECT_EQ(Expectations(PlanCascade(experts, {.target = 1})), (std::vector<double>{0.9}));
  EXPECT_EQ(Expectations(PlanCascade(experts, {.target = 0.9})), (std::vector<double>{0.6, 0.9}));
  EXPECT_EQ(Expectations(PlanCascade(experts, {.target = 2})), (std::vector<double>{0.9}));
  EXPECT_EQ(PlanCascade(experts, {.target = 0}).order.size(), 3u);
}

// Nothing would be learnt from a reply that is not good enough by itself.
TEST(CascadeOrder, WhereRepliesSayNothingOnlyExpertsThatSufficeAloneAreAsked) {
  const std::vector<CascadeExpert> experts = {Priced(0.7, 1), Priced(0.8, 2), Priced(0.85, 3)};
  EXPECT_EQ(Expectations(PlanCascade(experts, {.target = 0.9}, false)),
            (std::vector<double>{0.8, 0.85}));
  EXPECT_EQ(Expectations(PlanCascade(experts, {.target = 2}, false)), (std::vector<double>{0.85}));
}

TEST(CascadeOrder, NoExpertHasToBeSurerThanCertain) {
  EXPECT_NEAR(PlanCascade({Priced(0.9, 1)}, {.target = 2}).adequate, 0.99, 1e-12);
}

TEST(CascadeStep, TheCheapAnswerStandsWhereItsExpertWillDo) {
  const CascadeBallots one{{.answer = 0, .expected = 0.6}};
  EXPECT_EQ(Step(one, 2, 0.6, kRule).kind, Kind::kAccept);
  EXPECT_NEAR(Step(one, 2, 0.6, kRule).confidence, 0.6, 1e-12);
  EXPECT_EQ(Step(one, 2, 0.61, kRule).kind, Kind::kNext);
  EXPECT_EQ(Step(one, 0, 0.61, kRule).kind, Kind::kExhausted);
  EXPECT_EQ(Step({}, 2, 0, kRule).kind, Kind::kNext);
}

TEST(CascadeStep, TwoThatAgreeAreGoodEnoughAndTwoThatDoNotAreNot) {
  const double adequate = 0.72;
  EXPECT_EQ(Step(CascadeBallots{{.answer = 0, .expected = 0.6}, {.answer = 0, .expected = 0.65}}, 1,
                 adequate, kRule)
                .kind,
            Kind::kAccept);
  const CascadeStep apart =
      Step(CascadeBallots{{.answer = 0, .expected = 0.6}, {.answer = 1, .expected = 0.65}}, 1,
           adequate, kRule);
  EXPECT_EQ(apart.kind, Kind::kNext);
  EXPECT_EQ(apart.ballot, 1u);
  EXPECT_LT(apart.confidence, 0.6);
}

TEST(CascadeStep, TheStrongestSpeaksForTheOnesThatAgree) {
  const CascadeBallots ballots{{.answer = 0, .expected = 0.5},
                               {.answer = 1, .expected = 0.6},
                               {.answer = 0, .expected = 0.7}};
  const CascadeStep step = Step(ballots, 0, 0.99, kRule);
  EXPECT_EQ(step.kind, Kind::kExhausted);
  EXPECT_EQ(step.ballot, 2u);
}

TEST(CascadeStep, AVerifierDecides) {
  const CascadeBallots passed{{.answer = 0, .expected = 0.9},
                              {.answer = 1, .expected = 0.2, .check = Check::kPassed}};
  EXPECT_EQ(Step(passed, 3, 0.99, kRule).kind, Kind::kAccept);
  EXPECT_EQ(Step(passed, 3, 0.99, kRule).ballot, 1u);
  const CascadeBallots failed{{.answer = 0, .expected = 0.9, .check = Check::kFailed},
                              {.answer = 1, .expected = 0.2}};
  EXPECT_EQ(Step(failed, 3, 0.3, kRule).kind, Kind::kNext);
  EXPECT_EQ(Step(failed, 0, 0.3, kRule).ballot, 1u);
}

// Were all replies failed or empty, the strongest one's stands; no threshold lets them pass.
TEST(CascadeStep, WhatFailedIsNeverGoodEnough) {
  const CascadeBallots failed{{.answer = 0, .expected = 0.5, .check = Check::kFailed},
                              {.answer = 0, .expected = 0.8, .check = Check::kFailed}};
  const CascadeStep step = Step(failed, 0, 0, kRule);
  EXPECT_EQ(step.kind, Kind::kExhausted);
  EXPECT_EQ(step.ballot, 1u);
  EXPECT_EQ(step.confidence, 0);
  EXPECT_EQ(Step(CascadeBallots{{.answer = -1, .expected = 0.9}}, 1, 0, kRule).kind, Kind::kNext);
}

// Free texts neither agree nor contradict: the surest one leads and is as sure as alone.
TEST(CascadeStep, AnswersThatCannotBeComparedStandAlone) {
  const CascadeBallots open{{.answer = kOpen, .expected = 0.5}, {.answer = kOpen, .expected = 0.7}};
  const CascadeStep step = Step(open, 1, 0.75, kRule);
  EXPECT_EQ(step.kind, Kind::kNext);
  EXPECT_EQ(step.ballot, 1u);
  EXPECT_NEAR(step.confidence, 0.7, 1e-12);
}

TEST(CascadeStep, AReplysOwnTokensCountWhereTheRuleSaysSo) {
  const CascadeRule listening{.logprob_weight = 1};
  const auto sure = [&](double probability, const CascadeRule& rule) {
    const CascadeBallots one{{.answer = 0, .expected = 0.6, .token_probability = probability}};
    return Step(one, 1, 0.9, rule).confidence;
  };
  EXPECT_NEAR(sure(0.99, kRule), 0.6, 1e-12);
  EXPECT_NEAR(sure(0.9, listening), 0.6, 1e-9);  // as usual
  EXPECT_GT(sure(0.98, listening), 0.8);
  EXPECT_LT(sure(0.6, listening), 0.3);
  EXPECT_TRUE(std::isfinite(sure(0, listening)));
  EXPECT_TRUE(std::isfinite(sure(1, listening)));
}

TEST(CascadeExperts, AreTheModelsOfRosterAndFallbacks) {
  Expert small = MakeExpert("small", {{"chess", 0.5}});
  small.price = {1, 1};
  small.active_params = 8;
  Expert large = MakeExpert("large", {{"chess", 0.9}});
  large.price = {10, 10};
  const World world({small, large, MakeTool("calculator", "chess")}, {MakeSkill("chess")});
  const PolicyRouter router = world.MakeRouter();
  Policy policy;
  const Decision decision = router.Route(Needs({"chess"}), policy, nullptr);
  ASSERT_EQ(NameAt(decision.roster, 0), "calculator");
  const auto experts = CascadeExperts(decision, *router.snapshot());
  ASSERT_EQ(experts.size(), 2u);
  EXPECT_EQ(NameOf(experts[0].id), "large");
  EXPECT_GT(experts[0].expected, experts[1].expected);
  EXPECT_EQ(experts[0].price, 10);
  EXPECT_EQ(experts[1].size, 8);
  EXPECT_EQ(NameOf(PlanCascade(experts, {.target = 0.5}).order.front().id), "small");
}

TEST(CascadeRule, IsReadFromThePolicy) {
  Policy policy;
  EXPECT_EQ(CascadeRuleOf(policy).target, kRule.target);
  EXPECT_EQ(CascadeRuleOf(policy).most, kRule.most);
  EXPECT_EQ(CascadeRuleOf(policy).logprob_weight, kRule.logprob_weight);
  policy.options = {{"cascade.target", "0.5"}, {"cascade.max", "2"}};
  EXPECT_EQ(CascadeRuleOf(policy).target, 0.5);
  EXPECT_EQ(CascadeRuleOf(policy).most, 2u);
}

}  // namespace
}  // namespace moerge
