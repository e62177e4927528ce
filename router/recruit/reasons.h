// A decision in plain words. Pure; any thread.
#pragma once

#include <string>

#include "router/decision.h"
#include "router/recruit/roster_plan.h"

namespace moerge {

// "algebra 0.81, calculus 0.12": the most probable skills.
std::string DemandInWords(const Demand& demand);

struct Explained {
  const RankInput& input;
  const Ranking& ranking;
  const Sizing& sizing;
  const RosterPlan& plan;
  std::size_t tools;  // how many come first
};

// Appends to the decision's reasons: what is in demand, which experts were chosen and by how much,
// on which evidence, why so many, which were left out; for an empty roster, what would help.
void Explain(const Explained& parts, Decision* decision);

}  // namespace moerge
