// A decision in plain words. Pure; any thread.
#pragma once

#include <string>

#include "router/decision.h"
#include "router/recruit/ranking.h"

namespace moerge {

// "algebra 0.81, calculus 0.12": the most probable skills.
std::string DemandInWords(const Demand& demand);

// Appends to the decision's reasons: what is in demand, who was chosen and by how much, on which
// evidence, who was left out; for an empty roster, what would help. `tools`: how many come first.
void Explain(const RankInput& input, const Ranking& ranking, std::size_t tools, Decision* decision);

}  // namespace moerge
