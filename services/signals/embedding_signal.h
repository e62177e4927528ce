// The vector of a request's text, for policies with the classifier `embedding`.
// Threads: an event loop.
#pragma once

#include "services/signals/signal_task.h"

namespace moerge {

// From the cache, or from the encoder within `embedding.deadline_ms`; and the head trained on its
// vectors, if it is trained. Until then nothing is asked.
Task<void> GatherEmbedding(const SignalTask& task, const SignalTools& tools, Signals* signals);

}  // namespace moerge
