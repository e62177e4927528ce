#include "router/learn/shape_model.h"

#include <algorithm>
#include <cmath>

#include "router/learn/row_sums.h"

namespace moerge {
namespace {

constexpr float kClip = 3;  // deviations

}  // namespace

ShapeScale::ShapeScale(std::span<const ShapeFeatures> shapes,
                       std::span<const std::uint32_t> members, float length) {
  const double count = std::max<double>(1, static_cast<double>(members.size()));
  const float unit = length / std::sqrt(static_cast<float>(kShapeFeatures));
  limit_ = kClip * unit;
  for (std::size_t i = 0; i < kShapeFeatures; ++i) {
    double sum = 0;
    double squares = 0;
    for (const std::uint32_t member : members) sum += static_cast<double>(shapes[member][i]);
    const double mean = sum / count;
    for (const std::uint32_t member : members) {
      const double off = static_cast<double>(shapes[member][i]) - mean;
      squares += off * off;
    }
    means_[i] = static_cast<float>(mean);
    const double deviation = std::sqrt(squares / count);
    scales_[i] = deviation > 1e-4 ? unit / static_cast<float>(deviation) : 0.0f;
  }
}

void ShapeScale::Apply(const ShapeFeatures& shape, ShapeFeatures* out) const {
  for (std::size_t i = 0; i < kShapeFeatures; ++i) {
    (*out)[i] = std::clamp((shape[i] - means_[i]) * scales_[i], -limit_, limit_);
  }
}

void ShapeScale::Append(const ShapeFeatures& shape, std::uint32_t first,
                        std::vector<Feature>* cells) const {
  ShapeFeatures scaled;
  Apply(shape, &scaled);
  for (std::uint32_t i = 0; i < kShapeFeatures; ++i) {
    if (scales_[i] > 0) cells->push_back({first + i, scaled[i]});
  }
}

ShapeModel::ShapeModel(const ShapeScale& scale, const LinearWeights& weights, std::size_t first)
    : scale_(scale), outputs_(weights.outputs) {
  if (outputs_ == 0) return;
  for (std::size_t i = 0; i < kShapeFeatures; ++i) {
    const float* from = &weights.values[(first + i) * weights.stride];
    weights_.insert(weights_.end(), from, from + outputs_);
    weights_.resize((i + 1) * PaddedColumns(outputs_), 0);
  }
}

void ShapeModel::AddTo(const ShapeFeatures& shape, std::vector<float>* scores) const {
  if (outputs_ == 0) return;
  ShapeFeatures scaled;
  scale_.Apply(shape, &scaled);
  const std::size_t stride = PaddedColumns(outputs_);
  scores->resize(stride);
  AddRows(weights_.data(), stride, scaled, scores->data());
  scores->resize(outputs_);
}

void ShapeModel::Write(ByteWriter* out) const {
  out->Put(scale_);
  out->Put<std::uint64_t>(outputs_);
  out->PutAll(weights_);
}

std::optional<ShapeModel> ShapeModel::Read(ByteReader* in) {
  ShapeModel model;
  model.scale_ = in->Get<ShapeScale>();
  model.outputs_ = in->Get<std::uint64_t>();
  model.weights_ = in->GetAll<float>();
  const bool fits = in->ok() && model.outputs_ <= model.weights_.size() &&
                    model.weights_.size() == kShapeFeatures * PaddedColumns(model.outputs_);
  if (!fits) return std::nullopt;
  return model;
}

}  // namespace moerge
