// Sums over many outputs at once, which is what training consists of. Thread-safe, pure.
#pragma once

#include <cstddef>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC optimize("O3")
#endif

namespace moerge {

// Rows of outputs are padded to a multiple of this, so that compilers know how to take them at
// once.
inline constexpr std::size_t kTrainingLane = 8;

inline std::size_t PaddedOutputs(std::size_t outputs) {
  return (outputs + kTrainingLane - 1) / kTrainingLane * kTrainingLane;
}

// to += scale * from. REQUIRES: `stride` is padded; the two do not overlap.
inline void AddScaled(float* __restrict to, const float* __restrict from, float scale,
                      std::size_t stride) {
  for (std::size_t i = 0; i < stride; i += kTrainingLane) {
    for (std::size_t j = 0; j < kTrainingLane; ++j) to[i + j] += scale * from[i + j];
  }
}

}  // namespace moerge

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif
