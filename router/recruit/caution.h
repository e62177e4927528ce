// Leaving the model that is strongest overall only for a lead that means something: with few trials
// behind a profile, the best of several noisy expectations looks better than it is, and near ties
// fall differently with every mistyped letter. Pure; any thread.
#pragma once

#include "router/recruit/ranking.h"

namespace moerge {

// The choice depends on which expert is strongest; removing it can change decisions that did not
// ask it. With `caution` 0, the default, it cannot.

// Puts the strongest overall first where the leader's lead over it is at most `caution` standard
// deviations of the difference, as far as their trials tell. Does nothing where either was never
// measured: a declared strength is a claim, not a sample. REQUIRES: models are sorted.
void KeepStrongest(const ExpertTable& expert_table, double caution, Ranking* ranking);

}  // namespace moerge
