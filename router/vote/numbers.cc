#include "router/vote/numbers.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace moerge {
namespace {

constexpr double kTrimmed = 0.2;  // of the weight, at either end

std::vector<std::size_t> Ascending(std::span<const Measured> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [values](std::size_t i) { return values[i].value; });
  return order;
}

double Total(std::span<const Measured> values) {
  double total = 0;
  for (const Measured& each : values) total += each.weight;
  return total;
}

}  // namespace

std::size_t WeightedMedian(std::span<const Measured> values) {
  const std::vector<std::size_t> order = Ascending(values);
  const double half = Total(values) / 2;
  double below = 0;
  for (const std::size_t place : order) {
    below += values[place].weight;
    if (below >= half) return Nearest(values, values[place].value);
  }
  return order.back();
}

double TrimmedMean(std::span<const Measured> values) {
  const double total = Total(values);
  const double low = total * kTrimmed;
  const double high = total * (1 - kTrimmed);
  double before = 0;
  double sum = 0;
  double kept = 0;
  for (const std::size_t place : Ascending(values)) {
    const double after = before + values[place].weight;
    const double share = std::max(0.0, std::min(after, high) - std::max(before, low));
    sum += share * values[place].value;
    kept += share;
    before = after;
  }
  return sum / kept;
}

std::size_t Nearest(std::span<const Measured> values, double target) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (std::abs(values[i].value - target) < std::abs(values[best].value - target)) best = i;
  }
  return best;
}

}  // namespace moerge
