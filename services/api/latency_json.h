// How long experts take, as the API and /metrics show it. Any thread.
#pragma once

#include <string>

#include "config/base/metrics.h"
#include "config/entities.h"
#include "registry/latency.h"

namespace moerge::api {

// {"source": "measured" | "declared" | "computed" | "unknown", "typical_ms", "high_ms", "measured":
// null or {"answers", "last", "p50_ms", "p90_ms", "p99_ms", "first_chunk"}}.
std::string LatencyJson(const Expert& expert, const LatencyTable& latencies);

// Puts percentiles in force as gauges, of at most 1,000 experts. NaN: nothing is remembered.
void ExportLatencies(const LatencyTable& latencies, Metrics& metrics);

}  // namespace moerge::api
