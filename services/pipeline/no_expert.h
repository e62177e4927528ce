// The client's error when no expert can answer. Pure; any thread.
#pragma once

#include "config/base/result.h"
#include "router/decision.h"

namespace moerge {

// kNoExpert; names the skill in demand and how to add an expert that has it. Reason "abstained" and
// the decision's reasons where the policy would rather give no answer; "latency_limit" or
// "cost_limit" and the nearest where a limit leaves no expert. kInvalid and
// "context_length_exceeded" with both counts where the request is longer than every context.
Error NoExpertError(const Decision& decision);

}  // namespace moerge
