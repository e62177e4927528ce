#include "router/classify/neighbour_index.h"

#include <algorithm>
#include <cmath>

#include "router/classify/telling_words.h"

namespace moerge {
namespace {

std::vector<float> InverseFrequencies(const SparseRows& documents) {
  std::vector<std::uint32_t> frequency(kBuckets, 0);
  for (std::size_t row = 0; row < documents.size(); ++row) {
    for (const Feature& cell : documents[row]) ++frequency[cell.bucket];
  }
  std::vector<float> idf(kBuckets, 0);
  for (std::size_t b = 0; b < kBuckets; ++b) idf[b] = Telling(documents.size(), frequency[b]);
  return idf;
}

float Largest(const std::vector<Feature>& cells) {
  float largest = 0;
  for (const Feature& cell : cells) largest = std::max(largest, cell.value);
  return largest;
}

}  // namespace

void NeighbourIndex::Weigh(std::span<const Feature> document, std::vector<Feature>* out) const {
  out->clear();
  for (const Feature& cell : document) {
    if (idf_[cell.bucket] > 0) out->push_back({cell.bucket, cell.value * idf_[cell.bucket]});
  }
  std::sort(out->begin(), out->end(), [](const Feature& a, const Feature& b) {
    return a.value != b.value ? a.value > b.value : a.bucket < b.bucket;
  });
  out->resize(std::min(out->size(), kMaxCells));
  float square = 0;
  for (const Feature& cell : *out) square += cell.value * cell.value;
  const float scale = square > 0 ? 1 / std::sqrt(square) : 0;
  for (Feature& cell : *out) cell.value *= scale;
}

NeighbourIndex NeighbourIndex::Build(const SparseRows& documents) {
  NeighbourIndex index;
  index.idf_ = InverseFrequencies(documents);
  index.begin_.assign(kBuckets + 1, 0);
  std::vector<Feature> cells;
  for (std::size_t row = 0; row < documents.size(); ++row) {
    index.Weigh(documents[row], &cells);
    for (const Feature& cell : cells) ++index.begin_[cell.bucket + 1];
    index.scales_.push_back(Largest(cells) / 255);
  }
  for (std::size_t b = 0; b < kBuckets; ++b) index.begin_[b + 1] += index.begin_[b];
  index.postings_.resize(index.begin_[kBuckets]);
  std::vector<std::uint32_t> next(index.begin_.begin(), index.begin_.end() - 1);
  for (std::uint32_t row = 0; row < documents.size(); ++row) {
    index.Weigh(documents[row], &cells);
    for (const Feature& cell : cells) {
      const auto weight = static_cast<std::uint32_t>(std::lround(cell.value / index.scales_[row]));
      index.postings_[next[cell.bucket]++] = row << 8 | std::min(weight, 255u);
    }
  }
  return index;
}

void NeighbourIndex::Search(std::span<const Feature> document, std::size_t count,
                            std::vector<Neighbour>* out) const {
  thread_local std::vector<Feature> cells;
  thread_local std::vector<float> sums;
  Weigh(document, &cells);
  sums.assign(size(), 0);
  std::size_t read = 0;
  for (const Feature& cell : cells) {
    const std::uint32_t* at = postings_.data() + begin_[cell.bucket];
    const std::uint32_t* const end = postings_.data() + begin_[cell.bucket + 1];
    read += static_cast<std::size_t>(end - at);
    if (read > kBudget) break;
    for (; at != end; ++at) sums[*at >> 8] += cell.value * static_cast<float>(*at & 255);
  }
  out->clear();
  for (std::uint32_t row = 0; row < sums.size(); ++row) {
    if (sums[row] > 0) out->push_back({row, sums[row] * scales_[row]});
  }
  const auto kept = static_cast<std::ptrdiff_t>(std::min(count, out->size()));
  const auto before = [](const Neighbour& a, const Neighbour& b) {
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row;
  };
  std::nth_element(out->begin(), out->begin() + kept, out->end(), before);
  out->resize(static_cast<std::size_t>(kept));
  std::sort(out->begin(), out->end(), before);
}

void NeighbourIndex::Write(ByteWriter* out) const {
  out->PutAll(idf_);
  out->PutAll(begin_);
  out->PutAll(postings_);
  out->PutAll(scales_);
}

std::optional<NeighbourIndex> NeighbourIndex::Read(ByteReader* in) {
  NeighbourIndex index;
  index.idf_ = in->GetAll<float>();
  index.begin_ = in->GetAll<std::uint32_t>();
  index.postings_ = in->GetAll<std::uint32_t>();
  index.scales_ = in->GetAll<float>();
  const bool fits = in->ok() && index.idf_.size() == kBuckets &&
                    index.begin_.size() == kBuckets + 1 && index.begin_.front() == 0 &&
                    index.begin_.back() == index.postings_.size() &&
                    std::is_sorted(index.begin_.begin(), index.begin_.end()) &&
                    std::all_of(index.postings_.begin(), index.postings_.end(),
                                [&](std::uint32_t posting) { return posting >> 8 < index.size(); });
  if (!fits) return std::nullopt;
  return index;
}

}  // namespace moerge
