// Linear support vector machines, one per class against the rest, over one set of sparse rows.
//
// Minimises  |W|^2 / 2 + cost * sum of weight * max(0, 1 - y score)^2  per class by dual coordinate
// descent (Hsieh et al. 2008, "A Dual Coordinate Descent Method for Large-scale Linear SVM"), all
// classes of a row together. Has no step size and ends near the optimum after some ten passes.
// Pure: the order of rows comes from the seed, so that equal input gives equal bytes.
#pragma once

#include <atomic>
#include <cstdint>

#include "router/learn/linear_weights.h"

namespace moerge {

struct MarginOptions {
  double cost = 1;
  int passes = 12;
  std::uint64_t seed = 1;
  const std::atomic<bool>* stop = nullptr;  // gives up early when it turns true
};

LinearWeights TrainMargins(const ClassTask& task, const MarginOptions& options);

}  // namespace moerge
