// The two link functions of logistic models. Pure; any thread.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>

namespace moerge {

inline float Sigmoid(float score) { return 1 / (1 + std::exp(-score)); }

// Scores times `sharpness` into probabilities, in place. Even for an empty or constant span.
inline void Softmax(std::span<float> scores, float sharpness) {
  if (scores.empty()) return;
  const float top = *std::max_element(scores.begin(), scores.end());
  float sum = 0;
  for (float& score : scores) sum += score = std::exp((score - top) * sharpness);
  for (float& score : scores) score /= sum;
}

}  // namespace moerge
