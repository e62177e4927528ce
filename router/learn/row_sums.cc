#include "router/learn/row_sums.h"

#include <algorithm>
#include <type_traits>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define MOERGE_AVX2 __attribute__((target("avx2")))
#endif

namespace moerge {
namespace {

void SumNarrow(const std::int16_t* rows, std::size_t stride, std::span<const Feature> factors,
               float* out) {
  std::fill(out, out + stride, 0.0f);
  for (const Feature& factor : factors) {
    const std::int16_t* row = rows + factor.bucket * stride;
    for (std::size_t i = 0; i < stride; ++i) out[i] += factor.value * static_cast<float>(row[i]);
  }
}

void AddNarrow(const float* rows, std::size_t stride, std::span<const float> factors, float* out) {
  for (const float factor : factors) {
    for (std::size_t i = 0; i < stride; ++i) out[i] += factor * rows[i];
    rows += stride;
  }
}

#ifdef MOERGE_AVX2
MOERGE_AVX2 inline __m256 Load(const std::int16_t* from) {
  const auto* block = reinterpret_cast<const __m128i*>(from);
  return _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(_mm_loadu_si128(block)));
}

// kBlocks times eight columns, in registers.
template <std::size_t kBlocks>
MOERGE_AVX2 void SumBlocks(const std::int16_t* rows, std::size_t stride,
                           std::span<const Feature> factors, float* out) {
  __m256 sums[kBlocks];
  for (__m256& sum : sums) sum = _mm256_setzero_ps();
  for (const Feature& factor : factors) {
    const std::int16_t* row = rows + factor.bucket * stride;
    const __m256 value = _mm256_set1_ps(factor.value);
    for (std::size_t i = 0; i < kBlocks; ++i) {
      sums[i] = _mm256_add_ps(sums[i], _mm256_mul_ps(value, Load(row + 8 * i)));
    }
  }
  for (std::size_t i = 0; i < kBlocks; ++i) _mm256_storeu_ps(out + 8 * i, sums[i]);
}

template <std::size_t kBlocks>
MOERGE_AVX2 void AddBlocks(const float* rows, std::size_t stride, std::span<const float> factors,
                           float* out) {
  __m256 sums[kBlocks];
  for (std::size_t i = 0; i < kBlocks; ++i) sums[i] = _mm256_loadu_ps(out + 8 * i);
  for (const float factor : factors) {
    const __m256 value = _mm256_set1_ps(factor);
    for (std::size_t i = 0; i < kBlocks; ++i) {
      sums[i] = _mm256_add_ps(sums[i], _mm256_mul_ps(value, _mm256_loadu_ps(rows + 8 * i)));
    }
    rows += stride;
  }
  for (std::size_t i = 0; i < kBlocks; ++i) _mm256_storeu_ps(out + 8 * i, sums[i]);
}

const bool kWide = __builtin_cpu_supports("avx2") != 0;

// Calls sum(blocks, column) for all columns, many at once as long as there are many.
template <class Sum>
void ForBlocks(std::size_t stride, const Sum& sum) {
  constexpr std::size_t kMany = 4 * kSumLane;
  std::size_t i = 0;
  for (; i + kMany <= stride; i += kMany) sum(std::integral_constant<std::size_t, kMany / 8>(), i);
  for (; i < stride; i += kSumLane) sum(std::integral_constant<std::size_t, kSumLane / 8>(), i);
}
#endif

}  // namespace

void SumRows(const std::int16_t* rows, std::size_t stride, std::span<const Feature> factors,
             float* out) {
#ifdef MOERGE_AVX2
  if (kWide) {
    return ForBlocks(stride, [&](auto blocks, std::size_t i) {
      SumBlocks<blocks()>(rows + i, stride, factors, out + i);
    });
  }
#endif
  SumNarrow(rows, stride, factors, out);
}

void AddRows(const float* rows, std::size_t stride, std::span<const float> factors, float* out) {
#ifdef MOERGE_AVX2
  if (kWide) {
    return ForBlocks(stride, [&](auto blocks, std::size_t i) {
      AddBlocks<blocks()>(rows + i, stride, factors, out + i);
    });
  }
#endif
  AddNarrow(rows, stride, factors, out);
}

}  // namespace moerge
