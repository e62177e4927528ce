#include "services/telemetry/otlp_json.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <utility>

#include "config/base/json.h"
#include "config/base/text_buffer.h"

namespace moerge {
namespace {

constexpr int kStatusError = 2;
constexpr int kCumulative = 2;

// Spans are written for every request: their fixed parts are copied, only texts from outside are
// looked through.
thread_local TextBuffer otlp_text;

void AppendIntText(std::int64_t value, TextBuffer* out) {
  out->Append('"');
  out->AppendInt(value);
  out->Append('"');
}

void AppendNanoseconds(WallTime time, TextBuffer* out) {
  AppendIntText(std::chrono::nanoseconds(time.time_since_epoch()).count(), out);
}

void AppendHex(std::uint64_t id, TextBuffer* out) {
  constexpr char kDigits[] = "0123456789abcdef";
  char text[16];
  for (int i = 15; i >= 0; --i, id >>= 4) text[i] = kDigits[id & 15];
  out->Append(std::string_view(text, sizeof text));
}

struct AppendAttributeValue {
  TextBuffer& out;
  void operator()(const std::string& text) const {
    out.Append(R"({"stringValue":)");
    out.AppendQuoted(text);
  }
  void operator()(std::int64_t value) const {
    out.Append(R"({"intValue":)");
    AppendIntText(value, &out);
  }
  void operator()(double value) const {
    out.Append(R"({"doubleValue":)");
    out.AppendNumber(value);
  }
  void operator()(bool value) const {
    out.Append(R"({"boolValue":)");
    out.Append(value ? std::string_view("true") : std::string_view("false"));
  }
};

// Keys are moerge's own: there is nothing to escape in them.
void AppendAttribute(std::string_view key, const AttributeValue& value, TextBuffer* out) {
  out->Append(R"({"key":")");
  out->Append(key);
  out->Append(R"(","value":)");
  std::visit(AppendAttributeValue{*out}, value);
  out->Append("}}");
}

template <class List>
void AppendAttributes(const List& list, TextBuffer* out) {
  out->Append('[');
  bool first = true;
  for (const auto& [key, value] : list) {
    if (!std::exchange(first, false)) out->Append(',');
    AppendAttribute(key, value, out);
  }
  out->Append(']');
}

void WriteNanoseconds(json::Writer* out, std::string_view key, WallTime time) {
  otlp_text.Clear();
  AppendNanoseconds(time, &otlp_text);
  out->Key(key).Raw(otlp_text.view());
}

template <class List>
void WriteAttributes(json::Writer* out, const List& list) {
  otlp_text.Clear();
  AppendAttributes(list, &otlp_text);
  out->Key("attributes").Raw(otlp_text.view());
}

void WriteResource(json::Writer* out, const TelemetryResource& resource) {
  const Attributes attributes = {{"service.name", resource.service},
                                 {"service.version", std::string(MOERGE_VERSION)},
                                 {"service.instance.id", resource.instance}};
  out->Key("resource").BeginObject();
  WriteAttributes(out, attributes);
  out->EndObject();
}

void WriteScope(json::Writer* out) {
  out->Key("scope").BeginObject().Field("name", "moerge").Field("version", MOERGE_VERSION);
  out->EndObject();
}

void AppendSpan(const Span& span, TextBuffer* out) {
  out->Append(R"({"traceId":")");
  out->Append(span.trace_id);  // hexadecimal
  out->Append(R"(","spanId":")");
  AppendHex(span.id, out);
  if (span.parent != 0) {
    out->Append(R"(","parentSpanId":")");
    AppendHex(span.parent, out);
  }
  out->Append(R"(","name":)");
  out->AppendQuoted(span.name);
  out->Append(R"(,"kind":)");
  out->AppendInt(static_cast<int>(span.kind));
  out->Append(R"(,"startTimeUnixNano":)");
  AppendNanoseconds(span.begin, out);
  out->Append(R"(,"endTimeUnixNano":)");
  AppendNanoseconds(span.end, out);
  out->Append(R"(,"attributes":)");
  AppendAttributes(span.attributes, out);
  if (span.failed) {
    out->Append(R"(,"status":{"code":)");
    out->AppendInt(kStatusError);
    out->Append(R"(,"message":)");
    out->AppendQuoted(span.message);
    out->Append('}');
  }
  out->Append('}');
}

struct Period {
  WallTime begin;
  WallTime now;
};

void BeginPoint(json::Writer* out, const MetricLabels& labels, const Period& period) {
  out->BeginObject();
  WriteAttributes(out, labels);
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
  constexpr std::size_t kUsual = 1024;  // bytes of a span
  std::string body;
  body.reserve(kUsual * (spans.size() + 1));
  json::Writer out(&body);
  out.BeginObject().Key("resourceSpans").BeginArray().BeginObject();
  WriteResource(&out, resource);
  out.Key("scopeSpans").BeginArray().BeginObject();
  WriteScope(&out);
  out.Key("spans").BeginArray();
  for (const Span& span : spans) {
    otlp_text.Clear();
    AppendSpan(span, &otlp_text);
    out.Raw(otlp_text.view());
  }
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
