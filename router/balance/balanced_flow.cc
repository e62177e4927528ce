#include "router/balance/balanced_flow.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>

namespace moerge {
namespace {

constexpr double kFlowUnits = 1e6;      // of a score point
constexpr double kMostFlowScore = 1e6;  // scores further from zero are as far as this
constexpr std::int64_t kFlowUnreached = std::numeric_limits<std::int64_t>::max();
constexpr std::uint32_t kPathBegin = std::numeric_limits<std::uint32_t>::max();

std::int64_t FlowCost(float score) {
  const double bounded = std::clamp(static_cast<double>(score), -kMostFlowScore, kMostFlowScore);
  return -std::llround(bounded * kFlowUnits);
}

}  // namespace

BalancedFlow::BalancedFlow(std::span<const AssignableRequest> requests,
                           const Capacities& capacities)
    : requests_(requests),
      experts_(capacities.most.size()),
      capacities_(capacities),
      costs_(requests.size() * (experts_ + 1), 0),
      at_(requests.size()),
      added_(requests.size(), 0),
      moves_((experts_ + 1) * (experts_ + 1)),
      load_(experts_ + 1, 0),
      uses_spare_(experts_, false),
      steps_(nodes()) {
  Cost least = 0;
  Cost most = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    for (const ScoredExpert& each : requests[i].fitting) {
      const Cost cost = CostAt(i, each.expert) = FlowCost(each.score);
      least = std::min(least, cost);
      most = std::max(most, cost);
    }
  }
  const Cost nowhere_cost = most + (most - least + 1) * static_cast<Cost>(nodes());
  for (std::size_t i = 0; i < requests.size(); ++i) CostAt(i, nowhere()) = nowhere_cost;
}

bool BalancedFlow::IsAt(std::size_t request, Node node) const {
  return std::ranges::find(at_[request], node) != at_[request].end();
}

bool BalancedFlow::HasRoom(Node node) const {
  if (node == nowhere()) return true;
  if (node == spare()) return spare_used_ < capacities_.one_more;
  return load_[node] < capacities_.most[node];
}

std::vector<ScoredExpert> BalancedFlow::Taken(std::size_t request) const {
  std::vector<ScoredExpert> taken;
  for (const ScoredExpert& each : requests_[request].fitting) {
    if (IsAt(request, each.expert)) taken.push_back(each);
  }
  return taken;
}

void BalancedFlow::Add(std::size_t request) {
  added_[request] = count_++;
  const std::size_t wanted = std::max<std::size_t>(requests_[request].seats, 1);
  const std::size_t seats = std::min(wanted, requests_[request].fitting.size());
  for (std::size_t i = 0; i < seats; ++i) {
    FindPaths(request);
    Follow(CheapestEnd());
  }
}

// By label correction: a move may cost less than nothing, but no round trip does.
void BalancedFlow::FindPaths(std::size_t request) {
  std::ranges::fill(steps_, Step{kFlowUnreached, kPathBegin, 0});
  const auto of = static_cast<std::uint32_t>(request);
  std::deque<Node> changed;
  std::vector<bool> queued(nodes(), false);
  const auto note = [&](Node node) {
    if (!queued[node]) changed.push_back(node);
    queued[node] = true;
  };
  for (const ScoredExpert& each : requests_[request].fitting) {
    if (IsAt(request, each.expert)) continue;
    if (Reach(each.expert, {CostAt(request, each.expert), kPathBegin, of})) note(each.expert);
  }
  if (Reach(nowhere(), {CostAt(request, nowhere()), kPathBegin, of})) note(nowhere());
  while (!changed.empty()) {
    const Node node = changed.front();
    changed.pop_front();
    queued[node] = false;
    for (Node to = 0; to < nodes(); ++to) {
      if (to != node && Relax(node, to)) note(to);
    }
  }
}

// An expert that is full sends on one of its requests, or takes one of the spare places; one that
// has a spare place may give it up for another, and sends one on.
bool BalancedFlow::Relax(Node from, Node to) {
  const Cost cost = steps_[from].cost;
  if (from == spare()) {
    return to < experts_ && uses_spare_[to] && Reach(to, {cost, from, 0});
  }
  if (to == spare()) {
    const bool may = from < experts_ && !uses_spare_[from] && !HasRoom(from);
    return may && capacities_.one_more > 0 && Reach(to, {cost, from, 0});
  }
  const Move* move = Cheapest(from, to);
  return move != nullptr && Reach(to, {cost + move->cost, from, move->request});
}

bool BalancedFlow::Reach(Node to, const Step& step) {
  if (step.cost >= steps_[to].cost) return false;
  steps_[to] = step;
  return true;
}

BalancedFlow::Node BalancedFlow::CheapestEnd() const {
  Node best = nowhere();
  for (Node node = 0; node < nodes(); ++node) {
    if (HasRoom(node) && steps_[node].cost < steps_[best].cost) best = node;
  }
  return best;
}

void BalancedFlow::Follow(Node end) {
  if (end == spare()) ++spare_used_;
  std::vector<std::pair<std::uint32_t, Node>> arrivals;
  for (Node node = end;; node = steps_[node].from) {
    const Step& step = steps_[node];
    if (node == spare()) {
      uses_spare_[step.from] = true;
    } else if (step.from == spare()) {
      uses_spare_[node] = false;
    } else {
      if (step.from != kPathBegin) Leave(step.request, step.from);
      arrivals.emplace_back(step.request, node);
    }
    if (step.from == kPathBegin) break;
  }
  for (const auto& [request, node] : arrivals) Arrive(request, node);
}

// What was true when it was offered may be so no more.
const BalancedFlow::Move* BalancedFlow::Cheapest(Node from, Node to) {
  std::vector<Move>& heap = moves_[from * (experts_ + 1) + to];
  while (!heap.empty()) {
    const Move& first = heap.front();
    if (IsAt(first.request, from) && (to == nowhere() || !IsAt(first.request, to))) return &first;
    std::ranges::pop_heap(heap, IsLater);
    heap.pop_back();
  }
  return nullptr;
}

void BalancedFlow::Offer(std::size_t request, Node from, Node to) {
  std::vector<Move>& heap = moves_[from * (experts_ + 1) + to];
  const Cost cost = CostAt(request, to) - CostAt(request, from);
  heap.push_back({cost, added_[request], static_cast<std::uint32_t>(request)});
  std::ranges::push_heap(heap, IsLater);
}

void BalancedFlow::Arrive(std::size_t request, Node node) {
  at_[request].push_back(node);
  ++load_[node];
  for (const ScoredExpert& each : requests_[request].fitting) {
    if (!IsAt(request, each.expert)) Offer(request, node, each.expert);
  }
  if (node != nowhere()) Offer(request, node, nowhere());
}

void BalancedFlow::Leave(std::size_t request, Node node) {
  at_[request].erase(std::ranges::find(at_[request], node));
  --load_[node];
  if (node == nowhere()) return;
  for (const Node other : at_[request]) Offer(request, other, node);
}

}  // namespace moerge
