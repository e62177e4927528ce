// Keywords for a request from a model, for policies with the classifier `llm`. Threads: an event
// loop.
#pragma once

#include "services/signals/signal_task.h"

namespace moerge {

// Asks `llm.expert` `llm.samples` times at once, within `llm.deadline_ms`; answers are remembered
// by caller, expert, options and text.
Task<void> GatherKeywords(const SignalTask& task, const SignalTools& tools, Signals* signals);

}  // namespace moerge
