// Agglomerative clustering by average linkage: the two clusters most similar on average are merged
// until none are similar enough. Pure and deterministic; quadratic in memory, n^2 log n in time for
// data without long chains.
#pragma once

#include <cstddef>
#include <vector>

#include "router/vocabulary/label_similarity.h"

namespace moerge {

struct Clusters {
  std::vector<std::size_t> of;  // by item: its cluster, numbered by first member
  std::size_t count = 0;
};

// Merges while the best pair is at least `merge_at` similar, and beyond that until no more than
// `most` are left. `weights`: how much each item counts in averages.
Clusters MergeSimilar(const SimilarityMatrix& similarity, const std::vector<double>& weights,
                      double merge_at, std::size_t most);

}  // namespace moerge
