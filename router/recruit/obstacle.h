// Whom a ceiling of the request, or a backend that does not answer, leaves out though they would
// fit. Pure; any thread.
#pragma once

#include "router/decision.h"
#include "router/recruit/ranking.h"

namespace moerge {

// Appends to the decision's reasons who is too slow or too dear. Where that leaves nobody, sets
// Decision::obstacle; of several ways to get an answer that to the nearest: who would answer but
// for a failing backend, for its time, for its price.
void ExplainObstacles(const RankInput& input, const Ranking& ranking, Decision* decision);

}  // namespace moerge
