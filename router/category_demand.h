// A demand summed over the categories of its skills: the coarse level of step 1, for explanations.
// Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "registry/snapshot.h"
#include "router/demand.h"

namespace moerge {

struct CategoryProbability {
  std::string_view category;  // the snapshot's
  float probability;
};

// Descending by probability, ties by name. A skill without a category stands for itself; skills
// that the snapshot does not have are left out. Sums to what the demand's skills sum to.
std::vector<CategoryProbability> ByCategory(const Demand& demand, const Snapshot& snapshot);

}  // namespace moerge
