// Texts as features, many of them, and the vocabulary that training picks from them. Plain
// containers with one owner; no locking.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "router/features/text_features.h"

namespace moerge {

// Rows of sparse vectors, one after another in memory. A cell is a Feature whose `bucket` is a
// bucket (Documents) or the row of a vocabulary (after Vocabulary::Project).
class SparseRows {
 public:
  void Add(std::span<const Feature> cells);
  std::size_t size() const { return begin_.size() - 1; }
  std::span<const Feature> operator[](std::size_t row) const {
    return {cells_.data() + begin_[row], cells_.data() + begin_[row + 1]};
  }

 private:
  std::vector<std::size_t> begin_{0};
  std::vector<Feature> cells_;
};

// Which buckets a model knows, and how much each weighs: inverse document frequency.
class Vocabulary {
 public:
  static constexpr std::uint32_t kUnknown = UINT32_MAX;

  struct Limits {
    std::size_t min_documents = 1;    // a bucket seen in fewer is left out
    std::size_t max_size = 1u << 17;  // the most frequent ones win
  };

  Vocabulary() = default;
  // Counts over the documents listed in `members`.
  static Vocabulary Build(const SparseRows& documents, std::span<const std::uint32_t> members,
                          const Limits& limits);

  std::size_t size() const { return buckets_.size(); }
  std::uint32_t Row(std::uint32_t bucket) const { return rows_.empty() ? kUnknown : rows_[bucket]; }
  float idf(std::uint32_t row) const { return idf_[row]; }
  std::span<const std::uint32_t> buckets() const { return buckets_; }

  // Weighted by idf, scaled to length 1, what is unknown left out. `out` is emptied first.
  void Project(std::span<const Feature> document, std::vector<Feature>* out) const;

  // From what buckets() and idf() of another one gave.
  static Vocabulary Restore(std::vector<std::uint32_t> buckets, std::vector<float> idf);
  std::span<const float> all_idf() const { return idf_; }

 private:
  std::vector<std::uint32_t> buckets_;  // by row, ascending
  std::vector<float> idf_;              // by row
  std::vector<std::uint32_t> rows_;     // by bucket
};

}  // namespace moerge
