#include "router/classify/telling_words.h"

#include <cmath>
#include <vector>

namespace moerge {
float Telling(std::size_t documents, std::size_t having) {
  if (having == 0) return 0;
  return static_cast<float>(
      std::log((1.5 + static_cast<double>(documents)) / (0.5 + static_cast<double>(having))));
}

Vocabulary TellingWords(const SparseRows& documents, std::span<const std::uint32_t> members,
                        std::size_t max_size) {
  const Vocabulary plain = Vocabulary::Build(documents, members, {1, max_size});
  std::vector<std::uint32_t> frequency(kBuckets, 0);
  for (const std::uint32_t member : members) {
    for (const Feature& cell : documents[member]) ++frequency[cell.bucket];
  }
  std::vector<std::uint32_t> buckets;
  std::vector<float> idf;
  for (const std::uint32_t bucket : plain.buckets()) {
    const float weight = Telling(members.size(), frequency[bucket]);
    if (!(weight > 0)) continue;
    buckets.push_back(bucket);
    idf.push_back(weight);
  }
  return Vocabulary::Restore(std::move(buckets), std::move(idf));
}

}  // namespace moerge
