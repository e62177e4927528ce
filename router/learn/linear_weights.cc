#include "router/learn/linear_weights.h"

#include "router/learn/lanes.h"

namespace moerge {

void Scores(const LinearWeights& weights, std::span<const Feature> row, std::vector<float>* out) {
  *out = weights.bias;
  for (const Feature& cell : row) {
    AddScaled(out->data(), &weights.values[cell.bucket * weights.stride], cell.value,
              weights.stride);
  }
}

}  // namespace moerge
