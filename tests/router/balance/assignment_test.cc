// Many requests to experts with capacities.
#include "router/balance/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace moerge {
namespace {

using How = AssignedExperts::How;
using Requests = std::vector<AssignableRequest>;
using Twister = std::mt19937_64;

std::int64_t Millionths(float score) { return std::llround(static_cast<double>(score) * 1e6); }

std::int64_t ScoreAt(const AssignableRequest& request, std::uint32_t expert) {
  return Millionths(std::ranges::find(request.fitting, expert, &ScoredExpert::expert)->score);
}

// A request that every expert fits.
AssignableRequest Everywhere(std::uint64_t key, const std::vector<float>& scores) {
  AssignableRequest request{.key = key, .fitting = {}};
  for (std::uint32_t i = 0; i < scores.size(); ++i) request.fitting.push_back({i, scores[i]});
  return request;
}

Requests DrawRequests(std::size_t count, std::uint32_t experts, Twister& random) {
  Requests requests;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<float> scores;
    for (std::uint32_t j = 0; j < experts; ++j) {
      // Some experts are better in all.
      const auto luck = static_cast<float>(random() % 1000) / 1000;
      scores.push_back(0.5F * luck + 0.5F * static_cast<float>(j) / static_cast<float>(experts));
    }
    requests.push_back(Everywhere(random(), scores));
  }
  return requests;
}

Capacities Even(std::size_t experts, std::size_t seats, double factor = 1) {
  return CapacitiesOf(std::vector<double>(experts, 1), seats, factor);
}

std::vector<std::size_t> LoadsOf(const std::vector<AssignedExperts>& assigned,
                                 std::size_t experts) {
  std::vector<std::size_t> loads(experts, 0);
  for (const AssignedExperts& each : assigned) {
    for (const std::uint32_t expert : each.experts) ++loads[expert];
  }
  return loads;
}

std::int64_t TotalOf(const Requests& requests, const std::vector<AssignedExperts>& assigned) {
  std::int64_t total = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    for (const std::uint32_t expert : assigned[i].experts) total += ScoreAt(requests[i], expert);
  }
  return total;
}

TEST(Capacities, AreAsEvenAsSeatsGo) {
  struct Case {
    std::vector<double> parts;
    std::size_t seats;
    double factor;
    std::vector<std::size_t> most;
    std::size_t one_more;
  };
  const std::vector<Case> cases = {
      {{1, 1, 1}, 9, 1, {3, 3, 3}, 0},   {{1, 1, 1}, 11, 1, {3, 3, 3}, 2},
      {{2, 1, 1}, 8, 1, {4, 2, 2}, 0},   {{2, 1, 1}, 9, 1, {4, 2, 2}, 1},
      {{1, 1, 1}, 9, 1.5, {5, 5, 5}, 0}, {{1, 1, 1}, 1, 1, {0, 0, 0}, 1},
      {{0.1, 0.2}, 30, 1, {10, 20}, 0},  {{}, 5, 1, {}, 0},
      {{1, 1}, 10, 0.5, {5, 5}, 0},
  };
  for (const Case& each : cases) {
    const Capacities capacities = CapacitiesOf(each.parts, each.seats, each.factor);
    EXPECT_EQ(capacities.most, each.most) << each.seats;
    EXPECT_EQ(capacities.one_more, each.one_more) << each.seats;
  }
}

// All ways to give each request its seats, or fewer. As many seats as can be, then the best score.
class BruteForce {
 public:
  BruteForce(const Requests& requests, const Capacities& capacities)
      : requests_(requests), capacities_(capacities), load_(capacities.most.size(), 0) {
    Try(0, 0, 0);
  }
  std::pair<int, std::int64_t> best() const { return best_; }

 private:
  bool Holds() const {
    std::size_t more = 0;
    for (std::size_t i = 0; i < load_.size(); ++i) {
      if (load_[i] > capacities_.most[i] + 1) return false;
      if (load_[i] > capacities_.most[i]) ++more;
    }
    return more <= capacities_.one_more;
  }

  void Try(std::size_t i, int seats, std::int64_t score) {
    if (!Holds()) return;
    if (i == requests_.size()) {
      best_ = std::max(best_, {seats, score});
      return;
    }
    const auto& fitting = requests_[i].fitting;
    for (unsigned set = 0; set < 1U << fitting.size(); ++set) {
      if (static_cast<std::size_t>(std::popcount(set)) > requests_[i].seats) continue;
      std::int64_t more = 0;
      for (std::size_t k = 0; k < fitting.size(); ++k) {
        if ((set >> k & 1) == 0) continue;
        ++load_[fitting[k].expert];
        more += Millionths(fitting[k].score);
      }
      Try(i + 1, seats + std::popcount(set), score + more);
      for (std::size_t k = 0; k < fitting.size(); ++k) load_[fitting[k].expert] -= set >> k & 1;
    }
  }

  const Requests& requests_;
  const Capacities& capacities_;
  std::vector<std::size_t> load_;
  std::pair<int, std::int64_t> best_{-1, 0};
};

TEST(AssignBalanced, EqualsBruteForceOnSmallInstances) {
  Twister random(1);
  for (int round = 0; round < 3000; ++round) {
    const auto experts = static_cast<std::uint32_t>(1 + random() % 4);
    Requests requests(1 + random() % 5);
    for (AssignableRequest& request : requests) {
      request.key = random() % 4;
      request.seats = 1 + random() % 2;
      for (std::uint32_t j = 0; j < experts; ++j) {
        const float score = static_cast<float>(random() % 7) / 4 - 0.5F;
        if (random() % 4 > 0) request.fitting.push_back({j, score});
      }
    }
    Capacities capacities{.most = {}, .one_more = random() % 3};
    for (std::uint32_t j = 0; j < experts; ++j) capacities.most.push_back(random() % 4);
    int seats = 0;
    std::int64_t score = 0;
    const auto assigned = AssignBalanced(requests, capacities);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (assigned[i].how != How::kAssigned) continue;
      for (const std::uint32_t expert : assigned[i].experts) {
        ++seats;
        score += ScoreAt(requests[i], expert);
      }
    }
    ASSERT_EQ(std::pair(seats, score), BruteForce(requests, capacities).best()) << round;
  }
}

// Each in turn to the best that has room.
std::int64_t GreedyTotal(const Requests& requests, Capacities capacities) {
  std::int64_t total = 0;
  for (const AssignableRequest& request : requests) {
    const ScoredExpert* best = nullptr;
    for (const ScoredExpert& each : request.fitting) {
      const bool room = capacities.most[each.expert] > 0;
      if (room && (best == nullptr || each.score > best->score)) best = &each;
    }
    if (best == nullptr) continue;
    --capacities.most[best->expert];
    total += Millionths(best->score);
  }
  return total;
}

TEST(AssignBalanced, LoadsDifferByOneAtMostAndScoresAreNoneBelowGreedyOnes) {
  Twister random(2);
  for (int round = 0; round < 20; ++round) {
    const auto experts = static_cast<std::uint32_t>(2 + random() % 12);
    const Requests requests = DrawRequests(200 + random() % 200, experts, random);
    const auto assigned = AssignBalanced(requests, Even(experts, requests.size()));
    const auto loads = LoadsOf(assigned, experts);
    EXPECT_EQ(std::accumulate(loads.begin(), loads.end(), std::size_t{0}), requests.size());
    EXPECT_LE(*std::ranges::max_element(loads) - *std::ranges::min_element(loads), 1u);
    Capacities whole = Even(experts, requests.size());
    if (std::exchange(whole.one_more, 0) > 0) {
      for (std::size_t& most : whole.most) ++most;
    }
    const auto roomy = AssignBalanced(requests, whole);
    EXPECT_GE(TotalOf(requests, roomy), GreedyTotal(requests, whole));
    EXPECT_GE(TotalOf(requests, roomy), TotalOf(requests, assigned)) << "more room, no less score";
  }
}

TEST(AssignBalanced, UnequalPartsAreKept) {
  Twister random(3);
  const Requests requests = DrawRequests(400, 4, random);
  const Capacities capacities = CapacitiesOf(std::vector<double>{5, 1, 1, 1}, 400, 1);
  const auto loads = LoadsOf(AssignBalanced(requests, capacities), 4);
  EXPECT_EQ(loads, (std::vector<std::size_t>{250, 50, 50, 50}));
}

TEST(AssignBalanced, WhatIsLostIsSaid) {
  const Requests requests = {Everywhere(1, {0.9F, 0.5F}), Everywhere(2, {0.8F, 0.7F})};
  const auto assigned = AssignBalanced(requests, Even(2, 2));
  EXPECT_EQ(assigned[0].experts, std::vector<std::uint32_t>{0});
  EXPECT_EQ(assigned[1].experts, std::vector<std::uint32_t>{1});
  EXPECT_NEAR(assigned[0].lost, 0, 1e-9);
  EXPECT_NEAR(assigned[1].lost, 0.1, 1e-6);
}

TEST(AssignByExpertChoice, NoExpertIsAboveItsCapacityAndEveryRequestIsServed) {
  Twister random(4);
  for (int round = 0; round < 50; ++round) {
    const auto experts = static_cast<std::uint32_t>(1 + random() % 10);
    Requests requests = DrawRequests(1 + random() % 300, experts, random);
    std::size_t seats = 0;
    for (AssignableRequest& request : requests) {
      request.seats = 1 + random() % std::min<std::uint32_t>(experts, 3);
      seats += request.seats;
    }
    const double factor = 1 + static_cast<double>(random() % 3) / 2;
    const Capacities capacities = Even(experts, seats, factor);
    const auto assigned = AssignByExpertChoice(requests, capacities);
    const auto loads = LoadsOf(assigned, experts);
    for (std::uint32_t j = 0; j < experts; ++j) {
      const std::size_t most = capacities.most[j] + std::min<std::size_t>(capacities.one_more, 1);
      EXPECT_LE(loads[j], most);
    }
    for (std::size_t i = 0; i < requests.size(); ++i) {
      EXPECT_GE(assigned[i].experts.size(), 1u);
      EXPECT_LE(assigned[i].experts.size(), requests[i].seats);
      EXPECT_EQ(assigned[i].how, assigned[i].picked_by > 0 ? How::kAssigned : How::kRoom);
    }
  }
}

TEST(AssignByExpertChoice, ExpertsForARequestVary) {
  AssignableRequest both = Everywhere(1, {0.9F, 0.9F});
  both.seats = 2;
  AssignableRequest one = Everywhere(2, {0.8F, 0.2F});
  AssignableRequest none = Everywhere(3, {0.1F, 0.1F});
  const auto assigned = AssignByExpertChoice(Requests{both, one, none}, {{2, 2}, 0});
  EXPECT_EQ(assigned[0].experts, (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(assigned[0].picked_by, 2u);
  EXPECT_EQ(assigned[1].experts, std::vector<std::uint32_t>{0});
  EXPECT_EQ(assigned[1].picked_by, 2u) << "it wants one";
  EXPECT_EQ(assigned[2].experts, std::vector<std::uint32_t>{1});
  EXPECT_EQ(assigned[2].how, How::kRoom);
}

TEST(Assign, WhereNothingThatFitsHasRoomItGoesToItsBestAllTheSame) {
  AssignableRequest only{.key = 1, .fitting = {{0, 0.5F}}};
  AssignableRequest other{.key = 2, .fitting = {{0, 0.4F}}};
  const AssignableRequest nothing{.key = 3, .fitting = {}};
  const Requests requests = {only, other, nothing};
  for (const auto assign : {AssignByExpertChoice, AssignBalanced}) {
    const auto assigned = assign(requests, {{1, 1}, 0});
    EXPECT_EQ(assigned[0].how, How::kAssigned);
    EXPECT_EQ(assigned[1].how, How::kOver);
    EXPECT_EQ(assigned[1].experts, std::vector<std::uint32_t>{0});
    EXPECT_EQ(assigned[2].how, How::kNothing);
    EXPECT_TRUE(assigned[2].experts.empty());
  }
}

// Where a request stands makes no difference; those alike in all may change places.
TEST(Assign, WhereARequestStandsMakesNoDifference) {
  Twister random(5);
  for (int round = 0; round < 30; ++round) {
    Requests requests = DrawRequests(120, 6, random);
    for (AssignableRequest& request : requests) {
      // Many ties, and several of the same content.
      for (ScoredExpert& each : request.fitting) each.score = std::round(each.score * 8) / 8;
    }
    for (int i = 0; i < 10; ++i) requests.push_back(requests[random() % 20]);
    std::vector<std::size_t> order(requests.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::shuffle(order, random);
    Requests shuffled;
    for (const std::size_t i : order) shuffled.push_back(requests[i]);
    for (const auto assign : {AssignByExpertChoice, AssignBalanced}) {
      const Capacities capacities = Even(6, requests.size());
      const auto before = assign(requests, capacities);
      const auto after = assign(shuffled, capacities);
      std::map<std::uint64_t, std::multiset<std::vector<std::uint32_t>>> a, b;
      for (std::size_t i = 0; i < requests.size(); ++i) {
        a[requests[i].key].insert(before[i].experts);
        b[shuffled[i].key].insert(after[i].experts);
      }
      EXPECT_EQ(a, b);
    }
  }
}

}  // namespace
}  // namespace moerge
