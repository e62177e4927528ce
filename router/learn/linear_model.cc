#include "router/learn/linear_model.h"

#include <algorithm>
#include <cmath>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define MOERGE_AVX2 __attribute__((target("avx2")))
#endif

namespace moerge {
namespace {

constexpr std::size_t kLane = 16;
constexpr float kLargest = 32767;

// The sums over a document's features are a large part of a decision. Machines differ in how wide
// they compute, not in the result: every output is summed in the same order, and a product is
// rounded before it is added. `weights` points at the outputs' part of the first row.
void SumNarrow(const std::int16_t* weights, std::size_t stride, std::span<const Feature> features,
               std::size_t outputs, float* out) {
  std::fill(out, out + outputs, 0.0f);
  for (const Feature& feature : features) {
    const std::int16_t* row = weights + feature.bucket * stride;
    for (std::size_t i = 0; i < outputs; ++i) out[i] += feature.value * static_cast<float>(row[i]);
  }
}

#ifdef MOERGE_AVX2
// kBlocks times eight outputs, in registers.
template <std::size_t kBlocks>
MOERGE_AVX2 void SumBlocks(const std::int16_t* weights, std::size_t stride,
                           std::span<const Feature> features, float* out) {
  __m256 sums[kBlocks];
  for (__m256& sum : sums) sum = _mm256_setzero_ps();
  for (const Feature& feature : features) {
    const std::int16_t* row = weights + feature.bucket * stride;
    const __m256 value = _mm256_set1_ps(feature.value);
    for (std::size_t i = 0; i < kBlocks; ++i) {
      const auto* block = reinterpret_cast<const __m128i*>(row + 8 * i);
      const __m256 weight = _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(_mm_loadu_si128(block)));
      sums[i] = _mm256_add_ps(sums[i], _mm256_mul_ps(value, weight));
    }
  }
  for (std::size_t i = 0; i < kBlocks; ++i) _mm256_storeu_ps(out + 8 * i, sums[i]);
}

const bool kWide = __builtin_cpu_supports("avx2") != 0;
#endif

// REQUIRES: `outputs` is a multiple of kLane.
void Sum(const std::int16_t* weights, std::size_t outputs, std::span<const Feature> features,
         float* out) {
#ifdef MOERGE_AVX2
  if (kWide) {
    std::size_t i = 0;
    for (; i + 4 * kLane <= outputs; i += 4 * kLane) {
      SumBlocks<4 * kLane / 8>(weights + i, outputs, features, out + i);
    }
    for (; i < outputs; i += kLane) {
      SumBlocks<kLane / 8>(weights + i, outputs, features, out + i);
    }
    return;
  }
#endif
  SumNarrow(weights, outputs, features, outputs, out);
}

}  // namespace

LinearModel::LinearModel(Vocabulary vocabulary, const LinearWeights& weights)
    : vocabulary_(std::move(vocabulary)),
      outputs_(weights.outputs),
      stride_((weights.outputs + kLane - 1) / kLane * kLane),
      bias_(weights.bias) {
  weights_.assign(vocabulary_.size() * stride_, 0);
  scales_.assign(stride_, 0);
  bias_.resize(stride_, 0);
  const auto weight = [&](std::size_t row, std::size_t output) {
    return weights.values[row * weights.stride + output];
  };
  for (std::size_t i = 0; i < outputs_; ++i) {
    float largest = 0;
    for (std::size_t row = 0; row < features(); ++row) {
      largest = std::max(largest, std::fabs(weight(row, i)));
    }
    if (largest == 0) continue;
    scales_[i] = largest / kLargest;
    for (std::size_t row = 0; row < features(); ++row) {
      weights_[row * stride_ + i] =
          static_cast<std::int16_t>(std::lround(weight(row, i) / scales_[i]));
    }
  }
}

double LinearModel::Score(std::span<const Feature> document, std::vector<float>* out) const {
  thread_local std::vector<Feature> known;
  vocabulary_.Project(document, &known);
  out->resize(stride_);
  Sum(weights_.data(), stride_, known, out->data());
  out->resize(outputs_);
  for (std::size_t i = 0; i < outputs_; ++i) (*out)[i] = (*out)[i] * scales_[i] + bias_[i];
  if (document.empty()) return 0;
  return static_cast<double>(known.size()) / static_cast<double>(document.size());
}

void LinearModel::Write(ByteWriter* out) const {
  const auto buckets = vocabulary_.buckets();
  const auto idf = vocabulary_.all_idf();
  out->Put<std::uint64_t>(outputs_);
  out->PutAll(std::vector<std::uint32_t>(buckets.begin(), buckets.end()));
  out->PutAll(std::vector<float>(idf.begin(), idf.end()));
  out->PutAll(weights_);
  out->PutAll(scales_);
  out->PutAll(bias_);
}

std::optional<LinearModel> LinearModel::Read(ByteReader* in) {
  LinearModel model;
  model.outputs_ = in->Get<std::uint64_t>();
  model.stride_ = (model.outputs_ + kLane - 1) / kLane * kLane;
  auto buckets = in->GetAll<std::uint32_t>();
  auto idf = in->GetAll<float>();
  model.weights_ = in->GetAll<std::int16_t>();
  model.scales_ = in->GetAll<float>();
  model.bias_ = in->GetAll<float>();
  const bool fits = in->ok() && idf.size() == buckets.size() &&
                    model.scales_.size() == model.stride_ &&
                    model.weights_.size() == buckets.size() * model.stride_ &&
                    model.bias_.size() == model.stride_ &&
                    std::all_of(buckets.begin(), buckets.end(),
                                [](std::uint32_t bucket) { return bucket < kBuckets; });
  if (!fits) return std::nullopt;
  model.vocabulary_ = Vocabulary::Restore(std::move(buckets), std::move(idf));
  return model;
}

}  // namespace moerge
