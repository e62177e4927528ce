// Spans and metrics in OTLP's JSON encoding: ids in hexadecimal, 64-bit integers as text, names in
// camelCase, enumerations as numbers (https://opentelemetry.io/docs/specs/otlp/). Pure,
// thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/metrics.h"
#include "registry/types.h"
#include "services/telemetry/span.h"

namespace moerge {

// Who sends.
struct TelemetryResource {
  std::string service;   // service.name
  std::string instance;  // service.instance.id
};

// The body of POST /v1/traces.
std::string TracesJson(const TelemetryResource& resource, std::span<const Span> spans);
// The body of POST /v1/metrics: sums since `begin`.
std::string MetricsJson(const TelemetryResource& resource,
                        const std::vector<Metrics::Family>& families, WallTime begin, WallTime now);

// How many items a receiver refused of those it had taken: what its reply says as `partialSuccess`.
std::int64_t RejectedIn(std::string_view reply);

}  // namespace moerge
