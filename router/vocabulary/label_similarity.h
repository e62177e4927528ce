// How similar labels are: by their words, and by the prompts they were given to. Pure.
#pragma once

#include <string>
#include <vector>

#include "router/learn/documents.h"
#include "router/vocabulary/vocabulary.h"

namespace moerge {

// Square and symmetric, 0..1; row-major.
class SimilarityMatrix {
 public:
  explicit SimilarityMatrix(std::size_t size) : size_(size), values_(size * size, 0) {}
  std::size_t size() const { return size_; }
  double At(std::size_t a, std::size_t b) const { return values_[a * size_ + b]; }
  void Set(std::size_t a, std::size_t b, double value) {
    values_[a * size_ + b] = values_[b * size_ + a] = static_cast<float>(value);
  }

 private:
  std::size_t size_;
  std::vector<float> values_;
};

// `labels` normalised and different. Where a label has no prompts, its words alone count.
SimilarityMatrix LabelSimilarity(const std::vector<FreeLabel>& labels, double prompts_weight);

}  // namespace moerge
