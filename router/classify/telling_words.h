// The features by which texts differ: what every text has weighs nothing, what few have weighs
// most. For classifiers that compare texts as wholes and learn no weights of their own. Pure.
#pragma once

#include <span>

#include "router/learn/documents.h"

namespace moerge {

// Over the documents listed in `members`; at most `max_size` features, the most frequent ones
// first.
Vocabulary TellingWords(const SparseRows& documents, std::span<const std::uint32_t> members,
                        std::size_t max_size = kBuckets);

// Inverse document frequency, about 0 where all have it; 0: unknown.
float Telling(std::size_t documents, std::size_t having);

}  // namespace moerge
