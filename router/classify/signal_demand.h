// The classifiers that need the outside: `embedding`, `llm` and `auction`. Each starts from what
// `lexical` says, and stays with it, saying so, where nothing came. Pure; any thread.
#pragma once

#include "router/classify/keywords.h"
#include "router/demand.h"
#include "router/signals.h"

namespace moerge {

// Turns the demand that `lexical` gave into the one of the policy's classifier. `signals` null:
// nothing was gathered. REQUIRES: IsSignalClassifier(policy.classifier).
void ApplySignals(const Signals* signals, const Policy& policy, const KeywordIndex& keywords,
                  Demand* demand);

}  // namespace moerge
