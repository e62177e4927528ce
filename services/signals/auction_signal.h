// Bids of the experts that could answer a request, for policies with the classifier `auction`.
// Threads: an event loop.
#pragma once

#include "services/signals/signal_task.h"

namespace moerge {

// Asks the best `auction.candidates` at once. As soon as no expert that has not bid can win,
// or `auction.deadline_ms` is over, the calls under way are aborted.
Task<void> GatherBids(const SignalTask& task, const SignalTools& tools, Signals* signals);

}  // namespace moerge
