#include "services/api/latency_json.h"

#include <cmath>
#include <limits>

#include "config/base/json.h"
#include "config/base/text.h"
#include "registry/registry.h"
#include "router/profile/latency.h"

namespace moerge::api {
namespace {

constexpr std::size_t kMostExported = 1000;

struct Percentile {
  double share;
  const char* field;
  const char* label;
};
constexpr Percentile kPercentiles[] = {
    {0.5, "p50_ms", "0.5"}, {0.9, "p90_ms", "0.9"}, {0.99, "p99_ms", "0.99"}};

double Rounded(double ms) { return std::round(ms * 1000) / 1000; }

std::string_view SourceName(KnownLatency::Source source) {
  switch (source) {
    case KnownLatency::Source::kMeasured: return "measured";
    case KnownLatency::Source::kDeclared: return "declared";
    case KnownLatency::Source::kComputed: return "computed";
    case KnownLatency::Source::kUnknown: return "unknown";
  }
  return "unknown";
}

void WritePercentiles(const LatencyHistogram& histogram, json::Writer& writer) {
  for (const Percentile& each : kPercentiles) {
    writer.Field(each.field, Rounded(histogram.Quantile(each.share)));
  }
}

void WriteMeasured(const ExpertLatency* of, json::Writer& writer) {
  if (of == nullptr || of->answers().count() == 0) {
    writer.Null();
    return;
  }
  writer.BeginObject().Field("answers", of->answers().count());
  writer.Field("last", FormatTime(of->last()));
  WritePercentiles(of->answers(), writer);
  writer.Key("first_chunk");
  if (of->first().count() == 0) {
    writer.Null();
  } else {
    writer.BeginObject().Field("answers", of->first().count());
    WritePercentiles(of->first(), writer);
    writer.EndObject();
  }
  writer.EndObject();
}

void Export(const std::string& name, const std::string& help, std::string_view expert,
            const LatencyHistogram& histogram, Metrics& metrics) {
  for (const Percentile& each : kPercentiles) {
    const double seconds = histogram.Quantile(each.share) / 1000;
    const MetricLabels labels{{"expert", std::string(expert)}, {"quantile", each.label}};
    metrics.GetGauge(name, help, labels)
        .Set(seconds > 0 ? seconds : std::numeric_limits<double>::quiet_NaN());
  }
}

}  // namespace

std::string LatencyJson(const Expert& expert, const LatencyTable& latencies) {
  const ExpertLatency* of = latencies.Find(InternExpert(expert.name));
  const KnownLatency known = LatencyOf(expert, of == nullptr ? Latency{} : of->typical());
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("source", SourceName(known.source));
  if (known.source == KnownLatency::Source::kUnknown) {
    writer.Key("typical_ms").Null().Key("high_ms").Null();
  } else {
    writer.Field("typical_ms", Rounded(known.typical_ms));
    writer.Field("high_ms", Rounded(known.high_ms));
  }
  writer.Key("measured");
  WriteMeasured(of, writer);
  writer.EndObject();
  return out;
}

void ExportLatencies(const LatencyTable& latencies, Metrics& metrics) {
  std::size_t exported = 0;
  latencies.Visit([&](ExpertId id, const ExpertLatency& of) {
    if (exported++ >= kMostExported) return;
    Export("moerge_expert_latency_seconds",
           "Time of an expert's latest answers to chat requests, to the last byte", NameOf(id),
           of.answers(), metrics);
    if (of.first().count() == 0) return;
    Export("moerge_expert_first_chunk_seconds",
           "Time of an expert's latest streamed answers, to the first chunk", NameOf(id),
           of.first(), metrics);
  });
}

}  // namespace moerge::api
