#include "router/learn/documents.h"

#include <algorithm>
#include <cmath>

namespace moerge {

void SparseRows::Add(std::span<const Feature> cells) {
  cells_.insert(cells_.end(), cells.begin(), cells.end());
  begin_.push_back(cells_.size());
}

namespace {

// The frequency that a bucket must reach for no more than `max_size` to be left.
std::uint32_t Threshold(const std::vector<std::uint32_t>& frequency,
                        const Vocabulary::Limits& limits) {
  std::vector<std::uint32_t> known;
  for (const std::uint32_t count : frequency) {
    if (count >= limits.min_documents) known.push_back(count);
  }
  const auto lowest = static_cast<std::uint32_t>(std::max<std::size_t>(limits.min_documents, 1));
  if (known.size() <= limits.max_size) return lowest;
  const auto at = known.begin() + static_cast<std::ptrdiff_t>(limits.max_size);
  std::nth_element(known.begin(), at, known.end(), std::greater<>());
  return *at + 1;
}

}  // namespace

Vocabulary Vocabulary::Build(const SparseRows& documents, std::span<const std::uint32_t> members,
                             const Limits& limits) {
  std::vector<std::uint32_t> frequency(kBuckets, 0);
  for (const std::uint32_t member : members) {
    for (const Feature& cell : documents[member]) ++frequency[cell.bucket];
  }
  const std::uint32_t threshold = Threshold(frequency, limits);
  std::vector<std::uint32_t> buckets;
  std::vector<float> idf;
  for (std::uint32_t bucket = 0; bucket < kBuckets; ++bucket) {
    if (frequency[bucket] < threshold) continue;
    buckets.push_back(bucket);
    idf.push_back(1.0f + std::log((1.0f + static_cast<float>(members.size())) /
                                  (1.0f + static_cast<float>(frequency[bucket]))));
  }
  return Restore(std::move(buckets), std::move(idf));
}

Vocabulary Vocabulary::Restore(std::vector<std::uint32_t> buckets, std::vector<float> idf) {
  Vocabulary vocabulary;
  vocabulary.rows_.assign(kBuckets, kUnknown);
  for (std::uint32_t row = 0; row < buckets.size(); ++row) vocabulary.rows_[buckets[row]] = row;
  vocabulary.buckets_ = std::move(buckets);
  vocabulary.idf_ = std::move(idf);
  return vocabulary;
}

void Vocabulary::Project(std::span<const Feature> document, std::vector<Feature>* out) const {
  out->resize(buckets_.empty() ? 0 : document.size());
  Feature* end = out->data();
  float square = 0;
  // No branch: which features are known is unpredictable.
  for (const Feature& cell : document.first(out->size())) {
    const std::uint32_t row = rows_[cell.bucket];
    const bool known = row != kUnknown;
    const float value = known ? cell.value * idf_[known ? row : 0] : 0;
    square += value * value;
    *end = {row, value};
    end += known;
  }
  out->resize(static_cast<std::size_t>(end - out->data()));
  const float scale = square > 0 ? 1 / std::sqrt(square) : 0;
  for (Feature& cell : *out) cell.value *= scale;
}

}  // namespace moerge
