#include "router/recruit/session.h"

#include <gtest/gtest.h>

#include "tests/router/router_fixture.h"

namespace moerge {
namespace {

// ada is expected 0.1 better than bob, bob 0.1 better than cleo, by declaration and measurement.
World ThreeExperts() {
  return World(
      {MakeExpert("ada", {}), MakeExpert("bob", {}), MakeExpert("cleo", {})},
      {MakeSkill("algebra")},
      {MakeEvidence("ada", "algebra", 800, 1000), MakeEvidence("bob", "algebra", 700, 1000),
       MakeEvidence("cleo", "algebra", 600, 1000)});
}

RouteRequest InSession(const std::string& expert, int switches = 0) {
  RouteRequest request = Needs({"algebra"});
  auto signals = std::make_shared<Signals>();
  signals->session = SessionSignal{expert, 1, switches};
  request.signals = signals;
  return request;
}

Policy WithMargin(const char* margin) {
  Policy policy;
  policy.name = "p";
  policy.options = {{"session.sticky", "true"}, {"session.margin", margin}};
  return policy;
}

std::string LineOf(const Decision& decision) {
  std::string line;
  for (const Seat& seat : decision.roster) line.append(NameOf(seat.expert)).append(" ");
  line += "|";
  for (const ExpertId id : decision.fallbacks) line.append(" ").append(NameOf(id));
  return line;
}

TEST(KeepSession, WithinTheMarginTheExpertKeepsTheConversation) {
  const PolicyRouter router = ThreeExperts().MakeRouter();
  const Decision kept = router.Route(InSession("bob"), WithMargin("0.15"), nullptr);
  EXPECT_EQ(LineOf(kept), "bob | ada cleo");
  EXPECT_TRUE(kept.kept_session);
  EXPECT_NE(kept.reasons.back().find("bob answered last and keeps it"), std::string::npos);
}

TEST(KeepSession, BeyondTheMarginTheBetterOneTakesOver) {
  const PolicyRouter router = ThreeExperts().MakeRouter();
  const Decision moved = router.Route(InSession("bob"), WithMargin("0.05"), nullptr);
  EXPECT_EQ(LineOf(moved), "ada | bob cleo");
  EXPECT_FALSE(moved.kept_session);
}

TEST(KeepSession, AfterEnoughSwitchesTheMarginNoLongerCounts) {
  const PolicyRouter router = ThreeExperts().MakeRouter();
  EXPECT_EQ(LineOf(router.Route(InSession("cleo", 2), WithMargin("0.01"), nullptr)),
            "ada | bob cleo");
  EXPECT_EQ(LineOf(router.Route(InSession("cleo", 3), WithMargin("0.01"), nullptr)),
            "cleo | ada bob");
}

TEST(KeepSession, AnExpertThatIsGoneOrExcludedDoesNotKeepIt) {
  const PolicyRouter router = ThreeExperts().MakeRouter();
  const Decision gone = router.Route(InSession("dora"), WithMargin("1"), nullptr);
  EXPECT_EQ(LineOf(gone), "ada | bob cleo");
  RouteRequest request = InSession("bob");
  request.experts = {"ada", "cleo"};
  const Decision excluded = router.Route(request, WithMargin("1"), nullptr);
  EXPECT_EQ(LineOf(excluded), "ada | cleo");
  EXPECT_FALSE(excluded.kept_session);
}

TEST(KeepSession, TheLineDoesNotGrow) {
  const PolicyRouter router = ThreeExperts().MakeRouter();
  Policy policy = WithMargin("0.5");
  policy.max_fallbacks = 1;
  EXPECT_EQ(LineOf(router.Route(InSession("cleo"), policy, nullptr)), "cleo | ada");
  policy.max_fallbacks = 0;
  EXPECT_EQ(LineOf(router.Route(InSession("cleo"), policy, nullptr)), "cleo |");
}

TEST(KeepSession, OneBelowTheListedCandidatesIsFoundToo) {
  World world;
  world.skills = {MakeSkill("algebra")};
  for (int i = 0; i < 60; ++i) {
    world.experts.push_back(MakeExpert("e" + std::to_string(100 + i), {{"algebra", 0.5}}));
  }
  const PolicyRouter router = world.MakeRouter();
  const Decision kept = router.Route(InSession("e159"), WithMargin("0.05"), nullptr);
  EXPECT_EQ(NameOf(kept.roster.front().expert), "e159");
}

TEST(KeepSession, AToolStaysInFront) {
  World world({MakeExpert("ada", {{"algebra", 0.7}}), MakeExpert("bob", {{"algebra", 0.6}}),
               MakeTool("sums", "algebra")},
              {MakeSkill("algebra")});
  const PolicyRouter router = world.MakeRouter();
  EXPECT_EQ(LineOf(router.Route(InSession("bob"), WithMargin("0.5"), nullptr)), "sums | bob ada");
}

TEST(KeepSession, ARequestWithoutSignalsIsRoutedAsEver) {
  const PolicyRouter router = ThreeExperts().MakeRouter();
  const Decision decision = router.Route(Needs({"algebra"}), WithMargin("1"), nullptr);
  EXPECT_EQ(LineOf(decision), "ada | bob cleo");
  for (const std::string& reason : decision.reasons)
    EXPECT_FALSE(reason.starts_with("conversation"));
}

// Sessions of ten turns whose best expert by the noisy score of a turn changes all the time: a
// conversation that moves often costs what its experts learnt of it.
TEST(KeepSession, SwitchesPerSessionAreBounded) {
  const PolicyRouter router = ThreeExperts().MakeRouter();
  Policy policy = WithMargin("0");
  policy.options.Set("session.max_switches", "2");
  std::string expert = "cleo";
  int switches = 0;
  const char* const wishes[] = {"ada", "bob", "cleo"};
  for (int turn = 0; turn < 30; ++turn) {
    RouteRequest request = InSession(expert, switches);
    // Who is best changes with who may be asked besides the session's own.
    request.experts = {expert, wishes[turn % 3]};
    const Decision decision = router.Route(request, policy, nullptr);
    const std::string next(NameOf(decision.roster.front().expert));
    switches += next != expert;
    expert = next;
  }
  EXPECT_LE(switches, 2);
}

}  // namespace
}  // namespace moerge
