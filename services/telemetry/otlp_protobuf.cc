#include "services/telemetry/otlp_protobuf.h"

#include <chrono>
#include <cmath>

#include "config/base/text_buffer.h"
#include "services/telemetry/protobuf.h"

namespace moerge {
namespace {

using protobuf::AppendBytes;
using protobuf::AppendFixed64;
using protobuf::AppendInt;

constexpr std::uint64_t kCumulative = 2;

// A message's field whose bytes `write` appends.
template <class Write>
void AppendMessage(int field, TextBuffer* out, Write write) {
  TextBuffer message;
  write(&message);
  AppendBytes(field, message.view(), out);
}

void AppendText(int field, std::string_view text, TextBuffer* out) {
  protobuf::WithValid(text, [&](std::string_view valid) { AppendBytes(field, valid, out); });
}

void AppendAttribute(int field, std::string_view key, std::string_view value, TextBuffer* out) {
  AppendMessage(field, out, [&](TextBuffer* pair) {
    AppendText(1, key, pair);
    AppendMessage(2, pair, [&](TextBuffer* any) { AppendText(1, value, any); });
  });
}

void AppendResource(int field, const TelemetryResource& resource, TextBuffer* out) {
  AppendMessage(field, out, [&](TextBuffer* message) {
    AppendAttribute(1, "service.name", resource.service, message);
    AppendAttribute(1, "service.version", MOERGE_VERSION, message);
    AppendAttribute(1, "service.instance.id", resource.instance, message);
  });
}

void AppendScope(int field, TextBuffer* out) {
  AppendMessage(field, out, [](TextBuffer* scope) {
    AppendText(1, "moerge", scope);
    AppendText(2, MOERGE_VERSION, scope);
  });
}

constexpr std::size_t kLength = 5;

// A length in kLength bytes: all but the last say that more follow.
void PutLength(std::size_t length, char* to) {
  for (std::size_t i = 0; i + 1 < kLength; ++i, length >>= 7) {
    to[i] = static_cast<char>(length | 0x80);
  }
  to[kLength - 1] = static_cast<char>(length & 0x7F);
}

void AppendTimes(const MetricsPeriod& period, TextBuffer* out) {
  const auto nanoseconds = [](WallTime time) {
    return std::int64_t{std::chrono::nanoseconds(time.time_since_epoch()).count()};
  };
  AppendFixed64(2, nanoseconds(period.begin), out);
  AppendFixed64(3, nanoseconds(period.now), out);
}

void AppendNumber(const Metrics::Point& point, const MetricsPeriod& period, TextBuffer* out) {
  AppendTimes(period, out);
  AppendFixed64(4, point.value, out);
  for (const auto& [key, value] : point.labels) AppendAttribute(7, key, value, out);
}

// Numbers of eight bytes as one field.
template <class Number>
void AppendPacked(int field, const std::vector<Number>& numbers, TextBuffer* out) {
  static_assert(sizeof(Number) == 8);
  AppendBytes(field, {reinterpret_cast<const char*>(numbers.data()), 8 * numbers.size()}, out);
}

// Counts of OTLP stand for their own bucket alone, and there is one more than bounds.
void AppendHistogram(const Metrics::Point& point, const MetricsPeriod& period, TextBuffer* out) {
  AppendTimes(period, out);
  AppendFixed64(4, point.count, out);
  AppendFixed64(5, point.value, out);
  AppendPacked(6, point.bucket_counts, out);
  AppendPacked(7, point.bounds, out);
  for (const auto& [key, value] : point.labels) AppendAttribute(9, key, value, out);
}

// The unit that a name of Prometheus ends with.
std::string_view UnitOf(std::string_view name) {
  if (name.ends_with("_total")) name.remove_suffix(6);
  if (name.ends_with("_seconds")) return "s";
  if (name.ends_with("_bytes")) return "By";
  if (name.ends_with("_usd")) return "USD";
  return "1";
}

void AppendMetric(const Metrics::Family& family, const MetricsPeriod& period, TextBuffer* out) {
  constexpr int kGauge = 5, kSum = 7, kHistogram = 9;
  const bool histogram = family.kind == Metrics::Kind::kHistogram;
  const bool sum = family.kind == Metrics::Kind::kCounter;
  AppendText(1, family.name, out);
  AppendText(2, family.help, out);
  AppendText(3, UnitOf(family.name), out);
  AppendMessage(histogram ? kHistogram
                : sum     ? kSum
                          : kGauge,
                out, [&](TextBuffer* data) {
                  for (const Metrics::Point& point : family.points) {
                    if (!histogram && !std::isfinite(point.value)) continue;
                    AppendMessage(1, data, [&](TextBuffer* one) {
                      histogram ? AppendHistogram(point, period, one)
                                : AppendNumber(point, period, one);
                    });
                  }
                  if (histogram || sum) AppendInt(2, kCumulative, data);
                  if (sum) AppendInt(3, 1, data);  // monotonic
                });
}

}  // namespace

// {1: {1: resource, 2: {1: scope, spans}}}
TracesFrame::TracesFrame(const TelemetryResource& resource) {
  const std::string_view length("\0\0\0\0\0", kLength);
  TextBuffer out;
  protobuf::AppendTag(1, protobuf::Wire::kBytes, &out);
  outer_ = out.size();
  out.Append(length);
  AppendResource(1, resource, &out);
  protobuf::AppendTag(2, protobuf::Wire::kBytes, &out);
  inner_ = out.size();
  out.Append(length);
  AppendScope(1, &out);
  begin_ = out.view();
}

void TracesFrame::Close(std::string* body) const {
  for (const std::size_t at : {outer_, inner_}) {
    PutLength(body->size() - at - kLength, body->data() + at);
  }
}

std::string MetricsBody(const TelemetryResource& resource,
                        const std::vector<Metrics::Family>& families, const MetricsPeriod& period) {
  TextBuffer body;
  AppendMessage(1, &body, [&](TextBuffer* all) {
    AppendResource(1, resource, all);
    AppendMessage(2, all, [&](TextBuffer* scope) {
      AppendScope(1, scope);
      for (const Metrics::Family& family : families) {
        AppendMessage(2, scope, [&](TextBuffer* out) { AppendMetric(family, period, out); });
      }
    });
  });
  return std::string(body.view());
}

PartialSuccess ReadPartialSuccess(std::string_view reply) {
  using protobuf::Reader;
  using protobuf::Wire;
  PartialSuccess partial;
  for (Reader in(reply); in.Next();) {
    if (in.field() != 1 || in.wire() != Wire::kBytes) continue;
    for (Reader inner(in.bytes()); inner.Next();) {
      if (inner.field() == 1 && inner.wire() == Wire::kVarint) {
        partial.rejected = static_cast<std::int64_t>(inner.number());
      } else if (inner.field() == 2 && inner.wire() == Wire::kBytes) {
        partial.message = inner.bytes();
      }
    }
  }
  return partial;
}

}  // namespace moerge
