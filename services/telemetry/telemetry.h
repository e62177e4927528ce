// Sends spans and metrics to an OpenTelemetry receiver, on a thread of its own, so that no request
// waits for it: what finds no room, or is not taken after some time, is dropped and counted
// (moerge_telemetry_dropped_total).
//
// Owner: the composition root; `metrics` outlives it. Any thread may call.
#pragma once

#include <memory>
#include <string_view>

#include "config/base/metrics.h"
#include "config/base/random.h"
#include "config/config.h"
#include "services/telemetry/span_writer.h"
#include "services/telemetry/trace_context.h"

namespace moerge {

class Telemetry {
 public:
  // Spans that wait; more are dropped.
  static constexpr std::size_t kRoom = 16'384;

  // Nothing is sent where `config.otlp` is empty.
  Telemetry(TelemetryConfig config, Metrics& metrics);
  // Sends what waits, for two seconds at most.
  ~Telemetry();
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;

  // The trace of a request that came with this header, which may be empty or none. Not active
  // where no traces are sent.
  TraceContext Begin(std::string_view traceparent, Random& random) const;
  // All of what the writer holds, or none of it where there is no room.
  void Add(const SpanWriter& spans);

 private:
  class Exporter;
  TelemetryConfig config_;
  std::unique_ptr<Exporter> exporter_;  // null: nothing is sent
};

}  // namespace moerge
