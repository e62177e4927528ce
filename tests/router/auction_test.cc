#include "router/recruit/auction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "config/base/random.h"
#include "tests/router/router_fixture.h"

namespace moerge {
namespace {

double Normal(Random& random) {
  const double radius = std::sqrt(-2 * std::log(1 - random.Uniform()));
  return radius * std::cos(2 * std::numbers::pi * random.Uniform());
}

// Experts of equal skill on average whose chances vary from request to request. A bid follows an
// expert's chance with correlation rho and is written on a scale of its own: one is modest, one
// boasts, one says much the same whatever it is asked. Gives how often the winner was right.
double AccuracyOfWinners(double rho, std::uint64_t seed) {
  constexpr int kExperts = 4;
  constexpr int kRequests = 6000;
  const double mean[kExperts] = {40, 60, 92, 75};
  const double spread[kExperts] = {15, 20, 4, 10};
  BidStatistics usual[kExperts];
  Random random(seed);
  int right = 0;
  for (int request = 0; request < kRequests; ++request) {
    int winner = 0;
    double best = -1;
    double chance[kExperts];
    for (int i = 0; i < kExperts; ++i) {
      const double skill = Normal(random);
      chance[i] = 1 / (1 + std::exp(-skill));
      const double said = rho * skill + std::sqrt(1 - rho * rho) * Normal(random);
      const double bid = std::clamp(std::round(mean[i] + spread[i] * said), 0.0, 100.0);
      const float score = WithBid(0.5f, usual[i].Z(bid), 0.5);
      usual[i].Add(bid);
      if (score > best) best = score, winner = i;
    }
    right += random.Uniform() < chance[winner];
  }
  return static_cast<double>(right) / kRequests;
}

TEST(Auction, AccuracyRisesWithWhatBidsKnow) {
  double before = 0;
  for (const double rho : {0.0, 0.3, 0.6, 0.9}) {
    const double accuracy = AccuracyOfWinners(rho, 7);
    if (rho == 0.0) {
      EXPECT_NEAR(accuracy, 0.5, 0.03);  // as good as any, no better
    } else {
      EXPECT_GT(accuracy, 0.53);  // better than an even draw
    }
    EXPECT_GT(accuracy, before);
    before = accuracy;
  }
}

TEST(BidStatistics, TheAlwaysConfidentAreUsual) {
  BidStatistics usual;
  EXPECT_GT(usual.Z(98), 1);
  for (int i = 0; i < 200; ++i) usual.Add(98);
  EXPECT_NEAR(usual.Z(98), 0, 0.3);
  EXPECT_LT(usual.Z(60), -2);
  EXPECT_EQ(usual.count(), 200);
}

TEST(BidStatistics, StaysBounded) {
  BidStatistics usual;
  EXPECT_GE(usual.Z(0), -BidStatistics::kMaxZ);
  for (int i = 0; i < 5000; ++i) usual.Add(i % 2 == 0 ? 0 : 100);
  EXPECT_NEAR(usual.Z(100), 1, 0.1);
  EXPECT_NEAR(usual.Z(50), 0, 0.05);
}

TEST(Auction, ABidMovesTheLogOdds) {
  EXPECT_FLOAT_EQ(WithBid(0.5f, 0, 1), 0.5f);
  EXPECT_NEAR(WithBid(0.5f, 1, 1), 1 / (1 + std::exp(-1.0)), 1e-6);
  EXPECT_NEAR(WithBid(0.7f, 3, 0), 0.7, 1e-6);
  EXPECT_LT(WithBid(1.0f, 3, 5), 1.0f + 1e-6f);
  EXPECT_GT(WithBid(0.0f, -3, 5), 0.0f);
}

TEST(Auction, IsSettledWhenNoOtherCanWin) {
  const auto bid = [](float expected, double z) { return Contender{expected, 0, z, 3}; };
  const auto open = [](float expected, double most) { return Contender{expected, 0, {}, most}; };
  EXPECT_FALSE(Settled(std::vector{open(0.5f, 1), open(0.5f, 1)}, 1, 1));
  EXPECT_TRUE(Settled(std::vector{bid(0.5f, 1), open(0.5f, 1)}, 1, 1));
  EXPECT_FALSE(Settled(std::vector{bid(0.5f, 0.5), open(0.5f, 1)}, 1, 1));
  EXPECT_TRUE(Settled(std::vector{bid(0.8f, 0.5), open(0.5f, 1)}, 1, 1));
  EXPECT_FALSE(Settled(std::vector{bid(0.8f, 1), open(0.5f, 1)}, 2, 1));
  EXPECT_TRUE(Settled(std::vector{bid(0.8f, 1), bid(0.7f, 1), open(0.5f, 1)}, 2, 1));
  EXPECT_TRUE(Settled(std::vector{bid(0.1f, -3), bid(0.2f, -3)}, 1, 1));
  EXPECT_TRUE(Settled(std::vector<Contender>{}, 1, 1));
  // A price weighs as in the ranking.
  EXPECT_TRUE(Settled(std::vector{bid(0.5f, 0.5), Contender{0.5f, -0.3f, {}, 1}}, 1, 1));
}

TEST(ParseBid, ReadsTheNumber) {
  EXPECT_EQ(ParseBid("85"), 85);
  EXPECT_EQ(ParseBid("  I'd say 72.5."), 72.5);
  EXPECT_EQ(ParseBid("90%"), 90);
  EXPECT_EQ(ParseBid("<think>at most 20</think>\n65"), 65);
  EXPECT_EQ(ParseBid("0"), 0);
  for (const char* const nothing : {"", "high", "-5", "250", "<think>80", "1.2.3"}) {
    EXPECT_FALSE(ParseBid(nothing)) << nothing;
  }
}

TEST(Auction, BidsMoveTheRanking) {
  World world({MakeExpert("ada", {{"algebra", 0.6}}), MakeExpert("bob", {{"algebra", 0.6}})},
              {MakeSkill("algebra")});
  const PolicyRouter router = world.MakeRouter();
  Policy policy;
  policy.name = "bid";
  policy.classifier = "auction";
  RouteRequest request = Needs({"algebra"});
  auto signals = std::make_shared<Signals>();
  signals->bids = {{"ada", 60, -0.5}, {"bob", 80, 1.5}, {"gone", 99, 3}};
  request.signals = signals;
  EXPECT_EQ(NameOf(router.Route(request, policy, nullptr).roster.front().expert), "bob");
  policy.classifier = "lexical";
  EXPECT_EQ(NameOf(router.Route(request, policy, nullptr).roster.front().expert), "ada");
}

}  // namespace
}  // namespace moerge
