// What is posted to a receiver and what it replies, in OTLP's protobuf encoding
// (https://opentelemetry.io/docs/specs/otlp/, opentelemetry/proto/collector). Pure, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/metrics.h"
#include "registry/types.h"

namespace moerge {

// Who sends.
struct TelemetryResource {
  std::string service;   // service.name
  std::string instance;  // service.instance.id
};

// The body of POST /v1/traces is made in one place, so that spans are not copied again: what it
// begins with, then what SpanWriters wrote, one behind the other; when it is to be posted, its
// lengths. They are written in five bytes each, whatever they are.
class TracesFrame {
 public:
  explicit TracesFrame(const TelemetryResource& resource);

  std::string_view begin() const { return begin_; }
  void Close(std::string* body) const;

 private:
  std::string begin_;
  std::size_t outer_ = 0;  // where lengths stand
  std::size_t inner_ = 0;
};

struct MetricsPeriod {
  WallTime begin;  // sums are since then
  WallTime now;
};
// The body of POST /v1/metrics.
std::string MetricsBody(const TelemetryResource& resource,
                        const std::vector<Metrics::Family>& families, const MetricsPeriod& period);

// What a receiver refused of what it had taken: its reply's `partial_success`.
struct PartialSuccess {
  std::int64_t rejected = 0;  // spans, or points of metrics
  std::string message = {};
};
PartialSuccess ReadPartialSuccess(std::string_view reply);

}  // namespace moerge
