#include <gtest/gtest.h>

#include "tests/router/router_fixture.h"

namespace moerge {
namespace {

World MathWorld() {
  return World({MakeExpert("mathstral", {{"algebra", 0.9}, {"general", 0.4}}),
                MakeExpert("mixtral", {{"general", 0.7}}), MakeExpert("poet", {{"poems", 0.9}})},
               {MakeSkill("algebra"), MakeSkill("law"), MakeSkill("poems")});
}

TEST(Recruiter, TheDeclaredSpecialistGetsItsSkillAndTheGeneralistTheRest) {
  const PolicyRouter router = MathWorld().MakeRouter();
  EXPECT_EQ(NameAt(router.Route(Needs({"algebra"}), {}, nullptr).roster, 0), "mathstral");
  EXPECT_EQ(NameAt(router.Route(Needs({"law"}), {}, nullptr).roster, 0), "mixtral");
}

TEST(Recruiter, FallbacksAreTheNextBestAndBounded) {
  const PolicyRouter router = MathWorld().MakeRouter();
  Policy policy;
  EXPECT_EQ(Names(router.Route(Needs({"algebra"}), policy, nullptr).fallbacks),
            std::vector<std::string>{"mixtral"});
  policy.max_fallbacks = 0;
  EXPECT_TRUE(router.Route(Needs({"algebra"}), policy, nullptr).fallbacks.empty());
}

TEST(Recruiter, WithoutEvidenceDeclarationOrGeneralThereIsNoSkill) {
  const PolicyRouter router = MathWorld().MakeRouter();
  const Decision decision = router.Route(Needs({"law"}), {}, nullptr);
  EXPECT_EQ(WhyExcluded(decision, "poet"), Exclusion::kNoSkill);
}

TEST(Recruiter, AClaimYieldsToMeasurement) {
  World world = MathWorld();
  world.evidence = {MakeEvidence("mathstral", "algebra", 40, 200),
                    MakeEvidence("mixtral", "algebra", 120, 200)};
  const Decision decision = world.MakeRouter().Route(Needs({"algebra"}), {}, nullptr);
  EXPECT_EQ(NameAt(decision.roster, 0), "mixtral");
  EXPECT_NE(AllReasons(decision).find("120 of 200 right in algebra"), std::string::npos)
      << AllReasons(decision);
}

TEST(Recruiter, FewTrialsAreShrunkTowardOverallStrength) {
  World world({MakeExpert("lucky", {}), MakeExpert("steady", {})},
              {MakeSkill("a"), MakeSkill("b"), MakeSkill("c")});
  world.evidence = {MakeEvidence("lucky", "a", 2, 2),      MakeEvidence("lucky", "b", 60, 200),
                    MakeEvidence("lucky", "c", 60, 200),   MakeEvidence("steady", "a", 13, 20),
                    MakeEvidence("steady", "b", 130, 200), MakeEvidence("steady", "c", 130, 200)};
  EXPECT_EQ(NameAt(world.MakeRouter().Route(Needs({"a"}), {}, nullptr).roster, 0), "steady");
}

TEST(Recruiter, TheIntervalNarrowsWithTrials) {
  World world({MakeExpert("much", {}), MakeExpert("little", {})}, {MakeSkill("a")});
  world.evidence = {MakeEvidence("much", "a", 500, 1000), MakeEvidence("little", "a", 5, 10)};
  const Decision decision = world.MakeRouter().Route(Needs({"a"}), {}, nullptr);
  ASSERT_EQ(decision.candidates.size(), 2u);
  const auto width = [](const Candidate& c) { return c.high - c.low; };
  const bool much_first = NameOf(decision.candidates[0].expert) == "much";
  EXPECT_LT(width(decision.candidates[much_first ? 0 : 1]),
            width(decision.candidates[much_first ? 1 : 0]));
}

TEST(Recruiter, PriceWeightPrefersTheCheapOneWhenTheLeadIsSmall) {
  World world = MathWorld();
  world.experts[0].price = {10, 30};
  const PolicyRouter router = world.MakeRouter();
  Policy policy;
  EXPECT_EQ(NameAt(router.Route(Needs({"algebra"}), policy, nullptr).roster, 0), "mathstral");
  policy.price_weight = 0.05;  // 15 dollars cost 0.75
  EXPECT_EQ(NameAt(router.Route(Needs({"algebra"}), policy, nullptr).roster, 0), "mixtral");
}

TEST(Recruiter, TiesGoByName) {
  World world({MakeExpert("b", {{"general", 0.5}}), MakeExpert("a", {{"general", 0.5}}),
               MakeExpert("c", {{"general", 0.5}})},
              {MakeSkill("x")});
  const Decision decision = world.MakeRouter().Route(Needs({"x"}), {}, nullptr);
  EXPECT_EQ(NameAt(decision.roster, 0), "a");
  EXPECT_EQ(Names(decision.fallbacks), (std::vector<std::string>{"b", "c"}));
}

TEST(Recruiter, SeveralExpertsSitInOrderWithWeights) {
  Policy policy;
  policy.experts = 2;
  const Decision decision = MathWorld().MakeRouter().Route(Needs({"algebra"}), policy, nullptr);
  ASSERT_EQ(decision.roster.size(), 2u);
  EXPECT_EQ(NameAt(decision.roster, 1), "mixtral");
  EXPECT_GT(decision.roster[0].weight, decision.roster[1].weight);
  EXPECT_TRUE(decision.fallbacks.empty());
}

TEST(Recruiter, AskingForMoreExpertsThanThereAreSeatsAll) {
  Policy policy;
  policy.experts = 64;
  EXPECT_EQ(MathWorld().MakeRouter().Route(Needs({"algebra"}), policy, nullptr).roster.size(), 2u);
}

class Constraint : public ::testing::Test {
 protected:
  Exclusion Why(const RouteRequest& request, const Policy& policy = {},
                const Health* health = nullptr) {
    const Decision decision = world.MakeRouter().Route(request, policy, health);
    EXPECT_EQ(NameAt(decision.roster, 0), "mixtral") << AllReasons(decision);
    return WhyExcluded(decision, "mathstral");
  }
  World world = MathWorld();
  Expert& mathstral = world.experts[0];
};

TEST_F(Constraint, Disabled) {
  mathstral.enabled = false;
  EXPECT_EQ(Why(Needs({"algebra"})), Exclusion::kDisabled);
}

TEST_F(Constraint, ContextCountsPromptAndAnswer) {
  mathstral.context = 1000;
  RouteRequest request = Needs({"algebra"});
  request.prompt_tokens = 600;
  request.max_tokens = 401;
  EXPECT_EQ(Why(request), Exclusion::kContext);
}

TEST_F(Constraint, UnknownContextIsNotChecked) {
  RouteRequest request = Needs({"algebra"});
  request.prompt_tokens = 1'000'000;
  EXPECT_EQ(NameAt(world.MakeRouter().Route(request, {}, nullptr).roster, 0), "mathstral");
}

TEST_F(Constraint, Functions) {
  mathstral.function_calling = false;
  RouteRequest request = Needs({"algebra"});
  request.needs_functions = true;
  EXPECT_EQ(Why(request), Exclusion::kFunctions);
}

TEST_F(Constraint, Vision) {
  world.experts[1].vision = true;
  RouteRequest request = Needs({"algebra"});
  request.needs_vision = true;
  EXPECT_EQ(Why(request), Exclusion::kVision);
}

TEST_F(Constraint, Pool) {
  RouteRequest request = Needs({"algebra"});
  request.experts = {"mixtral", "nobody"};
  EXPECT_EQ(Why(request), Exclusion::kNotInPool);
  EXPECT_NE(AllReasons(world.MakeRouter().Route(request, {}, nullptr)).find("`nobody`"),
            std::string::npos);
}

TEST_F(Constraint, PriceCeiling) {
  mathstral.price = {1, 1};
  RouteRequest request = Needs({"algebra"});
  request.prompt_tokens = 1000;
  request.max_tokens = 1000;
  request.max_cost_usd = 0.001;  // it would be 0.002
  EXPECT_EQ(Why(request), Exclusion::kCostLimit);
}

TEST_F(Constraint, MinScore) {
  Policy policy;
  policy.min_score = 0.6;
  mathstral.skills = {{"general", 0.5}};
  EXPECT_EQ(Why(Needs({"algebra"}), policy), Exclusion::kMinScore);
}

struct SickBackend : Health {
  explicit SickBackend(std::string_view sick) : sick(sick) {}
  bool Healthy(std::string_view backend) const override { return backend != sick; }
  std::string sick;
};

// One model of its backend alone.
struct SickModel : Health {
  explicit SickModel(std::string_view sick) : sick(sick) {}
  bool Healthy(std::string_view) const override { return false; }
  bool HealthyModelOf(const ExpertEntry& expert) const override { return expert.spec.name != sick; }
  std::string sick;
};

void ExpectUnhealthyBehindAll(const Decision& decision, std::string_view expert) {
  ASSERT_FALSE(decision.roster.empty());
  EXPECT_NE(NameOf(decision.roster[0].expert), expert);
  EXPECT_EQ(WhyExcluded(decision, expert), Exclusion::kUnhealthy);
  ASSERT_FALSE(decision.fallbacks.empty());
  EXPECT_EQ(NameOf(decision.fallbacks.back()), expert);
}

TEST_F(Constraint, AnExpertWhoseModelFailsStandsBehindItsNeighbours) {
  const SickModel sick("mathstral");
  const Decision decision = world.MakeRouter().Route(Needs({"algebra"}), {}, &sick);
  ExpectUnhealthyBehindAll(decision, "mathstral");
}

TEST_F(Constraint, WhereEveryFittingExpertsBackendFailsTheyAreAskedAllTheSame) {
  const SickBackend sick("local");
  const PolicyRouter router = world.MakeRouter();
  const Decision well = router.Route(Needs({"algebra"}), {}, nullptr);
  const Decision decision = router.Route(Needs({"algebra"}), {}, &sick);
  ASSERT_FALSE(decision.roster.empty());
  EXPECT_EQ(decision.roster[0].expert, well.roster[0].expert);
  EXPECT_EQ(decision.fallbacks, well.fallbacks);
  EXPECT_EQ(decision.blocker.what, Exclusion::kNone);
  EXPECT_NE(decision.reasons.back().find("asked all the same"), std::string::npos)
      << decision.reasons.back();
}

TEST_F(Constraint, AnExpertWhoseBackendFailsStandsBehindAllOthers) {
  world.backends.push_back("other");
  mathstral.backend = "other";
  const SickBackend sick("other");
  const Decision decision = world.MakeRouter().Route(Needs({"algebra"}), {}, &sick);
  ExpectUnhealthyBehindAll(decision, "mathstral");
}

TEST_F(Constraint, WhereNoExpertFitsThereIsNoBlocker) {
  RouteRequest request = Needs({"algebra"});
  request.needs_vision = true;
  request.max_cost_usd = 1e-9;
  const Decision decision = world.MakeRouter().Route(request, {}, nullptr);
  EXPECT_TRUE(decision.roster.empty());
  EXPECT_EQ(decision.blocker.what, Exclusion::kNone);
}

TEST(Tools, AreAskedFirstWhenTheirSkillIsLikely) {
  World world = MathWorld();
  world.skills.push_back(MakeSkill("arithmetic"));
  world.experts.push_back(MakeTool("calculator", "arithmetic"));
  const PolicyRouter router = world.MakeRouter();
  const Decision decision = router.Route(Needs({"arithmetic", "algebra"}), {}, nullptr);
  EXPECT_EQ(NameAt(decision.roster, 0), "calculator");
  EXPECT_EQ(decision.roster.size(), 1u);
  EXPECT_EQ(Names(decision.fallbacks), (std::vector<std::string>{"mixtral", "mathstral"}));
  EXPECT_NE(AllReasons(decision).find("calculator is asked first"), std::string::npos);
  const Decision other = router.Route(Needs({"algebra"}), {}, nullptr);
  EXPECT_EQ(NameAt(other.roster, 0), "mathstral");
}

TEST(Tools, TheThresholdIsAnOption) {
  World world = MathWorld();
  world.skills.push_back(MakeSkill("arithmetic"));
  world.experts.push_back(MakeTool("calculator", "arithmetic"));
  Policy policy;
  policy.options.Set("tools.threshold", "0.6");
  const Decision decision =
      world.MakeRouter().Route(Needs({"arithmetic", "algebra"}), policy, nullptr);
  EXPECT_NE(NameAt(decision.roster, 0), "calculator");
}

TEST(Tools, ModelsStandBehindEvenWithoutFallbacks) {
  World world = MathWorld();
  world.experts.push_back(MakeTool("calculator", "algebra"));
  Policy policy;
  policy.max_fallbacks = 0;
  const Decision decision = world.MakeRouter().Route(Needs({"algebra"}), policy, nullptr);
  EXPECT_EQ(Names(decision.fallbacks), std::vector<std::string>{"mathstral"});
}

TEST(Tools, WithSeveralExpertsTheyComeOnTop) {
  World world = MathWorld();
  world.experts.push_back(MakeTool("calculator", "algebra"));
  Policy policy;
  policy.experts = 2;
  const Decision decision = world.MakeRouter().Route(Needs({"algebra"}), policy, nullptr);
  EXPECT_EQ(decision.roster.size(), 3u);
  EXPECT_EQ(NameAt(decision.roster, 0), "calculator");
}

TEST(EmptyRoster, NamesTheSkillAndWhatWouldHelp) {
  World world({MakeExpert("poet", {{"poems", 0.9}})}, {MakeSkill("law"), MakeSkill("poems")});
  const Decision decision = world.MakeRouter().Route(Needs({"law"}), {}, nullptr);
  EXPECT_TRUE(decision.roster.empty());
  EXPECT_NE(AllReasons(decision).find("needs law"), std::string::npos) << AllReasons(decision);
  EXPECT_NE(AllReasons(decision).find("moerge experts add"), std::string::npos);
}

TEST(EmptyRoster, WithoutExpertsSaysHowToAddOne) {
  const Decision decision = World({}, {MakeSkill("law")}).MakeRouter().Route({}, {}, nullptr);
  EXPECT_TRUE(decision.roster.empty());
  EXPECT_NE(AllReasons(decision).find("no expert is registered"), std::string::npos);
}

TEST(GivenSkills, UnknownNamesAreNotedAndTheRestCounts) {
  const Decision decision = MathWorld().MakeRouter().Route(Needs({"algebra", "zzz"}), {}, nullptr);
  EXPECT_EQ(decision.demand.classifier, "client");
  ASSERT_EQ(decision.demand.skills.size(), 1u);
  ASSERT_EQ(decision.demand.notes.size(), 1u);
  EXPECT_NE(decision.demand.notes[0].find("`zzz`"), std::string::npos);
}

TEST(GivenSkills, SeveralAtOnceMultiplyWhatAnExpertCanDoInEach) {
  const PolicyRouter router = MathWorld().MakeRouter();
  const Decision both = router.Route(Needs({"algebra", "law"}), {}, nullptr);
  EXPECT_EQ(NameAt(both.roster, 0), "mixtral");
  EXPECT_NE(AllReasons(both).find("mixtral is right in all of them at once with 0.49"),
            std::string::npos)
      << AllReasons(both);
  EXPECT_EQ(AllReasons(router.Route(Needs({"law"}), {}, nullptr)).find("at once"),
            std::string::npos);
}

TEST(Baselines, BestSingleIgnoresTheRequest) {
  World world = MathWorld();
  Policy policy;
  policy.recruiter = "best-single";
  const PolicyRouter router = world.MakeRouter();
  EXPECT_EQ(NameAt(router.Route(Needs({"algebra"}), policy, nullptr).roster, 0), "mixtral");
  EXPECT_EQ(NameAt(router.Route(Needs({"law"}), policy, nullptr).roster, 0), "mixtral");
}

TEST(Baselines, BestSingleKnowsExpertsThatWereMeasuredOnOneSkillAlone) {
  const World world(
      {MakeExpert("weak", {}), MakeExpert("strong", {})}, {MakeSkill("sums")},
      {MakeEvidence("weak", "sums", 60, 100), MakeEvidence("strong", "sums", 80, 100)});
  Policy policy;
  policy.recruiter = "best-single";
  RouteRequest request;
  request.text.user = "anything";
  EXPECT_EQ(NameAt(world.MakeRouter().Route(request, policy, nullptr).roster, 0), "strong");
}

TEST(Baselines, RandomFollowsTheSeedAndReachesEveryExpertThatFits) {
  const PolicyRouter router = MathWorld().MakeRouter();
  Policy policy;
  policy.recruiter = "random";
  std::map<std::string, int> drawn;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RouteRequest request = Needs({"law"});
    request.seed = seed;
    const std::string first = NameAt(router.Route(request, policy, nullptr).roster, 0);
    EXPECT_EQ(first, NameAt(router.Route(request, policy, nullptr).roster, 0));
    ++drawn[first];
  }
  EXPECT_EQ(drawn.size(), 2u);
  EXPECT_GT(drawn["mathstral"], 60);
  EXPECT_GT(drawn["mixtral"], 60);
}

TEST(Baselines, TaskLevelLooksAtTheFirstSkillOnly) {
  World world(
      {MakeExpert("first", {{"a", 0.9}, {"b", 0.1}}), MakeExpert("both", {{"a", 0.8}, {"b", 0.8}})},
      {MakeSkill("a"), MakeSkill("b")});
  const PolicyRouter router = world.MakeRouter();
  Policy policy;
  EXPECT_EQ(NameAt(router.Route(Needs({"a", "b"}), policy, nullptr).roster, 0), "both");
  policy.recruiter = "task-level";
  EXPECT_EQ(NameAt(router.Route(Needs({"a", "b"}), policy, nullptr).roster, 0), "first");
}

TEST(Removal, OfAnExpertThatWasNotUsedChangesNothing) {
  World world = MathWorld();
  world.evidence = {MakeEvidence("mathstral", "algebra", 150, 200),
                    MakeEvidence("mixtral", "algebra", 100, 200),
                    MakeEvidence("poet", "algebra", 20, 200)};
  World smaller = world;
  smaller.experts.pop_back();
  smaller.evidence.pop_back();
  for (const std::string skill : {"algebra", "law"}) {
    const Decision before = world.MakeRouter().Route(Needs({skill}), {}, nullptr);
    const Decision after = smaller.MakeRouter().Route(Needs({skill}), {}, nullptr);
    ASSERT_EQ(before.roster.size(), after.roster.size());
    EXPECT_EQ(before.roster[0].expert, after.roster[0].expert);
    EXPECT_EQ(before.candidates[0].expected, after.candidates[0].expected);
    EXPECT_EQ(before.candidates[0].low, after.candidates[0].low);
  }
}

TEST(Removal, OfASkillInDemandFallsBackToOverallStrength) {
  World world = MathWorld();
  const Decision decision = world.MakeRouter().Route({}, {}, nullptr);
  EXPECT_EQ(NameAt(decision.roster, 0), "mixtral");
}

TEST(Direct, NamesThatExpertAndNoOther) {
  const PolicyRouter router = MathWorld().MakeRouter();
  const Decision decision = router.Direct({}, *router.snapshot()->FindExpert("poet"));
  EXPECT_EQ(NameAt(decision.roster, 0), "poet");
  EXPECT_TRUE(decision.fallbacks.empty());
  EXPECT_EQ(decision.id.size(), 32u);
}

TEST(Decision, KeepsAtMostThirtyTwoCandidatesOfManyAndCountsAll) {
  World world({}, {MakeSkill("x")});
  for (int i = 0; i < 100; ++i) {
    world.experts.push_back(MakeExpert("e" + std::to_string(i), {{"general", i / 100.0}}));
  }
  const Decision decision = world.MakeRouter().Route(Needs({"x"}), {}, nullptr);
  EXPECT_EQ(decision.candidates.size(), 32u);
  EXPECT_EQ(decision.considered, 100u);
  EXPECT_EQ(NameAt(decision.roster, 0), "e99");
}

TEST(CheckPolicy, ListsWhatIsKnown) {
  Policy policy;
  EXPECT_TRUE(CheckPolicy(policy).ok());
  policy.classifier = "lexicl";
  const Status wrong = CheckPolicy(policy);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().param, "classifier");
  EXPECT_NE(wrong.error().message.find("lexical, "), std::string::npos) << wrong.error().message;
  policy.classifier = "none";
  policy.recruiter = "best";
  EXPECT_EQ(CheckPolicy(policy).error().param, "recruiter");
  policy.recruiter = "random";
  policy.options.Set("tools.threshold", "nan");
  EXPECT_EQ(CheckPolicy(policy).error().param, "options.tools.threshold");
  policy.options = {{"colour", "red"}};
  EXPECT_EQ(CheckPolicy(policy).error().param, "options.colour");
}

}  // namespace
}  // namespace moerge
