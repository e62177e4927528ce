// Simulated requests, routed to the expert of the highest score and bias that is not full.
#include "router/balance/load_shares.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <vector>

namespace moerge {
namespace {

constexpr std::size_t kExperts = 8;

struct Wish {
  std::array<float, kExperts> score{};
};

// Expert 0 is best on average, and each request has experts that suit it.
Wish Skewed(std::mt19937_64& random, std::size_t best = 0) {
  std::normal_distribution<float> suits(0, 0.06F);
  Wish wish;
  for (std::size_t i = 0; i < kExperts; ++i) {
    const std::size_t rank = (i + kExperts - best) % kExperts;
    wish.score[i] = 0.7F - 0.02F * static_cast<float>(rank) + suits(random);
  }
  return wish;
}

std::vector<ExpertId> AllExperts() {
  std::vector<ExpertId> all;
  for (std::uint32_t i = 0; i < kExperts; ++i) all.push_back(ExpertId{i});
  return all;
}

// None: all are full.
std::optional<ExpertId> Pick(const Wish& wish, const std::vector<LoadShares::Share>& shares) {
  std::optional<ExpertId> best;
  float best_score = 0;
  for (std::uint32_t i = 0; i < kExperts; ++i) {
    float score = wish.score[i];
    const auto share = std::ranges::find(shares, ExpertId{i}, &LoadShares::Share::expert);
    if (share != shares.end() && share->full) continue;
    if (share != shares.end()) score += share->bias;
    if (best && score <= best_score) continue;
    best = ExpertId{i};
    best_score = score;
  }
  return best;
}

ExpertId Route(const Wish& wish, const BalanceRules& rules, LoadShares* shares) {
  const ExpertId taken = Pick(wish, shares->All(rules)).value_or(ExpertId{0});
  shares->Took(taken, AllExperts(), rules);
  return taken;
}

// The most that one took of the last `of` routes, by their mean.
double Imbalance(const std::vector<ExpertId>& routes, std::size_t of) {
  std::array<double, kExperts> counts{};
  for (std::size_t i = routes.size() - of; i < routes.size(); ++i) counts[Raw(routes[i])] += 1;
  return *std::ranges::max_element(counts) * kExperts / static_cast<double>(of);
}

TEST(LoadSharesTest, TheBiasBalancesASkewedLoadAndFollowsAShift) {
  std::mt19937_64 random(1);
  const BalanceRules rules{.window = 1000, .step = 0.004};
  LoadShares shares;
  std::vector<ExpertId> plain, balanced;
  for (const std::size_t best : {0, 5}) {
    for (int i = 0; i < 20'000; ++i) {
      const Wish wish = Skewed(random, best);
      plain.push_back(*Pick(wish, {}));
      balanced.push_back(Route(wish, rules, &shares));
    }
    EXPECT_GT(Imbalance(plain, 10'000), 2.0);
    // Of ten windows behind ten others, each.
    EXPECT_LT(Imbalance(balanced, 10'000), 1.2);
  }
}

// At the same balance: a price on load moves each request by the load of the moment.
TEST(LoadSharesTest, TheBiasLosesLessThanAPriceOnLoad) {
  const auto run = [](const std::function<ExpertId(const Wish&)>& route, double* imbalance) {
    std::mt19937_64 random(2);
    double score = 0;
    std::vector<ExpertId> routes;
    for (int i = 0; i < 40'000; ++i) {
      const Wish wish = Skewed(random);
      routes.push_back(route(wish));
      if (i >= 20'000) score += wish.score[Raw(routes.back())];
    }
    *imbalance = Imbalance(routes, 20'000);
    return score / 20'000;
  };
  LoadShares shares;
  const BalanceRules rules{.window = 1000, .step = 0.002};
  double biased_imbalance = 0, priced_imbalance = 0, plain_imbalance = 0;
  const double biased =
      run([&](const Wish& wish) { return Route(wish, rules, &shares); }, &biased_imbalance);
  // Shares of the last 100 requests, at a price that comes near that balance.
  LoadShares recent;
  const BalanceRules counted{.window = 100, .step = 0, .capacity = 0};
  const double priced = run(
      [&](const Wish& wish) {
        Wish charged = wish;
        for (const auto& share : recent.All(counted)) {
          charged.score[Raw(share.expert)] -= 4.0F * static_cast<float>(share.requests) / 100;
        }
        const ExpertId taken = *Pick(charged, {});
        recent.Took(taken, AllExperts(), counted);
        return taken;
      },
      &priced_imbalance);
  const double plain = run([](const Wish& wish) { return *Pick(wish, {}); }, &plain_imbalance);
  EXPECT_LT(biased_imbalance, 1.2);
  EXPECT_LE(biased_imbalance, priced_imbalance + 0.05);
  EXPECT_LT(plain - biased, plain - priced);
}

TEST(LoadSharesTest, NoExpertTakesMoreThanItsShareOfAnyWindow) {
  std::mt19937_64 random(3);
  const BalanceRules rules{.window = 400, .capacity = 1.5};
  LoadShares shares;
  std::vector<ExpertId> routes;
  for (int i = 0; i < 4000; ++i) routes.push_back(Route(Skewed(random), rules, &shares));
  for (std::size_t begin = 0; begin + 400 <= routes.size(); begin += 13) {
    std::array<int, kExperts> counts{};
    for (std::size_t i = begin; i < begin + 400; ++i) ++counts[Raw(routes[i])];
    EXPECT_LE(*std::ranges::max_element(counts), 76) << "1.5 times an eighth of 400, and one";
  }
}

// A window without a beginning: no place in it is worse than another (B35).
TEST(LoadSharesTest, WhoIsOneTooManyDoesNotDependOnItsPlace) {
  std::mt19937_64 random(4);
  const BalanceRules rules{.window = 400, .capacity = 1.2};
  LoadShares shares;
  std::array<double, 10> moved{};
  constexpr int kRounds = 200;
  for (int i = 0; i < 400 * kRounds; ++i) {
    const Wish wish = Skewed(random);
    const ExpertId wanted = *Pick(wish, {});
    if (Route(wish, rules, &shares) != wanted && i >= 400 * 10) {
      moved[static_cast<std::size_t>(i % 400) / 40] += 1;
    }
  }
  double sum = 0;
  for (const double count : moved) sum += count;
  ASSERT_GT(sum, 1000);
  for (const double count : moved) EXPECT_NEAR(count / sum, 0.1, 0.02);
}

// A run of requests of one kind may go to its expert as long as the window is longer (B34).
TEST(LoadSharesTest, ALongWindowLeavesSpecialistsTheirRuns) {
  const auto specialists = [](int window) {
    std::mt19937_64 random(5);
    std::normal_distribution<float> noise(0, 0.01F);
    const BalanceRules rules{.window = window, .capacity = 1.5};
    LoadShares shares;
    int hits = 0, asked = 0;
    for (int run = 0; run < 400; ++run) {
      const std::size_t skill = random() % kExperts;
      for (int i = 0; i < 50; ++i) {
        Wish wish;
        for (std::size_t e = 0; e < kExperts; ++e) {
          wish.score[e] = (e == skill ? 0.9F : 0.4F) + noise(random);
        }
        const bool hit = Raw(Route(wish, rules, &shares)) == skill;
        if (run >= 100) hits += hit;
        if (run >= 100) ++asked;
      }
    }
    return static_cast<double>(hits) / asked;
  };
  EXPECT_GT(specialists(4000), 0.95);
  EXPECT_LT(specialists(40), 0.5);
}

// Whoever is refused counts: otherwise the one expert would stay full for ever.
TEST(LoadSharesTest, WhatIsRefusedCountsInTheWindow) {
  const BalanceRules rules{.window = 20, .capacity = 1};
  LoadShares shares;
  int refused = 0;
  for (int i = 0; i < 200; ++i) {
    const auto all = shares.All(rules);
    const auto first = std::ranges::find(all, ExpertId{0}, &LoadShares::Share::expert);
    const bool full = first != all.end() && first->full;
    refused += full;
    shares.Took(full ? std::nullopt : std::optional(ExpertId{0}), AllExperts(), rules);
  }
  EXPECT_NEAR(refused, 200 * 7 / 8, 10) << "an eighth is its part";
}

TEST(LoadSharesTest, AnExpertThatFitsNoLongerIsForgotten) {
  const BalanceRules rules{.window = 10, .step = 0.1};
  LoadShares shares;
  const std::vector<ExpertId> both = {ExpertId{1}, ExpertId{2}}, one = {ExpertId{1}};
  shares.Took(ExpertId{2}, both, rules);
  EXPECT_EQ(shares.All(rules).size(), 2u);
  for (int i = 0; i < 30; ++i) shares.Took(ExpertId{1}, one, rules);
  EXPECT_EQ(shares.All(rules).size(), 1u);
  EXPECT_EQ(shares.requests(), 10);
}

}  // namespace
}  // namespace moerge
