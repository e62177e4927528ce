// Sums of a matrix' rows, each times a factor, over all columns at once: what applying a linear
// model consists of. Machines differ in how wide they compute, not in the result: every column is
// summed in the order of the rows, and a product is rounded before it is added. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "router/features/text_features.h"

namespace moerge {

inline constexpr std::size_t kSumLane = 16;

// Columns are padded to a multiple of this.
inline constexpr std::size_t PaddedColumns(std::size_t columns) {
  return (columns + kSumLane - 1) / kSumLane * kSumLane;
}

// out[j] = sum of value * rows[bucket * stride + j] over `factors`. REQUIRES: `stride` is padded.
void SumRows(const std::int16_t* rows, std::size_t stride, std::span<const Feature> factors,
             float* out);

// out[j] += sum of factors[i] * rows[i * stride + j]. REQUIRES: `stride` is padded.
void AddRows(const float* rows, std::size_t stride, std::span<const float> factors, float* out);

}  // namespace moerge
