#include "router/mapping/budget_curve.h"

#include <algorithm>

namespace moerge {
namespace {

// Partial choices kept over all groups, and for each of them at least and at most.
constexpr std::size_t kStates = 1u << 18;
constexpr std::size_t kFewest = 128;
constexpr std::size_t kMost = 1u << 14;

// Sums of the same costs in another order differ by this at most.
constexpr double kRounding = 1e-9;

template <class T>
bool Cheaper(const T& a, const T& b) {
  return a.cost != b.cost ? a.cost < b.cost : a.value > b.value;
}

// Leaves what nothing else beats: ascending in cost and in value.
template <class T>
void KeepBest(std::vector<T>* all) {
  std::stable_sort(all->begin(), all->end(), Cheaper<T>);
  std::size_t kept = 0;
  for (const T& each : *all) {
    if (kept == 0 || each.value > (*all)[kept - 1].value) (*all)[kept++] = each;
  }
  all->resize(kept);
}

bool Bends(const CurvePoint& a, const CurvePoint& b, const CurvePoint& c) {
  return (b.value - a.value) * (c.cost - b.cost) > (c.value - b.value) * (b.cost - a.cost);
}

}  // namespace

BudgetCurve::BudgetCurve(const std::vector<BudgetGroup>& groups) {
  if (groups.empty()) return;
  const std::size_t most = std::clamp(kStates / groups.size(), kFewest, kMost);
  Stage stage = {{0, 0, 0, 0}};
  for (const BudgetGroup& group : groups) {
    stage = Extend(stage, group);
    Thin(most, &stage);
    stages_.push_back(stage);
  }
  for (const State& state : stage) points_.push_back({state.cost, state.value, false});
  MarkHull();
}

BudgetCurve::Stage BudgetCurve::Extend(const Stage& before, const BudgetGroup& group) const {
  std::vector<BudgetOption> options = group.options;
  KeepBest(&options);
  Stage stage;
  stage.reserve(before.size() * options.size());
  for (const BudgetOption& option : options) {
    for (std::uint32_t i = 0; i < before.size(); ++i) {
      stage.push_back({before[i].cost + group.frequency * option.cost,
                       before[i].value + group.frequency * option.value, i, option.id});
    }
  }
  KeepBest(&stage);
  return stage;
}

// The best of each of `most` equal ranges of cost, and the cheapest of all.
void BudgetCurve::Thin(std::size_t most, Stage* stage) {
  if (stage->size() <= most) return;
  exact_ = false;
  const double from = stage->front().cost;
  const double width = (stage->back().cost - from) / static_cast<double>(most - 1);
  const auto range = [&](const State& state) {
    return static_cast<std::size_t>((state.cost - from) / width);
  };
  std::size_t kept = 1;
  for (std::size_t i = 1; i < stage->size(); ++i) {
    const bool last = i + 1 == stage->size() || range((*stage)[i]) != range((*stage)[i + 1]);
    if (last) (*stage)[kept++] = (*stage)[i];
  }
  stage->resize(kept);
}

void BudgetCurve::MarkHull() {
  std::vector<std::size_t> hull;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    while (hull.size() > 1 &&
           !Bends(points_[hull[hull.size() - 2]], points_[hull.back()], points_[i])) {
      hull.pop_back();
    }
    hull.push_back(i);
  }
  for (const std::size_t corner : hull) points_[corner].hull = true;
}

std::optional<std::size_t> BudgetCurve::Within(double budget) const {
  const double limit = budget + kRounding * std::max(budget, 1e-3);
  const auto at =
      std::upper_bound(points_.begin(), points_.end(), limit,
                       [](double cost, const CurvePoint& point) { return cost < point.cost; });
  if (at == points_.begin()) return std::nullopt;
  return static_cast<std::size_t>(at - points_.begin()) - 1;
}

std::vector<std::uint32_t> BudgetCurve::Picks(std::size_t point) const {
  std::vector<std::uint32_t> picks(stages_.size());
  for (std::size_t stage = stages_.size(); stage > 0; --stage) {
    const State& state = stages_[stage - 1][point];
    picks[stage - 1] = state.option;
    point = state.parent;
  }
  return picks;
}

}  // namespace moerge
