// Risk and coverage: if a policy answered only what it expects to get right, how much would it
// answer and how right would that be? Pure.
#pragma once

#include <vector>

#include "router/evaluate/bootstrap.h"
#include "router/evaluate/leaderboard.h"

namespace moerge {

// The mean score over the questions for which an expert was asked; unknown without any.
Estimate Answered(const Outcomes& outcomes, const BootstrapOptions& options);

// One point for each threshold in steps of a tenth that leaves some questions unanswered and some
// answered: what `experts.abstain` at that value would do to a policy that asks one expert. Needs
// outcomes with an expected score; those without are left out. `calls` is the answered share.
std::vector<CurvePoint> SweepAbstain(const Outcomes& outcomes, const BootstrapOptions& options);

}  // namespace moerge
