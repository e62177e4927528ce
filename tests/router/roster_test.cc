// How many experts a request gets, which ones together, and what their votes count.
#include <gtest/gtest.h>

#include "config/base/random.h"
#include "router/recruit/combination.h"
#include "tests/router/router_fixture.h"

namespace moerge {
namespace {

// Seven experts, the first the strongest at everything.
World Seven() {
  World world({}, {MakeSkill("easy"), MakeSkill("hard")});
  for (int i = 0; i < 7; ++i) {
    world.experts.push_back(MakeExpert(std::string(1, static_cast<char>('a' + i)),
                                       {{"easy", 0.95 - 0.01 * i}, {"hard", 0.55 - 0.01 * i}}));
  }
  return world;
}

Policy With(std::map<std::string, std::string> options, int experts = 1) {
  Policy policy;
  policy.experts = experts;
  policy.options = std::move(options);
  EXPECT_TRUE(CheckPolicy(policy).ok());
  return policy;
}

std::size_t Seats(const PolicyRouter& router, const char* skill, const Policy& policy) {
  return router.Route(Needs({skill}), policy, nullptr).roster.size();
}

// Observations on which "twin" fails with "first" and "other" fails on its own.
std::shared_ptr<const JointErrors> TwinErrors(TrainingSet* kept = nullptr) {
  TrainingSetBuilder builder;
  Random random(3);
  for (int i = 0; i < 2000; ++i) {
    const double first = random.Uniform() < 0.6 ? 1 : 0;
    const double twin = random.Uniform() < 0.9 ? first : 1 - first;
    const double other = random.Uniform() < 0.6 ? 1 : 0;
    builder.AddObservation(
        {std::to_string(i), "text", "", "t", {{"first", first}, {"other", other}, {"twin", twin}}});
  }
  const TrainingSet set = builder.Build();
  SparseRows demand;
  for (std::size_t i = 0; i < set.documents.size(); ++i) demand.Add({});
  if (kept != nullptr) *kept = set;
  return JointErrors::Train(set, demand);
}

PolicyRouter WithErrors(const World& world, std::shared_ptr<const JointErrors> joint) {
  auto trained = std::make_shared<Trained>();
  trained->joint = std::move(joint);
  return PolicyRouter(std::make_shared<const ExpertTable>(world.MakeSnapshot()), trained);
}

World Trio() {
  return World({MakeExpert("first", {{"law", 0.62}}), MakeExpert("other", {{"law", 0.58}}),
                MakeExpert("twin", {{"law", 0.60}})},
               {MakeSkill("law")});
}

TEST(RosterSize, EasyRequestsNeedFewerExpertsThanHardOnes) {
  const PolicyRouter router = Seven().MakeRouter();
  const Policy policy =
      With({{"experts.max", "7"}, {"experts.confidence", "0.9"}, {"experts.gain", "0"}});
  EXPECT_EQ(Seats(router, "easy", policy), 1u);
  EXPECT_GT(Seats(router, "hard", policy), 3u);
}

TEST(RosterSize, GrowsWithTheConfidenceAskedFor) {
  const PolicyRouter router = Seven().MakeRouter();
  std::size_t before = 0;
  for (const char* p : {"0.1", "0.5", "0.6", "0.65", "0.7", "0.8", "1"}) {
    const std::size_t seats =
        Seats(router, "hard",
              With({{"experts.max", "7"}, {"experts.confidence", p}, {"experts.gain", "0"}}));
    EXPECT_GE(seats, before) << p;
    before = seats;
  }
  EXPECT_EQ(before, 7u);
}

TEST(RosterSize, ShrinksWithWhatACallMustBring) {
  const PolicyRouter router = Seven().MakeRouter();
  std::size_t before = 8;
  for (const char* gain : {"0", "0.01", "0.02", "0.05", "0.2"}) {
    const std::size_t seats =
        Seats(router, "hard", With({{"experts.max", "7"}, {"experts.gain", gain}}));
    EXPECT_LE(seats, before) << gain;
    before = seats;
  }
  EXPECT_EQ(before, 1u);
}

TEST(RosterSize, IsExplained) {
  const PolicyRouter router = Seven().MakeRouter();
  const auto why = [&](const Policy& policy) {
    return AllReasons(router.Route(Needs({"hard"}), policy, nullptr));
  };
  EXPECT_NE(why(With({{"experts.max", "7"}, {"experts.confidence", "0.6"}}))
                .find("enough for experts.confidence 0.60"),
            std::string::npos);
  EXPECT_NE(why(With({{"experts.max", "7"}, {"experts.gain", "0.2"}})).find("add less than 0.2"),
            std::string::npos);
  EXPECT_NE(why(With({{"experts.max", "3"}, {"experts.gain", "0"}})).find("up to experts.max 3"),
            std::string::npos);
}

TEST(RosterSize, ConfidenceIsThatOfTheCombinedAnswer) {
  const PolicyRouter router = Seven().MakeRouter();
  Policy policy;
  const Decision alone = router.Route(Needs({"hard"}), policy, nullptr);
  EXPECT_NEAR(alone.confidence, 0.55, 1e-6);
  EXPECT_EQ(alone.roster[0].weight, 1);
  policy.experts = 5;
  const Decision five = router.Route(Needs({"hard"}), policy, nullptr);
  EXPECT_GT(five.confidence, 0.6);
  EXPECT_NEAR(static_cast<double>(five.roster[0].weight), static_cast<double>(VoteWeight(0.55f, 0)),
              1e-5);
}

TEST(RosterSize, NoMoreThanThereAre) {
  const PolicyRouter router = Seven().MakeRouter();
  EXPECT_EQ(Seats(router, "hard", With({{"experts.max", "64"}, {"experts.gain", "0"}})), 7u);
  EXPECT_EQ(Seats(router, "hard", With({}, 64)), 7u);
}

TEST(Uncertain, ASmallLeadIsBroadcastAndALargeOneIsNot) {
  const PolicyRouter router = Seven().MakeRouter();
  const Policy policy = With({{"experts.margin", "0.02"}, {"experts.broadcast", "4"}});
  const Decision unsure = router.Route(Needs({"hard"}), policy, nullptr);
  EXPECT_TRUE(unsure.uncertain);
  EXPECT_EQ(unsure.roster.size(), 4u);
  EXPECT_NE(AllReasons(unsure).find("uncertain"), std::string::npos);
  World clear = Seven();
  clear.experts[0].skills["hard"] = 0.8;
  const Decision sure = clear.MakeRouter().Route(Needs({"hard"}), policy, nullptr);
  EXPECT_FALSE(sure.uncertain);
  EXPECT_EQ(sure.roster.size(), 1u);
}

TEST(Null, TheGeneralistAnswersAloneWhereNoSpecialistIsBetter) {
  World world({MakeExpert("generalist", {{"general", 0.8}}),
               MakeExpert("specialist", {{"law", 0.9}, {"general", 0.5}})},
              {MakeSkill("law"), MakeSkill("poems")});
  const PolicyRouter router = world.MakeRouter();
  const Policy policy = With({{"experts.null", "true"}, {"experts.tolerance", "0.01"}}, 2);
  const Decision poems = router.Route(Needs({"poems"}), policy, nullptr);
  EXPECT_EQ(poems.roster.size(), 1u);
  EXPECT_EQ(NameAt(poems.roster, 0), "generalist");
  EXPECT_EQ(poems.null_seats, 1u);
  EXPECT_NE(AllReasons(poems).find("null"), std::string::npos) << AllReasons(poems);
  EXPECT_EQ(NameAt(router.Route(Needs({"law"}), policy, nullptr).roster, 0), "specialist");
}

TEST(Null, TheCheapestAdequateExpertIsTaken) {
  World world({MakeExpert("cheap", {{"general", 0.79}}), MakeExpert("costly", {{"general", 0.8}})},
              {MakeSkill("law")});
  world.experts[0].price = {0.1, 0.1};
  world.experts[1].price = {10, 10};
  const PolicyRouter router = world.MakeRouter();
  const auto first = [&](const char* tolerance) {
    const Policy policy = With({{"experts.null", "true"}, {"experts.tolerance", tolerance}});
    return NameAt(router.Route(Needs({"law"}), policy, nullptr).roster, 0);
  };
  EXPECT_EQ(first("0.02"), "cheap");
  EXPECT_EQ(first("0.001"), "costly");
}

TEST(Null, NeverMakesMoreCallsAndFewerWithMoreTolerance) {
  const PolicyRouter router = Seven().MakeRouter();
  std::size_t before = 5;
  for (const char* tolerance : {"0", "0.02", "0.05", "0.1", "0.5"}) {
    const Policy policy = With({{"experts.null", "true"}, {"experts.tolerance", tolerance}}, 5);
    const Decision decision = router.Route(Needs({"hard"}), policy, nullptr);
    EXPECT_LE(decision.roster.size(), before) << tolerance;
    EXPECT_EQ(decision.roster.size() + decision.null_seats, 5u);
    before = decision.roster.size();
  }
  EXPECT_EQ(before, 1u);
}

TEST(Abstain, NoExpertIsAskedWhereNoAnswerIsGoodEnough) {
  const PolicyRouter router = Seven().MakeRouter();
  const Policy policy = With({{"experts.abstain", "0.7"}});
  const Decision hard = router.Route(Needs({"hard"}), policy, nullptr);
  EXPECT_EQ(hard.abstention.what, Abstention::What::kUnlikely);
  EXPECT_EQ(hard.abstention.why.find("abstained: expected right with 0.55"), 0u);
  EXPECT_TRUE(hard.roster.empty());
  EXPECT_TRUE(hard.fallbacks.empty());
  EXPECT_NE(AllReasons(hard).find("abstained: expected right with 0.55"), std::string::npos)
      << AllReasons(hard);
  const Decision easy = router.Route(Needs({"easy"}), policy, nullptr);
  EXPECT_FALSE(easy.abstained());
  EXPECT_EQ(easy.roster.size(), 1u);
}

TEST(Abstain, ManyMayBeGoodEnoughWhereOneIsNot) {
  const PolicyRouter router = Seven().MakeRouter();
  EXPECT_TRUE(
      router.Route(Needs({"hard"}), With({{"experts.abstain", "0.6"}}), nullptr).roster.empty());
  EXPECT_EQ(
      router.Route(Needs({"hard"}), With({{"experts.abstain", "0.6"}}, 7), nullptr).roster.size(),
      7u);
}

TEST(Complementarity, PrefersASecondOpinionThatFailsOnItsOwn) {
  const PolicyRouter apart = Trio().MakeRouter();
  Policy policy;
  policy.experts = 2;
  EXPECT_EQ(NameAt(apart.Route(Needs({"law"}), policy, nullptr).roster, 1), "twin");
  const PolicyRouter joint = WithErrors(Trio(), TwinErrors());
  EXPECT_EQ(NameAt(joint.Route(Needs({"law"}), policy, nullptr).roster, 1), "other");
  policy.options.Set("experts.complementarity", "0");
  EXPECT_EQ(NameAt(joint.Route(Needs({"law"}), policy, nullptr).roster, 1), "twin");
}

TEST(Complementarity, TwinsShareTheirVoteAndLowerTheConfidence) {
  Policy policy;
  policy.experts = 3;
  const Decision apart = Trio().MakeRouter().Route(Needs({"law"}), policy, nullptr);
  const Decision joint = WithErrors(Trio(), TwinErrors()).Route(Needs({"law"}), policy, nullptr);
  EXPECT_LT(joint.confidence, apart.confidence - 0.01);
  ASSERT_EQ(joint.roster.size(), 3u);
  EXPECT_EQ(NameAt(joint.roster, 1), "other");
  EXPECT_GT(joint.roster[1].weight, joint.roster[0].weight);
  EXPECT_GT(joint.roster[1].weight, joint.roster[2].weight);
}

TEST(Complementarity, RemovingAnExpertThatWasNotUsedChangesNothing) {
  World world = Trio();
  world.experts.push_back(MakeExpert("weak", {{"law", 0.2}}));
  for (const auto& policy : {With({}, 2), With({{"experts.max", "2"}}), With({}, 3)}) {
    const Decision before = WithErrors(world, TwinErrors()).Route(Needs({"law"}), policy, nullptr);
    const Decision after = WithErrors(Trio(), TwinErrors()).Route(Needs({"law"}), policy, nullptr);
    ASSERT_EQ(before.roster.size(), after.roster.size());
    EXPECT_EQ(before.confidence, after.confidence);
    for (std::size_t i = 0; i < before.roster.size(); ++i) {
      EXPECT_EQ(before.roster[i].expert, after.roster[i].expert);
      EXPECT_EQ(before.roster[i].weight, after.roster[i].weight);
    }
  }
}

TEST(JointErrors, FindsExpertsThatFailTogetherAndSurvivesTheCache) {
  const auto joint = TwinErrors();
  ASSERT_NE(joint, nullptr);
  ASSERT_EQ(joint->experts().size(), 3u);  // first, other, twin
  EXPECT_GT(joint->Correlation(0, 2), 0.6f);
  EXPECT_NEAR(joint->Correlation(0, 1), 0, 0.08f);
  EXPECT_EQ(joint->Correlation(0, 2), joint->Correlation(2, 0));
  const auto restored = JointErrors::Restore(joint->Bytes());
  ASSERT_NE(restored, nullptr);
  EXPECT_EQ(restored->Bytes(), joint->Bytes());
  EXPECT_EQ(joint->Bytes(), TwinErrors()->Bytes());
  EXPECT_EQ(JointErrors::Restore(joint->Bytes().substr(0, 40)), nullptr);
  EXPECT_EQ(JointErrors::Restore(""), nullptr);
}

TEST(JointErrors, OfTooFewScoresAreNone) {
  TrainingSetBuilder builder;
  for (std::size_t i = 0; i + 1 < JointErrors::kMinScores; ++i) {
    builder.AddObservation({std::to_string(i), "x", "", "t", {{"a", 1.0}, {"b", 0.0}}});
  }
  const TrainingSet set = builder.Build();
  SparseRows demand;
  for (std::size_t i = 0; i < set.documents.size(); ++i) demand.Add({});
  EXPECT_EQ(JointErrors::Train(set, demand), nullptr);
}

TEST(JointErrors, APairDependsOnItselfAlone) {
  TrainingSet set;
  const auto all = TwinErrors(&set);
  TrainingSetBuilder builder;
  for (std::size_t i = 0; i < set.documents.size(); ++i) {
    builder.AddObservation({std::to_string(i),
                            "text",
                            "",
                            "t",
                            {{"first", set.scores[3 * i]}, {"twin", set.scores[3 * i + 2]}}});
  }
  const TrainingSet fewer = builder.Build();
  SparseRows demand;
  for (std::size_t i = 0; i < fewer.documents.size(); ++i) demand.Add({});
  const auto pair = JointErrors::Train(fewer, demand);
  ASSERT_NE(pair, nullptr);
  EXPECT_EQ(pair->Correlation(0, 1), all->Correlation(0, 2));
}

TEST(Sampling, DrawsTheStrongOftenAndCountsTheirVoteAsOften) {
  World world({MakeExpert("strong", {{"general", 0.9}}), MakeExpert("weak", {{"general", 0.4}})},
              {MakeSkill("law")});
  const PolicyRouter router = world.MakeRouter();
  Policy policy;
  policy.recruiter = "sampling";
  policy.experts = 3;
  policy.options.Set("sampling.temperature", "0.5");
  int strong = 0;
  bool twice = false;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RouteRequest request = Needs({"law"});
    request.seed = seed;
    const Decision decision = router.Route(request, policy, nullptr);
    const Decision again = router.Route(request, policy, nullptr);
    ASSERT_FALSE(decision.roster.empty());
    EXPECT_EQ(decision.roster[0].expert, again.roster[0].expert);
    EXPECT_LE(decision.roster.size(), 2u);
    strong += NameAt(decision.roster, 0) == "strong";
    twice |= decision.roster.size() == 2 && decision.roster[0].weight > 1.9f * VoteWeight(0.9f, 0);
  }
  EXPECT_GT(strong, 130);
  EXPECT_LT(strong, 200);
  EXPECT_TRUE(twice);
}

TEST(Sampling, RemovingAnExpertThatWasNotDrawnChangesNothing) {
  World world = Seven();
  Policy policy;
  policy.recruiter = "sampling";
  policy.experts = 2;
  World fewer = world;
  fewer.experts.pop_back();
  int compared = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    RouteRequest request = Needs({"hard"});
    request.seed = seed;
    const Decision before = world.MakeRouter().Route(request, policy, nullptr);
    const bool used = std::any_of(before.roster.begin(), before.roster.end(),
                                  [](const Seat& seat) { return NameOf(seat.expert) == "g"; });
    if (used) continue;
    const Decision after = fewer.MakeRouter().Route(request, policy, nullptr);
    ASSERT_EQ(before.roster.size(), after.roster.size());
    EXPECT_EQ(before.roster[0].expert, after.roster[0].expert);
    ++compared;
  }
  EXPECT_GT(compared, 10);
}

TEST(Top, AsksTheHighestWhateverTheyHaveInCommon) {
  Policy policy;
  policy.recruiter = "top";
  policy.experts = 2;
  const Decision decision = WithErrors(Trio(), TwinErrors()).Route(Needs({"law"}), policy, nullptr);
  EXPECT_EQ(NameAt(decision.roster, 1), "twin");
}

TEST(RosterOptions, OutOfRangeOrNotNumbersAreRefused) {
  const std::pair<const char*, const char*> wrong[] = {
      {"experts.max", "65"},    {"experts.max", "2.5"},       {"experts.confidence", "nan"},
      {"experts.gain", "-0.1"}, {"experts.margin", "inf"},    {"experts.broadcast", "1"},
      {"experts.null", "yes"},  {"experts.tolerance", "1.5"}, {"sampling.temperature", "0"}};
  for (const auto& [name, value] : wrong) {
    Policy policy;
    policy.options.Set(name, value);
    EXPECT_FALSE(CheckPolicy(policy).ok()) << name << " " << value;
  }
}

}  // namespace
}  // namespace moerge
