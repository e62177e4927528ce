// From observations to evidence. Thread-safe, pure.
#pragma once

#include <vector>

#include "registry/types.h"

namespace moerge {

// Wins (the sum of scores) and trials by expert, skill and source, in that order of names. An
// observation without a skill counts for "general". `updated` is left for the caller to set.
std::vector<Evidence> SummariseObservations(const std::vector<Observation>& observations);

}  // namespace moerge
