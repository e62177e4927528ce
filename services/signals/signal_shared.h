// What the signal gatherers of all event loops share.
// Owner: the composition root. Any thread, as each member's header says.
#pragma once

#include "config/base/metrics.h"
#include "services/signals/session_table.h"

namespace moerge {

struct SignalShared {
  explicit SignalShared(Metrics& metrics_of) : metrics(metrics_of), sessions(metrics_of) {}

  Metrics& metrics;
  SessionTable sessions;
};

}  // namespace moerge
