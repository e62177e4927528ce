#include "router/learn/linear_model.h"

#include <algorithm>
#include <cmath>

#include "router/learn/row_sums.h"

namespace moerge {
namespace {

constexpr float kLargest = 32767;

}  // namespace

LinearModel::LinearModel(Vocabulary vocabulary, const LinearWeights& weights)
    : vocabulary_(std::move(vocabulary)),
      outputs_(weights.outputs),
      stride_(PaddedColumns(weights.outputs)),
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
  SumRows(weights_.data(), stride_, known, out->data());
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
  model.stride_ = PaddedColumns(model.outputs_);
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
