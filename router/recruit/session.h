// Sticky conversations: the expert that answered last keeps it, unless another expert is expected
// to do better by a margin. Keeps the tone and the expert's prompt cache, and bounds how often a
// conversation changes hands. After MoE-LM's session-level view of dialogue (Chow et al. 2022, "A
// Mixture-of-Expert Approach to RL-based Dialogue Management"). Pure; any thread.
#pragma once

#include "router/decision.h"
#include "router/signals.h"

namespace moerge {

// Policy options `session.*`.
struct SessionRule {
  double margin = 0.05;  // score points by which another one must be better
  int max_switches = 3;  // after so many the expert stays, whatever the margin
};
SessionRule SessionRuleOf(const Policy& policy);

// Moves the session's expert to the first place of the models in roster and fallbacks, if it keeps
// the conversation; says what was decided and why. `keeper` is the expert as a candidate of this
// request; null: it is not registered any more. Tools that come first stay first.
void KeepSession(const SessionSignal& session, const Candidate* keeper, const Policy& policy,
                 const Snapshot& snapshot, Decision* decision);

}  // namespace moerge
