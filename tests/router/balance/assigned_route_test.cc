// What becomes of a request that was assigned together with others.
#include <gtest/gtest.h>

#include "router/balance/batch_spread.h"
#include "router/signals_json.h"
#include "tests/router/router_fixture.h"

namespace moerge {
namespace {

using How = AssignedExperts::How;

// ada is expected 0.1 better than bob, bob 0.1 better than cleo.
World SpreadWorld() {
  return World(
      {MakeExpert("ada", {}), MakeExpert("bob", {}), MakeExpert("cleo", {})},
      {MakeSkill("algebra")},
      {MakeEvidence("ada", "algebra", 800, 1000), MakeEvidence("bob", "algebra", 700, 1000),
       MakeEvidence("cleo", "algebra", 600, 1000)});
}

Policy Spreading(PolicyOptions options, int experts = 1) {
  Policy policy;
  policy.name = "p";
  policy.experts = experts;
  policy.options = std::move(options);
  return policy;
}

RouteRequest AssignedTo(std::vector<std::string> experts, const std::string& instead_of = "") {
  RouteRequest request = Needs({"algebra"});
  const auto signals = std::make_shared<Signals>();
  signals->assignment = AssignmentSignal{.by = BatchAssign::kBalanced,
                                         .experts = std::move(experts),
                                         .instead_of = instead_of,
                                         .lost = 0.1};
  request.signals = signals;
  return request;
}

std::string AskedAndSpare(const Decision& decision) {
  std::string line;
  for (const Seat& seat : decision.roster) line.append(NameOf(seat.expert)).append(" ");
  line += "|";
  for (const ExpertId id : decision.fallbacks) line.append(" ").append(NameOf(id));
  return line;
}

bool SaysWhy(const Decision& decision, std::string_view part) {
  return std::ranges::any_of(decision.reasons, [part](const std::string& reason) {
    return reason.find(part) != reason.npos;
  });
}

TEST(AssignedRoute, TheAssignedExpertIsAskedAndTheOthersStandBehindIt) {
  const PolicyRouter router = SpreadWorld().MakeRouter();
  const Policy policy = Spreading({{"batch.assign", "balanced"}});
  const Decision decision = router.Route(AssignedTo({"cleo"}, "ada"), policy, nullptr);
  EXPECT_EQ(AskedAndSpare(decision), "cleo | ada bob");
  EXPECT_TRUE(SaysWhy(decision, "batch.assign: balanced); rerouted from ada, 0.10 score points"));
  EXPECT_FLOAT_EQ(decision.roster[0].weight, 1);
}

TEST(AssignedRoute, SeveralAreSeatedAsManyAsWereAssigned) {
  const PolicyRouter router = SpreadWorld().MakeRouter();
  const Policy policy = Spreading({{"batch.assign", "expert_choice"}}, 3);
  EXPECT_EQ(AskedAndSpare(router.Route(AssignedTo({"bob", "cleo"}), policy, nullptr)),
            "bob cleo | ada");
}

TEST(AssignedRoute, WhatMayNotBeAskedIsLeftOut) {
  const PolicyRouter router = SpreadWorld().MakeRouter();
  const Policy policy = Spreading({{"batch.assign", "balanced"}});
  RouteRequest request = AssignedTo({"cleo", "gone"});
  request.experts = {"ada", "bob"};
  EXPECT_EQ(AskedAndSpare(router.Route(request, policy, nullptr)), "ada | bob");
}

TEST(AssignedRoute, ACautiousPolicyAndAConversationGiveWay) {
  const PolicyRouter router = SpreadWorld().MakeRouter();
  const Policy policy = Spreading(
      {{"batch.assign", "balanced"}, {"experts.caution", "10"}, {"session.sticky", "true"}});
  RouteRequest request = AssignedTo({"cleo"});
  const auto signals = std::make_shared<Signals>(*request.signals);
  signals->session = SessionSignal{"bob", 3, 0};
  request.signals = signals;
  EXPECT_EQ(AskedAndSpare(router.Route(request, policy, nullptr)), "cleo | ada bob");
}

TEST(AssignedRoute, AKeptDecisionHasItsAssignment) {
  Signals signals;
  signals.assignment = AssignmentSignal{.by = BatchAssign::kExpertChoice,
                                        .experts = {"bob", "cleo"},
                                        .how = How::kRoom,
                                        .instead_of = "ada",
                                        .picked_by = 2,
                                        .lost = 0.25};
  std::string json;
  AppendSignals(signals, false, false, &json);
  const auto document = json::Document::Parse(json);
  ASSERT_TRUE(document.ok()) << json;
  EXPECT_EQ(document->root().Find("assignment").raw(),
            R"({"by":"expert_choice","outcome":"room","experts":["bob","cleo"],)"
            R"("rerouted_from":"ada","picked_by":2,"score_lost":0.25})");
  const auto read = ReadSignals(document->root());
  ASSERT_TRUE(read->assignment.has_value());
  EXPECT_EQ(read->assignment->by, BatchAssign::kExpertChoice);
  EXPECT_EQ(read->assignment->how, How::kRoom);
  EXPECT_EQ(read->assignment->experts, (std::vector<std::string>{"bob", "cleo"}));
  EXPECT_EQ(read->assignment->instead_of, "ada");
  EXPECT_EQ(read->assignment->picked_by, 2);
  EXPECT_DOUBLE_EQ(read->assignment->lost, 0.25);
}

TEST(AssignedRoute, RecruitersThatSpreadByThemselvesTakeNoAssignment) {
  Policy policy = Spreading({{"batch.assign", "balanced"}});
  for (const char* recruiter : {"expected", "task-level", "best-single", "top"}) {
    policy.recruiter = recruiter;
    EXPECT_TRUE(CheckPolicy(policy).ok()) << recruiter;
  }
  for (const char* recruiter : {"random", "sampling", "mapping"}) {
    policy.recruiter = recruiter;
    const Status checked = CheckPolicy(policy);
    ASSERT_FALSE(checked.ok()) << recruiter;
    EXPECT_EQ(checked.error().param, "options.batch.assign");
  }
}

// From decisions to experts: each policy's requests are spread with each other.
TEST(Spread, RequestsOfAPolicyAreSpreadWithEachOther) {
  const PolicyRouter router = SpreadWorld().MakeRouter();
  const Policy balanced = Spreading({{"batch.assign", "balanced"}});
  const Policy parts = Spreading({{"batch.assign", "balanced"}, {"batch.part.ada", "4"}});
  std::vector<RoutedAlone> requests;
  for (std::uint64_t i = 0; i < 18; ++i) {
    const Policy& policy = i % 3 == 0 ? balanced : parts;
    const Decision decision = router.Route(Needs({"algebra"}), policy, nullptr);
    requests.push_back(RoutedBy(decision, policy, *router.snapshot(), i));
  }
  requests.emplace_back();  // of a policy that assigns nothing
  const std::vector<SpreadRequest> spread = Spread(requests);
  std::map<std::string, int> taken[2];
  for (std::size_t i = 0; i < 18; ++i) {
    ASSERT_EQ(spread[i].experts.size(), 1u);
    ++taken[i % 3 == 0 ? 0 : 1][std::string(NameOf(spread[i].experts[0]))];
    EXPECT_EQ(NameOf(spread[i].own_best), "ada");
    EXPECT_EQ(spread[i].rerouted(), NameOf(spread[i].experts[0]) != "ada");
  }
  EXPECT_EQ(taken[0], (std::map<std::string, int>{{"ada", 2}, {"bob", 2}, {"cleo", 2}}));
  EXPECT_EQ(taken[1], (std::map<std::string, int>{{"ada", 8}, {"bob", 2}, {"cleo", 2}}));
  EXPECT_TRUE(spread[18].experts.empty());
}

TEST(Spread, WhereNobodyIsAskedNobodyIsAssigned) {
  const PolicyRouter router = SpreadWorld().MakeRouter();
  const Policy policy = Spreading({{"batch.assign", "balanced"}, {"experts.abstain", "0.99"}});
  const Decision decision = router.Route(Needs({"algebra"}), policy, nullptr);
  ASSERT_TRUE(decision.abstained());
  const std::vector<RoutedAlone> requests = {RoutedBy(decision, policy, *router.snapshot(), 1)};
  EXPECT_TRUE(Spread(requests)[0].experts.empty());
}

}  // namespace
}  // namespace moerge
