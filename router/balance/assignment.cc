#include "router/balance/assignment.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "router/balance/balanced_flow.h"

namespace moerge {
namespace {

using AssignedHow = AssignedExperts::How;

// Requests by their content.
std::vector<std::size_t> OrderByKey(std::span<const AssignableRequest> requests) {
  std::vector<std::size_t> order(requests.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return requests[i].key; });
  return order;
}

bool IsBetterFor(const ScoredExpert& a, const ScoredExpert& b) {
  return a.score != b.score ? a.score > b.score : a.expert < b.expert;
}

// What the experts of its own choice would have had more. `chosen`: best first.
double ScoreLost(const AssignableRequest& request, std::span<const ScoredExpert> chosen) {
  std::vector<ScoredExpert> best = request.fitting;
  const auto end = best.begin() + static_cast<std::ptrdiff_t>(chosen.size());
  std::ranges::partial_sort(best, end, IsBetterFor);
  double lost = 0;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    lost += static_cast<double>(best[i].score) - static_cast<double>(chosen[i].score);
  }
  return std::max(lost, 0.0);
}

void SetAssigned(const AssignableRequest& request, std::vector<ScoredExpert> chosen,
                 AssignedHow how, AssignedExperts* out) {
  std::ranges::sort(chosen, IsBetterFor);
  out->how = how;
  for (const ScoredExpert& each : chosen) out->experts.push_back(each.expert);
  out->lost = ScoreLost(request, chosen);
}

void TakeOwnBest(const AssignableRequest& request, AssignedExperts* out) {
  std::vector<ScoredExpert> best = request.fitting;
  std::ranges::sort(best, IsBetterFor);
  best.resize(std::min(best.size(), std::max<std::size_t>(request.seats, 1)));
  SetAssigned(request, std::move(best), AssignedHow::kOver, out);
}

// The experts' choice. How many chose a request, and which.
class ExpertChoiceRun {
 public:
  ExpertChoiceRun(std::span<const AssignableRequest> requests, const Capacities& capacities)
      : requests_(requests),
        order_(OrderByKey(requests)),
        room_(capacities.most),
        pickers_(requests.size()) {
    if (capacities.one_more > 0) {
      for (std::size_t& room : room_) ++room;
    }
  }

  std::vector<AssignedExperts> Run() {
    std::vector<AssignedExperts> assigned(requests_.size());
    Pick();
    for (const std::size_t i : order_) Seat(i, &assigned[i]);
    for (const std::size_t i : order_) {
      if (assigned[i].how == AssignedHow::kNothing) FindRoom(requests_[i], &assigned[i]);
    }
    return assigned;
  }

 private:
  struct Wish {
    float score;
    std::size_t place;  // by key
  };

  void Pick() {
    std::vector<std::vector<Wish>> wishes(room_.size());
    for (std::size_t place = 0; place < order_.size(); ++place) {
      for (const ScoredExpert& each : requests_[order_[place]].fitting) {
        wishes[each.expert].push_back({each.score, place});
      }
    }
    for (std::uint32_t expert = 0; expert < wishes.size(); ++expert) {
      std::vector<Wish>& all = wishes[expert];
      const std::size_t most = std::min(all.size(), room_[expert]);
      const auto end = all.begin() + static_cast<std::ptrdiff_t>(most);
      std::ranges::partial_sort(all, end, [](const Wish& a, const Wish& b) {
        return a.score != b.score ? a.score > b.score : a.place < b.place;
      });
      for (std::size_t i = 0; i < most; ++i) {
        pickers_[order_[all[i].place]].push_back({expert, all[i].score});
      }
    }
  }

  void Seat(std::size_t i, AssignedExperts* out) {
    std::vector<ScoredExpert>& pickers = pickers_[i];
    if (pickers.empty()) return;
    out->picked_by = pickers.size();
    std::ranges::sort(pickers, IsBetterFor);
    pickers.resize(std::min(pickers.size(), std::max<std::size_t>(requests_[i].seats, 1)));
    for (const ScoredExpert& each : pickers) --room_[each.expert];
    SetAssigned(requests_[i], std::move(pickers), AssignedHow::kAssigned, out);
  }

  void FindRoom(const AssignableRequest& request, AssignedExperts* out) {
    if (request.fitting.empty()) return;
    const ScoredExpert* best = nullptr;
    for (const ScoredExpert& each : request.fitting) {
      if (room_[each.expert] > 0 && (best == nullptr || IsBetterFor(each, *best))) best = &each;
    }
    if (best == nullptr) return TakeOwnBest(request, out);
    --room_[best->expert];
    SetAssigned(request, {*best}, AssignedHow::kRoom, out);
  }

  const std::span<const AssignableRequest> requests_;
  const std::vector<std::size_t> order_;
  std::vector<std::size_t> room_;  // by expert
  std::vector<std::vector<ScoredExpert>> pickers_;
};

}  // namespace

Capacities CapacitiesOf(std::span<const double> parts, std::size_t seats, double factor) {
  Capacities capacities;
  const double sum = std::accumulate(parts.begin(), parts.end(), 0.0);
  std::size_t given = 0;
  for (const double part : parts) {
    const double share = sum > 0 ? part / sum : 0;
    // What is whole but for rounding is whole.
    const double most = share * static_cast<double>(seats) * std::max(factor, 1.0);
    const double rounded = factor > 1 ? std::ceil(most - 1e-9) : std::floor(most + 1e-9);
    capacities.most.push_back(static_cast<std::size_t>(rounded));
    given += capacities.most.back();
  }
  if (sum > 0) capacities.one_more = seats > given ? seats - given : 0;
  return capacities;
}

std::vector<AssignedExperts> AssignByExpertChoice(std::span<const AssignableRequest> requests,
                                                  const Capacities& capacities) {
  return ExpertChoiceRun(requests, capacities).Run();
}

std::vector<AssignedExperts> AssignBalanced(std::span<const AssignableRequest> requests,
                                            const Capacities& capacities) {
  BalancedFlow flow(requests, capacities);
  for (const std::size_t i : OrderByKey(requests)) flow.Add(i);
  std::vector<AssignedExperts> assigned(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (requests[i].fitting.empty()) continue;
    std::vector<ScoredExpert> taken = flow.Taken(i);
    if (taken.empty()) {
      TakeOwnBest(requests[i], &assigned[i]);
    } else {
      SetAssigned(requests[i], std::move(taken), AssignedHow::kAssigned, &assigned[i]);
    }
  }
  return assigned;
}

}  // namespace moerge
