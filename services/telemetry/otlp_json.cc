#include "services/telemetry/otlp_json.h"

#include <charconv>
#include <cmath>

#include "config/base/json.h"
#include "services/telemetry/trace_context.h"

namespace moerge {
namespace {

constexpr int kStatusError = 2;
constexpr int kCumulative = 2;

void WriteNanoseconds(json::Writer* out, std::string_view key, WallTime time) {
  const auto since = std::chrono::nanoseconds(time.time_since_epoch()).count();
  out->Field(key, std::to_string(since));
}

struct WriteAttributeValue {
  json::Writer& out;
  void operator()(const std::string& text) const { out.Field("stringValue", text); }
  void operator()(std::int64_t value) const { out.Field("intValue", std::to_string(value)); }
  void operator()(double value) const { out.Field("doubleValue", value); }
  void operator()(bool value) const { out.Field("boolValue", value); }
};

void WriteAttribute(json::Writer* out, std::string_view key, const AttributeValue& value) {
  out->BeginObject().Field("key", key).Key("value").BeginObject();
  std::visit(WriteAttributeValue{*out}, value);
  out->EndObject().EndObject();
}

void WriteResource(json::Writer* out, const TelemetryResource& resource) {
  out->Key("resource").BeginObject().Key("attributes").BeginArray();
  WriteAttribute(out, "service.name", resource.service);
  WriteAttribute(out, "service.version", std::string(MOERGE_VERSION));
  WriteAttribute(out, "service.instance.id", resource.instance);
  out->EndArray().EndObject();
}

void WriteScope(json::Writer* out) {
  out->Key("scope").BeginObject().Field("name", "moerge").Field("version", MOERGE_VERSION);
  out->EndObject();
}

void WriteSpan(json::Writer* out, const Span& span) {
  out->BeginObject().Field("traceId", span.trace_id).Field("spanId", SpanIdText(span.id));
  if (span.parent != 0) out->Field("parentSpanId", SpanIdText(span.parent));
  out->Field("name", span.name).Field("kind", static_cast<int>(span.kind));
  WriteNanoseconds(out, "startTimeUnixNano", span.begin);
  WriteNanoseconds(out, "endTimeUnixNano", span.end);
  out->Key("attributes").BeginArray();
  for (const auto& [key, value] : span.attributes) WriteAttribute(out, key, value);
  out->EndArray();
  if (span.failed) {
    out->Key("status").BeginObject().Field("code", kStatusError).Field("message", span.message);
    out->EndObject();
  }
  out->EndObject();
}

struct Period {
  WallTime begin;
  WallTime now;
};

void BeginPoint(json::Writer* out, const MetricLabels& labels, const Period& period) {
  out->BeginObject().Key("attributes").BeginArray();
  for (const auto& [name, value] : labels) WriteAttribute(out, name, value);
  out->EndArray();
  WriteNanoseconds(out, "startTimeUnixNano", period.begin);
  WriteNanoseconds(out, "timeUnixNano", period.now);
}

void WriteNumber(json::Writer* out, const Metrics::Point& point, const Period& period) {
  BeginPoint(out, point.labels, period);
  out->Field("asDouble", point.value).EndObject();
}

// Counts of OTLP stand for their own bucket alone, and there is one more than bounds.
void WriteHistogram(json::Writer* out, const Metrics::Point& point, const Period& period) {
  BeginPoint(out, point.labels, period);
  out->Field("count", std::to_string(point.count)).Field("sum", point.value);
  out->Key("bucketCounts").BeginArray();
  for (const std::uint64_t count : point.bucket_counts) out->String(std::to_string(count));
  out->EndArray().Key("explicitBounds").BeginArray();
  for (const double bound : point.bounds) out->Number(bound);
  out->EndArray().EndObject();
}

// The unit that a name of Prometheus ends with.
std::string_view UnitOf(std::string_view name) {
  if (name.ends_with("_total")) name.remove_suffix(6);
  if (name.ends_with("_seconds")) return "s";
  if (name.ends_with("_bytes")) return "By";
  if (name.ends_with("_usd")) return "USD";
  return "1";
}

void WriteFamily(json::Writer* out, const Metrics::Family& family, const Period& period) {
  out->BeginObject().Field("name", family.name).Field("description", family.help);
  out->Field("unit", UnitOf(family.name));
  const bool histogram = family.kind == Metrics::Kind::kHistogram;
  const bool sum = family.kind == Metrics::Kind::kCounter;
  out->Key(histogram ? "histogram" : sum ? "sum" : "gauge").BeginObject();
  out->Key("dataPoints").BeginArray();
  for (const Metrics::Point& point : family.points) {
    if (histogram) {
      WriteHistogram(out, point, period);
    } else if (std::isfinite(point.value)) {
      WriteNumber(out, point, period);
    }
  }
  out->EndArray();
  if (histogram || sum) out->Field("aggregationTemporality", kCumulative);
  if (sum) out->Field("isMonotonic", true);
  out->EndObject().EndObject();
}

}  // namespace

std::string TracesJson(const TelemetryResource& resource, std::span<const Span> spans) {
  std::string body;
  json::Writer out(&body);
  out.BeginObject().Key("resourceSpans").BeginArray().BeginObject();
  WriteResource(&out, resource);
  out.Key("scopeSpans").BeginArray().BeginObject();
  WriteScope(&out);
  out.Key("spans").BeginArray();
  for (const Span& span : spans) WriteSpan(&out, span);
  out.EndArray().EndObject().EndArray().EndObject().EndArray().EndObject();
  return body;
}

std::string MetricsJson(const TelemetryResource& resource,
                        const std::vector<Metrics::Family>& families, WallTime begin,
                        WallTime now) {
  std::string body;
  json::Writer out(&body);
  out.BeginObject().Key("resourceMetrics").BeginArray().BeginObject();
  WriteResource(&out, resource);
  out.Key("scopeMetrics").BeginArray().BeginObject();
  WriteScope(&out);
  out.Key("metrics").BeginArray();
  for (const Metrics::Family& family : families) WriteFamily(&out, family, {begin, now});
  out.EndArray().EndObject().EndArray().EndObject().EndArray().EndObject();
  return body;
}

std::int64_t RejectedIn(std::string_view reply) {
  const auto document = json::Document::Parse(reply);
  if (!document) return 0;
  const json::Value partial = document->root().Find("partialSuccess");
  for (const std::string_view key : {"rejectedSpans", "rejectedDataPoints"}) {
    const json::Value count = partial.Find(key);
    if (const auto number = count.AsInt()) return *number;
    const std::string_view text = count.AsString().value_or("");
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    if (number > 0) return number;
  }
  return 0;
}

}  // namespace moerge
