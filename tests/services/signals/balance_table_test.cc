// Two tenants under one policy that balances: what one asks for must neither change nor tell what
// the other gets (A37, A38). With `isolated` false both have one load, which shows the leak.
#include "services/signals/balance_table.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

namespace moerge {
namespace {

constexpr std::uint32_t kPool = 6;

std::vector<ExpertId> Pool() {
  std::vector<ExpertId> all;
  for (std::uint32_t i = 0; i < kPool; ++i) all.push_back(ExpertId{i});
  return all;
}

class Tenants {
 public:
  Tenants(bool isolated, const BalanceRules& rules) : isolated_(isolated), rules_(rules) {}

  // The expert that a request gets which suits `wanted` best and the next ones less and less.
  ExpertId Ask(std::string_view tenant, std::uint32_t wanted) {
    const std::string_view whose = isolated_ ? tenant : std::string_view();
    const auto shares = table_.Find("p", whose, rules_);
    ExpertId best{wanted};
    float best_score = -1;
    for (std::uint32_t i = 0; i < kPool; ++i) {
      const std::uint32_t expert = (wanted + i) % kPool;
      float score = 0.9F - 0.05F * static_cast<float>(i);
      bool full = false;
      for (const auto& share : shares) {
        if (share.expert != ExpertId{expert}) continue;
        score += share.bias;
        full = share.full;
      }
      if (full || score <= best_score) continue;
      best = ExpertId{expert};
      best_score = score;
    }
    table_.Took("p", whose, best, Pool(), rules_);
    return best;
  }

 private:
  BalanceTable table_;
  const bool isolated_;
  const BalanceRules rules_;
};

// How many of the victim's routes change when an attacker's requests come between its own.
int ChangedRoutes(bool isolated, const BalanceRules& rules, int batches) {
  std::mt19937_64 random(7);
  int changed = 0;
  for (int batch = 0; batch < batches; ++batch) {
    Tenants alone(isolated, rules), attacked(isolated, rules);
    const auto target = static_cast<std::uint32_t>(random() % kPool);
    for (int i = 0; i < 6; ++i) {
      for (auto attacks = random() % 4; attacks > 0; --attacks) attacked.Ask("attacker", target);
      const auto wanted = random() % 2 == 0 ? target : static_cast<std::uint32_t>(random() % kPool);
      changed += alone.Ask("victim", wanted) != attacked.Ask("victim", wanted);
    }
  }
  return changed;
}

TEST(BalanceTableTest, AnAttackerChangesNoRouteOfAnotherTenant) {
  for (const BalanceRules& rules : {BalanceRules{.window = 20, .step = 0, .capacity = 1.5},
                                    BalanceRules{.window = 20, .step = 0.05, .capacity = 0},
                                    BalanceRules{.window = 20, .step = 0.05, .capacity = 1.5}}) {
    EXPECT_GT(ChangedRoutes(false, rules, 1000), 100) << "without isolation it does";
    EXPECT_EQ(ChangedRoutes(true, rules, 10'000), 0);
  }
}

// The share of victims' secrets that an attacker guesses from where its own probes go.
double GuessedSecrets(bool isolated, const BalanceRules& rules) {
  std::mt19937_64 random(8);
  constexpr int kTrials = 4000;
  int right = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    Tenants tenants(isolated, rules);
    // Fills one expert to just below its bound, and lets the victim ask for that one or another.
    for (std::uint32_t i = 0; i < 12; ++i) tenants.Ask("attacker", i % kPool);
    const auto secret = static_cast<std::uint32_t>(random() % 2);
    for (int i = 0; i < 2; ++i) tenants.Ask("victim", secret);
    const bool moved = tenants.Ask("attacker", 1) != ExpertId{1};
    const std::uint32_t guess = moved ? 1 : static_cast<std::uint32_t>(random() % 2);
    right += guess == secret;
  }
  return static_cast<double>(right) / kTrials;
}

TEST(BalanceTableTest, AnAttackerLearnsNothingOfAnotherTenantsRequests) {
  const BalanceRules rules{.window = 40, .step = 0, .capacity = 1.3};
  EXPECT_GT(GuessedSecrets(false, rules), 0.7) << "without isolation it does";
  // Four standard deviations around chance.
  EXPECT_NEAR(GuessedSecrets(true, rules), 0.5, 4 * 0.5 / std::sqrt(4000.0));
}

TEST(BalanceTableTest, IsBounded) {
  BalanceTable table(3);
  const BalanceRules rules{.window = 10, .step = 0.1};
  const std::vector<ExpertId> one = {ExpertId{1}};
  for (const char* tenant : {"a", "b", "c", "d"}) table.Took("p", tenant, one[0], one, rules);
  EXPECT_EQ(table.size(), 3u);
  EXPECT_TRUE(table.Find("p", "a", rules).empty()) << "silent for longest";
  EXPECT_EQ(table.Find("p", "d", rules).size(), 1u);
}

}  // namespace
}  // namespace moerge
