// What the signal gatherers of all event loops share.
// Owner: the composition root. Any thread, as each member's header says.
#pragma once

#include <string>
#include <vector>

#include "config/base/metrics.h"
#include "services/signals/balance_table.h"
#include "services/signals/bid_history.h"
#include "services/signals/embedding_heads.h"
#include "services/signals/session_table.h"
#include "services/signals/vector_cache.h"

namespace moerge {

struct SignalShared {
  explicit SignalShared(Metrics& metrics_of)
      : metrics(metrics_of),
        sessions(metrics_of),
        vectors(metrics_of),
        keywords(metrics_of, "keywords", 4096),
        bids(metrics_of) {}

  Metrics& metrics;
  SessionTable sessions;
  BalanceTable balance;
  VectorCache vectors;
  EmbeddingHeads heads;
  BoundedCache<KeywordSignal> keywords;
  BidHistory bids;
};

}  // namespace moerge
