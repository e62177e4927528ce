// Linear models with many outputs over one set of sparse rows: multinomial logistic regression (one
// right class per row) or independent logistic regressions (a target per row and output, some
// unknown).
//
// Minimises  sum of losses + (l2 / 2) |W|^2  by averaged stochastic gradient descent (Bottou 2010,
// "Large-Scale Machine Learning with Stochastic Gradient Descent"; Xu 2011 for the averaging). All
// outputs of a feature lie side by side, so that one pass over a row updates them together. Pure:
// the order of rows comes from `seed`, so that equal input gives equal bytes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "router/learn/documents.h"

namespace moerge {

struct LinearWeights {
  std::size_t outputs = 0;
  std::size_t stride = 0;     // outputs rounded up; the rest is zero
  std::vector<float> values;  // feature-major: values[feature * stride + output]
  std::vector<float> bias;    // by output, `stride` long
};

struct TrainOptions {
  double l2 = 1;
  int epochs = 20;
  std::uint64_t seed = 1;
  const std::atomic<bool>* stop = nullptr;  // gives up early when it turns true
};

// One right class per row. `labels` and `weights` are as long as `rows`; `members` says which rows
// count. The rows' cells are indexed by feature, below `features`.
struct ClassTask {
  const SparseRows* rows;
  std::span<const std::uint32_t> members;
  std::size_t features;
  std::size_t classes;
  std::span<const std::uint32_t> labels;
  std::span<const float> weights;
};
LinearWeights TrainClasses(const ClassTask& task, const TrainOptions& options);

// A target in 0..1 per row and output, row-major; NaN where it is unknown.
struct TargetTask {
  const SparseRows* rows;
  std::span<const std::uint32_t> members;
  std::size_t features;
  std::size_t outputs;
  std::span<const float> targets;
};
LinearWeights TrainTargets(const TargetTask& task, const TrainOptions& options);

// The linear scores of one row, `stride` long.
void Scores(const LinearWeights& weights, std::span<const Feature> row, std::vector<float>* out);

}  // namespace moerge
