#include "router/learn/linear_model.h"

#include <algorithm>
#include <cmath>
#include <cstring>

// The loop over outputs is what a decision consists of. Machines differ in how wide they compute, not in
// the result: every output is summed in the same order. Sanitizers cannot start a program that picks
// functions while it is being loaded.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define MOERGE_WIDE __attribute__((target_clones("avx2", "default")))
#endif
#endif
#ifndef MOERGE_WIDE
#define MOERGE_WIDE
#endif

namespace moerge {
namespace {

constexpr std::size_t kLane = 16;
constexpr float kLargest = 32767;

// Eight numbers at once; compilers find that themselves only now and then.
using Eight = float __attribute__((vector_size(32)));
using EightShort = std::int16_t __attribute__((vector_size(16)));

// Sums kLane outputs over all features: `weights` points at the first row's part of them.
MOERGE_WIDE void SumLane(const std::int16_t* weights, std::size_t stride, const Feature* features,
                         std::size_t count, float* out) {
  Eight low = {};
  Eight high = {};
  for (std::size_t f = 0; f < count; ++f) {
    EightShort row[2];
    std::memcpy(row, weights + features[f].bucket * stride, sizeof row);
    low += features[f].value * __builtin_convertvector(row[0], Eight);
    high += features[f].value * __builtin_convertvector(row[1], Eight);
  }
  std::memcpy(out, &low, sizeof low);
  std::memcpy(out + 8, &high, sizeof high);
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
  for (std::size_t i = 0; i < stride_; i += kLane) {
    SumLane(weights_.data() + i, stride_, known.data(), known.size(), out->data() + i);
  }
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
