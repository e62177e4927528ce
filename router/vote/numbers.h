// Several numbers into one: the weighted median, or a trimmed mean, of what experts say. Pure; any
// thread.
#pragma once

#include <cstddef>
#include <span>

namespace moerge {

struct Measured {
  double value = 0;
  double weight = 1;  // above 0
};

// The place of the value at which the weights below and above are most nearly equal, the lower one
// of two; of equal values the first. REQUIRES: not empty.
std::size_t WeightedMedian(std::span<const Measured> values);

// The weighted mean of the values without a fifth of the weight at either end. REQUIRES: not empty.
double TrimmedMean(std::span<const Measured> values);

// The place of the value nearest to `target`, the first of several. REQUIRES: not empty.
std::size_t Nearest(std::span<const Measured> values, double target);

}  // namespace moerge
