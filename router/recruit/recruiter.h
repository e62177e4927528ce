// Step 2: demand -> roster, fallbacks and reasons. Pure: no clock, no input or output; any thread.
#pragma once

#include "router/decision.h"
#include "router/recruit/ranking.h"

namespace moerge {

inline constexpr std::size_t kKeptCandidates = 32;

// Fills candidates, considered, roster, fallbacks and reasons; the demand must be there.
void Recruit(const RankInput& input, Decision* decision);

}  // namespace moerge
