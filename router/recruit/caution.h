// Leaving the model that is strongest overall only for a lead that means something: with few trials
// behind a profile, the best of several noisy expectations looks better than it is, and near ties
// fall differently with every mistyped letter. Pure; any thread.
#pragma once

#include "router/recruit/ranking.h"

namespace moerge {

// Who is asked depends on who is strongest, so that removing that one may change decisions that did
// not ask it: with `caution` 0, the default, it cannot.

// Puts the strongest overall first where the leader's lead over it is at most `caution` standard
// deviations of the difference, as far as their trials tell. Does nothing where either was never
// measured: a declared strength is somebody's word, not a sample. REQUIRES: models are sorted.
void KeepStrongest(const Panel& panel, double caution, Ranking* ranking);

}  // namespace moerge
