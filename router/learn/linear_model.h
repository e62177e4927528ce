// A trained linear model for use: weights rounded to two bytes each with a scale per output, all
// outputs of a feature side by side, so that a prompt costs one short run of memory per feature.
// Immutable; any thread may score. Sums run in the order of the features: equal input gives equal
// bits, and an output's score does not depend on which others there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "router/learn/bytes.h"
#include "router/learn/documents.h"
#include "router/learn/linear_weights.h"

namespace moerge {

class LinearModel {
 public:
  LinearModel() = default;
  LinearModel(Vocabulary vocabulary, const LinearWeights& weights);

  std::size_t outputs() const { return outputs_; }
  std::size_t features() const { return vocabulary_.size(); }
  std::size_t bytes() const { return weights_.size() * 2 + features() * 8 + kBuckets * 4; }
  const Vocabulary& vocabulary() const { return vocabulary_; }

  // Scores of a document (raw features) into `out`, outputs() long. Gives how much of the document
  // is known, 0..1 of its features; at 0 the scores are meaningless.
  double Score(std::span<const Feature> document, std::vector<float>* out) const;

  void Write(ByteWriter* out) const;
  static std::optional<LinearModel> Read(ByteReader* in);

 private:
  Vocabulary vocabulary_;
  std::size_t outputs_ = 0;
  std::size_t stride_ = 0;
  std::vector<std::int16_t> weights_;  // by row, then output
  std::vector<float> scales_;          // by output: weight = number * scale
  std::vector<float> bias_;
};

}  // namespace moerge
