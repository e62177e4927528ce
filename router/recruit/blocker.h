// Which experts a limit of the request leaves out though they fit. Pure; any thread.
#pragma once

#include "router/decision.h"
#include "router/recruit/ranking.h"

namespace moerge {

// Appends to the decision's reasons which experts are over the latency or the cost limit. Where no
// expert is left, sets Decision::blocker to the closest miss: experts over the latency limit, then
// those over the cost limit.
void ExplainBlockers(const RankInput& input, const Ranking& ranking, Decision* decision);

}  // namespace moerge
