// Ridge regression with many outputs over sparse rows, by conjugate gradients (Hestenes and Stiefel
// 1952): each output is a system of its own, so that leaving one out changes no other. Pure.
#pragma once

#include <atomic>
#include <cstddef>
#include <span>

#include "router/learn/linear_weights.h"

namespace moerge {

struct RidgeTask {
  const SparseRows* rows;  // cells indexed by feature, below `features`
  std::size_t features;
  std::size_t outputs;
  std::span<const float> targets;  // row-major, as many rows as `rows`
  double l2 = 30;
  int iterations = 25;
  const std::atomic<bool>* stop = nullptr;  // gives up early when it turns true
};

// Minimises |X W - Y|^2 + l2 |W|^2. The bias is zero: centre the targets.
LinearWeights SolveRidge(const RidgeTask& task);

}  // namespace moerge
