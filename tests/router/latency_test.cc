// How long experts take: ceilings of requests, weights of policies, mappings by latency.
#include "router/profile/latency.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "router/mapping/mapping.h"
#include "tests/router/router_fixture.h"

namespace moerge {
namespace {

// Every backend is healthy; latencies are as set.
struct MeasuredHealth : Health {
  std::map<std::string, Latency> by_name;
  std::map<std::string, float> load_waits;  // ms

  bool Healthy(std::string_view) const override { return true; }
  Latency MeasuredLatency(ExpertId expert) const override {
    const auto at = by_name.find(std::string(NameOf(expert)));
    return at == by_name.end() ? Latency{} : at->second;
  }
  float LoadWaitMs(const ExpertEntry& expert) const override {
    const auto at = load_waits.find(expert.spec.name);
    return at == load_waits.end() ? 0 : at->second;
  }
};

// The stronger, the slower.
struct Waiting : ::testing::Test {
  Waiting() {
    world = World({MakeExpert("strong", {{"general", 0.9}}), MakeExpert("fair", {{"general", 0.7}}),
                   MakeExpert("weak", {{"general", 0.5}})},
                  {MakeSkill("algebra")});
    measured.by_name = {{"strong", {2000, 6000}}, {"fair", {400, 900}}, {"weak", {100, 150}}};
  }

  Decision Route(double ceiling, const Policy& policy = {}) const {
    RouteRequest request = Needs({"algebra"});
    request.max_latency_ms = ceiling;
    return world.MakeRouter().Route(request, policy, &measured);
  }
  std::string First(double ceiling, const Policy& policy = {}) const {
    return NameAt(Route(ceiling, policy).roster, 0);
  }

  World world;
  MeasuredHealth measured;
};

TEST_F(Waiting, ALimitLeavesOutExpertsWhose90thPercentileIsAboveIt) {
  EXPECT_EQ(First(0), "strong");
  EXPECT_EQ(First(6000), "strong");
  EXPECT_EQ(First(5999), "fair");  // though half of the answers of `strong` take 2 s
  EXPECT_EQ(First(899), "weak");
  const Decision decision = Route(899);
  EXPECT_EQ(WhyExcluded(decision, "strong"), Exclusion::kLatencyLimit);
  EXPECT_EQ(WhyExcluded(decision, "fair"), Exclusion::kLatencyLimit);
  EXPECT_TRUE(decision.fallbacks.empty());
  const std::string reasons = AllReasons(decision);
  EXPECT_NE(reasons.find("left out: latency_limit 2"), std::string::npos) << reasons;
  EXPECT_NE(reasons.find("max_latency_ms of 899 ms leaves out fair (90 % of its answers took up to "
                         "900 ms), strong (90 % of its answers took up to 6000 ms)"),
            std::string::npos)
      << reasons;
}

TEST_F(Waiting, AnExpertNotKnownToBeSlowIsAsked) {
  measured.by_name.erase("strong");
  EXPECT_EQ(First(1), "strong");
  world.experts[0].latency_ms = 800;
  EXPECT_EQ(First(799), "weak");
  EXPECT_EQ(First(800), "strong");
}

TEST_F(Waiting, WhatWasMeasuredCountsBeforeWhatIsDeclared) {
  for (Expert& expert : world.experts) expert.latency_ms = 1;
  EXPECT_EQ(First(899), "weak");
  measured.by_name.clear();
  EXPECT_EQ(First(899), "strong");
}

TEST_F(Waiting, ALimitThatLeavesNoExpertNamesTheFastest) {
  const Decision decision = Route(50);
  EXPECT_TRUE(decision.roster.empty());
  EXPECT_FALSE(decision.abstained());
  const std::string reasons = AllReasons(decision);
  EXPECT_NE(reasons.find("max_latency_ms of 50 ms leaves no expert: the fastest that fits is "
                         "weak (90 % of its answers took up to 150 ms)"),
            std::string::npos)
      << reasons;
  EXPECT_EQ(reasons.find("moerge experts add"), std::string::npos) << reasons;
}

TEST_F(Waiting, ToolsTakeNoTime) {
  world.skills.push_back(MakeSkill("arithmetic"));
  world.experts.push_back(MakeTool("calculator", "arithmetic"));
  RouteRequest request = Needs({"arithmetic"});
  request.max_latency_ms = 1;
  EXPECT_EQ(NameAt(world.MakeRouter().Route(request, {}, &measured).roster, 0), "calculator");
}

TEST_F(Waiting, AWeightMakesSlowExpertsWorthLess) {
  Policy policy;
  EXPECT_EQ(First(0, policy), "strong");
  policy.latency_weight = 0.25;  // 0.9 - 0.5, 0.7 - 0.1, 0.5 - 0.025
  EXPECT_EQ(First(0, policy), "fair");
  const Decision decision = Route(0, policy);
  EXPECT_NEAR(decision.candidates.front().utility,
              decision.candidates.front().expected - 0.25 * 0.4, 1e-5);
  EXPECT_NE(AllReasons(decision).find("after 0.4 s of waiting"), std::string::npos)
      << AllReasons(decision);
  policy.latency_weight = 2;  // 0.9 - 4, 0.7 - 0.8, 0.5 - 0.2
  EXPECT_EQ(First(0, policy), "weak");
  measured.by_name.erase("strong");  // nothing is known that would count against it
  EXPECT_EQ(First(0, policy), "strong");
}

TEST_F(Waiting, AWeightPrefersWhatIsLoadedWhereAnotherIsHardlyBetter) {
  Policy policy;
  policy.latency_weight = 0.02;  // 0.9 - 0.04, 0.7 - 0.008
  EXPECT_EQ(First(0, policy), "strong");
  measured.load_waits["strong"] = 8000;  // 0.9 - 0.2
  EXPECT_EQ(First(0, policy), "strong");
  measured.load_waits["strong"] = 12'000;  // 0.9 - 0.28
  EXPECT_EQ(First(0, policy), "fair");
  policy.latency_weight = 0;
  EXPECT_EQ(First(0, policy), "strong") << "nothing is weighed";
}

TEST_F(Waiting, ALimitCountsTheLoadOfAModel) {
  EXPECT_EQ(First(6000), "strong");
  measured.load_waits["strong"] = 1;
  EXPECT_EQ(First(6000), "fair");
  const std::string reasons = AllReasons(Route(6000));
  EXPECT_NE(reasons.find("strong (90 % of its answers took up to 6000 ms, and its model has to be "
                         "loaded first, about 1 ms)"),
            std::string::npos)
      << reasons;
}

TEST_F(Waiting, RemovingAnExpertLeavesDecisionsThatDidNotUseItIdentical) {
  Policy policy;
  policy.latency_weight = 0.25;
  const Decision with = Route(5999, policy);
  const auto unused = std::find_if(world.experts.begin(), world.experts.end(),
                                   [](const Expert& expert) { return expert.name == "strong"; });
  world.experts.erase(unused);
  const Decision without = Route(5999, policy);
  ASSERT_EQ(with.roster.size(), without.roster.size());
  EXPECT_EQ(with.roster[0].expert, without.roster[0].expert);
  EXPECT_EQ(with.fallbacks, without.fallbacks);
  EXPECT_EQ(with.confidence, without.confidence);
  for (const Candidate& candidate : without.candidates) {
    const auto same =
        std::find_if(with.candidates.begin(), with.candidates.end(),
                     [&](const Candidate& each) { return each.expert == candidate.expert; });
    ASSERT_NE(same, with.candidates.end());
    EXPECT_EQ(same->utility, candidate.utility);
    EXPECT_EQ(same->excluded, candidate.excluded);
  }
}

// `quick` is nearly as good at law, `thorough` far better at algebra.
World CourtWorld() {
  World world({MakeExpert("quick", {}), MakeExpert("thorough", {}), MakeExpert("unknown", {})},
              {MakeSkill("algebra"), MakeSkill("law")});
  const double wins[3][2] = {{60, 160}, {180, 170}, {190, 190}};
  for (int e = 0; e < 3; ++e) {
    world.evidence.push_back(MakeEvidence(world.experts[e].name, "algebra", wins[e][0], 200));
    world.evidence.push_back(MakeEvidence(world.experts[e].name, "law", wins[e][1], 200));
  }
  return world;
}

Policy ByLatency(std::string budget) {
  Policy policy;
  policy.name = "swift";
  policy.recruiter = "mapping";
  policy.options = {{"mapping.measure", "latency"}, {"mapping.budget", std::move(budget)}};
  return policy;
}

PolicyRouter RouterWith(const World& world, std::vector<float> latency_ms) {
  return PolicyRouter(
      std::make_shared<const ExpertTable>(world.MakeSnapshot(), std::move(latency_ms)), nullptr);
}

TEST(MappingByLatency, SpendsTimeWhereItBuysMost) {
  const PolicyRouter router = RouterWith(CourtWorld(), {100, 1000, 0});
  const Policy policy = ByLatency("600");
  EXPECT_EQ(NameAt(router.Route(Needs({"algebra"}), policy, nullptr).roster, 0), "thorough");
  const Decision law = router.Route(Needs({"law"}), policy, nullptr);
  EXPECT_EQ(NameAt(law.roster, 0), "quick");
  EXPECT_NE(AllReasons(law).find("at a mean cost of 550 ms"), std::string::npos) << AllReasons(law);
}

TEST(MappingByLatency, LeavesOutAndNamesExpertsOfUnknownLatency) {
  const PolicyRouter router = RouterWith(CourtWorld(), {100, 1000, 0});
  const MappingPtr mapping = router.MappingFor(ByLatency("1e12"));
  ASSERT_TRUE(mapping->ok());
  EXPECT_EQ((**mapping).unknown(), std::vector<std::uint32_t>{2});
  for (const Mapping::Row& row : (**mapping).rows()) EXPECT_EQ(row.expert, 1u);
  ASSERT_FALSE((**mapping).curve().points().empty());
  EXPECT_NEAR((**mapping).curve().points().front().cost, 100, 1e-9);
  EXPECT_NEAR((**mapping).curve().points().back().cost, 1000, 1e-9);
}

TEST(MappingByLatency, TakesWhatExpertsDeclareWhereNothingWasMeasured) {
  World world = CourtWorld();
  world.experts[0].latency_ms = 100;
  world.experts[1].latency_ms = 1000;
  const PolicyRouter router = world.MakeRouter();
  EXPECT_EQ(NameAt(router.Route(Needs({"law"}), ByLatency("600"), nullptr).roster, 0), "quick");
}

TEST(MappingByLatency, IsRefusedWithWhatWouldHelp) {
  const MappingPtr none = CourtWorld().MakeRouter().MappingFor(ByLatency("600"));
  ASSERT_FALSE(none->ok());
  EXPECT_NE(none->error().message.find("`latency_ms`"), std::string::npos);
  EXPECT_EQ(none->error().param, "options.mapping.measure");
  const MappingPtr tight = RouterWith(CourtWorld(), {100, 1000, 0}).MappingFor(ByLatency("50"));
  ASSERT_FALSE(tight->ok());
  EXPECT_NE(tight->error().message.find("below 100 ms"), std::string::npos)
      << tight->error().message;
}

TEST(MappingByLatency, ItsBudgetIsCheckedAsAnyOther) {
  EXPECT_TRUE(CheckPolicy(ByLatency("600")).ok());
  for (const char* wrong : {"-1", "nan", "soon", "1e13"}) {
    const Status status = CheckPolicy(ByLatency(wrong));
    ASSERT_FALSE(status.ok()) << wrong;
    EXPECT_EQ(status.error().param, "options.mapping.budget");
  }
}

TEST(KnownLatencies, OnlyALargeChangeIsMuch) {
  EXPECT_FALSE(MuchChanged({100, 0}, {125, 0}));
  EXPECT_FALSE(MuchChanged({125, 0}, {100, 0}));
  EXPECT_TRUE(MuchChanged({100, 0}, {126, 0}));
  EXPECT_TRUE(MuchChanged({126, 0}, {100, 0}));
  EXPECT_TRUE(MuchChanged({100, 0}, {100, 1}));
  EXPECT_TRUE(MuchChanged({100, 1}, {100, 0}));
}

// A factory over a registry with one mapping by latency, or none.
struct Factory {
  explicit Factory(bool maps) {
    DeclaredState declared;
    Backend backend;
    backend.name = "local";
    backend.base_url = "http://127.0.0.1:1/v1";
    declared.backends = {backend};
    declared.skills = {MakeSkill("law", {"sue the landlord"})};
    declared.experts = {MakeExpert("plain", {{"general", 0.5}}),
                        MakeExpert("shrewd", {{"general", 0.9}})};
    declared.policies = {ByLatency("500")};
    if (!maps) declared.policies[0].options.Set("mapping.measure", "price");
    for (Skill& skill : declared.skills) skill.origin = Origin::kFile;
    for (Expert& expert : declared.experts) expert.origin = Origin::kFile;
    for (Policy& policy : declared.policies) policy.origin = Origin::kFile;
    declared.backends[0].origin = Origin::kFile;
    Answer("plain", 10, 50);
    Answer("shrewd", 10, 300);
    const Status started = registry.Start(std::move(declared));
    if (!started.ok()) ADD_FAILURE() << started.error().message;
    if (!factory.WaitTrained(Deadline::After(std::chrono::seconds(60)))) ADD_FAILURE();
  }

  void Answer(const char* expert, int times, double ms) {
    for (int i = 0; i < times; ++i) {
      table.Add(InternExpert(expert), {.ms = ms, .first_ms = 0, .when = {}});
    }
  }
  std::string First() const {
    const RouterPtr router = factory.Current();
    const Policy& policy = *router->snapshot()->FindPolicy("swift");
    return NameAt(router->Route(Needs({"law"}), policy, nullptr).roster, 0);
  }

  LatencyTable table;
  Metrics metrics;
  StoreThread store{*OpenStore("memory:"), metrics};
  Registry registry{store};
  RouterFactory factory{registry, store, &table};
};

TEST(FreshLatencies, AMappingFollowsThemOnceTheyChangedByMuch) {
  Factory made(true);
  EXPECT_EQ(made.First(), "shrewd");
  made.Answer("shrewd", 3, 2000);
  made.factory.RefreshLatencies();
  EXPECT_EQ(made.First(), "shrewd");  // half of them still take 300 ms
  made.Answer("shrewd", 20, 2000);
  const RouterPtr before = made.factory.Current();
  EXPECT_EQ(made.First(), "shrewd");
  made.factory.RefreshLatencies();
  EXPECT_EQ(made.First(), "plain");
  EXPECT_EQ(made.factory.Current()->snapshot(), before->snapshot());
  EXPECT_TRUE(made.factory.IsTrained());
}

TEST(FreshLatencies, WithoutAMappingByLatencyNothingIsRebuilt) {
  Factory made(false);
  const RouterPtr before = made.factory.Current();
  made.Answer("shrewd", 100, 9000);
  made.factory.RefreshLatencies();
  EXPECT_EQ(made.factory.Current(), before);
}

}  // namespace
}  // namespace moerge
