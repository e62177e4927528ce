// What a tenant's shares do to a decision.
#include <gtest/gtest.h>

#include "router/signals_json.h"
#include "tests/router/router_fixture.h"

namespace moerge {
namespace {

// ada is expected 0.1 better than bob, bob 0.1 better than cleo.
World BalancedWorld() {
  return World(
      {MakeExpert("ada", {}), MakeExpert("bob", {}), MakeExpert("cleo", {})},
      {MakeSkill("algebra")},
      {MakeEvidence("ada", "algebra", 800, 1000), MakeEvidence("bob", "algebra", 700, 1000),
       MakeEvidence("cleo", "algebra", 600, 1000)});
}

RouteRequest WithShares(std::vector<ShareSignal> shares) {
  RouteRequest request = Needs({"algebra"});
  auto signals = std::make_shared<Signals>();
  signals->shares = std::move(shares);
  request.signals = signals;
  return request;
}

Policy Balancing(const PolicyOptions& options) {
  Policy policy;
  policy.name = "p";
  policy.options = options;
  return policy;
}

std::string OrderOf(const Decision& decision) {
  std::string line;
  for (const Seat& seat : decision.roster) line.append(NameOf(seat.expert)).append(" ");
  line += "|";
  for (const ExpertId id : decision.fallbacks) line.append(" ").append(NameOf(id));
  return line;
}

const Candidate* CandidateOf(const Decision& decision, std::string_view expert) {
  for (const Candidate& each : decision.candidates) {
    if (NameOf(each.expert) == expert) return &each;
  }
  return nullptr;
}

TEST(BalanceRoute, ABiasChangesTheOrderAndNothingElse) {
  const PolicyRouter router = BalancedWorld().MakeRouter();
  const Policy policy = Balancing({{"balance.step", "0.01"}});
  const Decision plain = router.Route(WithShares({}), policy, nullptr);
  EXPECT_EQ(OrderOf(plain), "ada | bob cleo");
  const Decision biased = router.Route(
      WithShares({{"ada", 9, -0.08, false}, {"bob", 1, 0.08, false}}), policy, nullptr);
  EXPECT_EQ(OrderOf(biased), "bob | ada cleo");
  EXPECT_FLOAT_EQ(CandidateOf(biased, "bob")->expected, CandidateOf(plain, "bob")->expected);
  EXPECT_FLOAT_EQ(biased.roster[0].weight, 1);
}

TEST(BalanceRoute, WhatHasItsMostGoesToTheNextBestAndSaysSo) {
  const PolicyRouter router = BalancedWorld().MakeRouter();
  const Policy policy = Balancing({{"balance.capacity", "1.5"}});
  const Decision moved =
      router.Route(WithShares({{"ada", 50, 0, true}, {"bob", 30, 0, false}}), policy, nullptr);
  EXPECT_EQ(OrderOf(moved), "bob | cleo");
  EXPECT_EQ(CandidateOf(moved, "ada")->excluded, Exclusion::kCapacity);
  bool said = false;
  for (const std::string& reason : moved.reasons) {
    said |= reason.find("rerouted: `ada` has taken 50 of the last 1000 requests") != reason.npos;
  }
  EXPECT_TRUE(said);
}

TEST(BalanceRoute, WhereAllHaveTheirMostNoRequestIsLost) {
  const PolicyRouter router = BalancedWorld().MakeRouter();
  const Policy policy = Balancing({{"balance.capacity", "0.1"}});
  const Decision all =
      router.Route(WithShares({{"ada", 5, 0, true}, {"bob", 5, 0, true}, {"cleo", 5, 0, true}}),
                   policy, nullptr);
  EXPECT_EQ(OrderOf(all), "ada | bob cleo");
}

TEST(BalanceRoute, WhatIsTooMuchIsRefusedIfThePolicySaysSo) {
  const PolicyRouter router = BalancedWorld().MakeRouter();
  const Policy policy = Balancing({{"balance.capacity", "1.5"}, {"balance.overflow", "refuse"}});
  const Decision refused =
      router.Route(WithShares({{"ada", 50, 0, true}, {"bob", 30, 0, false}}), policy, nullptr);
  EXPECT_TRUE(refused.roster.empty());
  EXPECT_TRUE(refused.fallbacks.empty());
  EXPECT_EQ(refused.blocker.what, Exclusion::kCapacity);
  EXPECT_FALSE(refused.abstained());
  const Decision fine =
      router.Route(WithShares({{"ada", 30, 0, false}, {"bob", 50, 0, true}}), policy, nullptr);
  EXPECT_EQ(OrderOf(fine), "ada | bob cleo");
}

TEST(BalanceRoute, AKeptDecisionHasItsShares) {
  Signals signals;
  signals.shares = {{"ada", 50, -0.02, true}};
  std::string json;
  AppendSignals(signals, false, false, &json);
  const auto document = json::Document::Parse(json);
  ASSERT_TRUE(document.ok()) << json;
  const auto read = ReadSignals(document->root());
  ASSERT_EQ(read->shares.size(), 1u);
  EXPECT_EQ(read->shares[0].expert, "ada");
  EXPECT_EQ(read->shares[0].requests, 50);
  EXPECT_DOUBLE_EQ(read->shares[0].bias, -0.02);
  EXPECT_TRUE(read->shares[0].full);
}

}  // namespace
}  // namespace moerge
