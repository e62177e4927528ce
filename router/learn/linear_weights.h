// What solvers give: the weights of a linear model with many outputs over sparse rows. All outputs
// of a feature lie side by side, so that one pass over a row meets them together. Plain data.
#pragma once

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

// The linear scores of one row, `stride` long.
void Scores(const LinearWeights& weights, std::span<const Feature> row, std::vector<float>* out);

}  // namespace moerge
