// What solvers give: the weights of a linear model with many outputs over sparse rows. All outputs
// of a feature lie side by side, so that one pass over a row meets them together. Plain data.
#pragma once

#include <cstddef>
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

// The linear scores of one row, `stride` long.
void Scores(const LinearWeights& weights, std::span<const Feature> row, std::vector<float>* out);

}  // namespace moerge
