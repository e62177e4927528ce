// The part of a linear model that reads the shape of a text: few dense numbers, standardised by
// what training saw and clipped, next to the sparse words. Immutable once trained; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "router/features/shape_features.h"
#include "router/learn/bytes.h"
#include "router/learn/documents.h"
#include "router/learn/linear_weights.h"

namespace moerge {

// Makes shapes comparable: mean 0, deviation 1, within three deviations, and together as long as
// `length` on average, where the words of a text have length 1.
class ShapeScale {
 public:
  ShapeScale() = default;
  // Over the rows listed in `members`.
  ShapeScale(std::span<const ShapeFeatures> shapes, std::span<const std::uint32_t> members,
             float length);

  void Apply(const ShapeFeatures& shape, ShapeFeatures* out) const;
  // Appends one cell per number, from feature `first` on.
  void Append(const ShapeFeatures& shape, std::uint32_t first, std::vector<Feature>* cells) const;

 private:
  ShapeFeatures means_{};
  ShapeFeatures scales_{};  // 0 where training saw one value alone
  float limit_ = 0;
};

class ShapeModel {
 public:
  ShapeModel() = default;
  // The shape's weights are those of the features from `first` on.
  ShapeModel(const ShapeScale& scale, const LinearWeights& weights, std::size_t first);

  std::size_t outputs() const { return outputs_; }
  // Adds its part to the scores, outputs() of them.
  void AddTo(const ShapeFeatures& shape, std::vector<float>* scores) const;

  void Write(ByteWriter* out) const;
  static std::optional<ShapeModel> Read(ByteReader* in);

 private:
  ShapeScale scale_;
  std::size_t outputs_ = 0;
  std::vector<float> weights_;  // by number of the shape, then output; padded
};

}  // namespace moerge
