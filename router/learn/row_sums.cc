#include "router/learn/row_sums.h"

#include <algorithm>

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

constexpr std::size_t kAhead = 16;

// kBlocks times eight columns, in registers.
template <std::size_t kBlocks>
MOERGE_AVX2 void SumBlocks(const std::int16_t* rows, std::size_t stride,
                           std::span<const Feature> factors, float* out) {
  const Feature* const end = factors.data() + factors.size();
  __m256 sums[kBlocks];
  for (__m256& sum : sums) sum = _mm256_setzero_ps();
  for (const Feature& factor : factors) {
    // Rows lie anywhere in some megabytes: those to come are fetched while this one is added.
    const Feature& later = (&factor)[&factor + kAhead < end ? kAhead : 0];
    const auto* fetched = reinterpret_cast<const char*>(rows + later.bucket * stride);
    for (std::size_t line = 0; line < 16 * kBlocks; line += 64) {
      _mm_prefetch(fetched + line, _MM_HINT_T0);
    }
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
constexpr std::size_t kMany = 4 * kSumLane;
#endif

}  // namespace

void SumRows(const std::int16_t* rows, std::size_t stride, std::span<const Feature> factors,
             float* out) {
#ifdef MOERGE_AVX2
  if (kWide) {
    std::size_t i = 0;
    for (; i + kMany <= stride; i += kMany) {
      SumBlocks<kMany / 8>(rows + i, stride, factors, out + i);
    }
    for (; i < stride; i += kSumLane) SumBlocks<kSumLane / 8>(rows + i, stride, factors, out + i);
    return;
  }
#endif
  SumNarrow(rows, stride, factors, out);
}

void AddRows(const float* rows, std::size_t stride, std::span<const float> factors, float* out) {
#ifdef MOERGE_AVX2
  if (kWide) {
    std::size_t i = 0;
    for (; i + kMany <= stride; i += kMany) {
      AddBlocks<kMany / 8>(rows + i, stride, factors, out + i);
    }
    for (; i < stride; i += kSumLane) AddBlocks<kSumLane / 8>(rows + i, stride, factors, out + i);
    return;
  }
#endif
  AddNarrow(rows, stride, factors, out);
}

}  // namespace moerge
