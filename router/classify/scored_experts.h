// Which experts have scores enough to learn from, and their means. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "router/learn/training_set.h"

namespace moerge {

// Indices into set.experts, ascending: those with at least `least` scores; of more than `most`, the
// most scored.
std::vector<std::uint32_t> ScoredExperts(const TrainingSet& set, std::size_t least,
                                         std::size_t most);

// By expert of the list: the mean of its scores.
std::vector<float> MeanScores(const TrainingSet& set, const std::vector<std::uint32_t>& experts);

}  // namespace moerge
