// What a client is told when nobody can answer. Pure; any thread.
#pragma once

#include "config/base/result.h"
#include "router/decision.h"

namespace moerge {

// kNoExpert; names the skill in demand and how to add an expert that has it. Reason "abstained" and
// the decision's reasons where the policy would rather give no answer; "latency_limit" or
// "cost_limit" and the nearest where a ceiling leaves nobody. kUnavailable and "experts_unhealthy"
// where only those are left whose backends fail.
Error NoExpertError(const Decision& decision);

}  // namespace moerge
