// How good experts are on average in what classifiers learn from. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "router/learn/training_set.h"

namespace moerge {

// By expert of the list (indices into set.experts): the mean of its scores; 0 without any.
std::vector<float> MeanScores(const TrainingSet& set, const std::vector<std::uint32_t>& experts);

}  // namespace moerge
