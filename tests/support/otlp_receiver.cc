#include "tests/support/otlp_receiver.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "tests/support/compressed.h"

namespace moerge::test {
namespace {

constexpr int kGzipWindow = 31;
constexpr std::string_view kTaken =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
constexpr std::string_view kRefused = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";

bool IsId(std::string_view text, std::size_t size) {
  const bool hex = std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  return hex && text.size() == size && text.find_first_not_of('0') != text.npos;
}

// 64-bit integers are texts.
bool ReadInteger(std::string_view text, std::int64_t* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return error == std::errc() && end == text.data() + text.size();
}

std::string TextOf(const json::Value& object, std::string_view key) {
  return std::string(object.Find(key).AsString().value_or(""));
}

}  // namespace

OtlpReceiver::OtlpReceiver()
    : server_(std::make_unique<RawServer>([this](RawPeer& peer) { Serve(peer); })) {}

void OtlpReceiver::Serve(RawPeer& peer) {
  for (std::string request = peer.ReadRequest(); !request.empty(); request = peer.ReadRequest()) {
    if (!peer.Send(Take(request))) return;
  }
}

std::string OtlpReceiver::Take(const std::string& request) {
  const std::lock_guard lock(mutex_);
  ++posts_;
  if (!replies_.empty()) {
    std::string reply = std::move(replies_.front());
    replies_.pop_front();
    return reply;
  }
  const std::size_t end = request.find("\r\n\r\n");
  last_head_ = request.substr(0, end);
  const std::size_t before = mistakes_.size();
  if (last_head_.find("Content-Type: application/json") == std::string::npos) Mistake("type");
  const bool packed = last_head_.find("Content-Encoding: gzip") != std::string::npos;
  std::string body = request.substr(end + 4);
  if (packed) body = Decompressed(body, kGzipWindow);
  const auto document = json::Document::Parse(body);
  if (!document) {
    Mistake("no JSON: " + document.error().message);
    return std::string(kRefused);
  }
  const bool traces = last_head_.starts_with("POST /v1/traces ");
  if (!traces && !last_head_.starts_with("POST /v1/metrics ")) Mistake("path: " + last_head_);
  for (const json::Value one :
       document->root().Find(traces ? "resourceSpans" : "resourceMetrics").children()) {
    if (AttributesIn(one.Find("resource").Find("attributes"))["service.name"].empty()) {
      Mistake("no service.name");
    }
    for (const json::Value scope : one.Find(traces ? "scopeSpans" : "scopeMetrics").children()) {
      for (const json::Value item : scope.Find(traces ? "spans" : "metrics").children()) {
        traces ? TakeSpan(item) : TakeMetric(item);
      }
    }
  }
  return std::string(mistakes_.size() == before ? kTaken : kRefused);
}

void OtlpReceiver::TakeSpan(const json::Value& span) {
  ReceivedSpan taken{.trace = TextOf(span, "traceId"),
                     .id = TextOf(span, "spanId"),
                     .parent = TextOf(span, "parentSpanId"),
                     .name = TextOf(span, "name")};
  if (!IsId(taken.trace, 32)) Mistake("traceId " + taken.trace);
  if (!IsId(taken.id, 16)) Mistake("spanId " + taken.id);
  if (span.Find("parentSpanId") && !IsId(taken.parent, 16)) Mistake("parent " + taken.parent);
  if (taken.name.empty()) Mistake("no name");
  taken.kind = static_cast<int>(span.Find("kind").AsInt().value_or(0));
  if (taken.kind < 1 || taken.kind > 5) Mistake("kind");
  taken.begin = NanosecondsIn(span, "startTimeUnixNano");
  taken.end = NanosecondsIn(span, "endTimeUnixNano");
  if (taken.end < taken.begin) Mistake("ends before it begins: " + taken.name);
  taken.attributes = AttributesIn(span.Find("attributes"));
  taken.failed = span.Find("status").Find("code").AsInt().value_or(0) == 2;
  spans_.push_back(std::move(taken));
}

void OtlpReceiver::TakeMetric(const json::Value& metric) {
  const std::string name = TextOf(metric, "name");
  metrics_[name] = 0;  // what comes later replaces what came
  int kinds = 0;
  for (const char* kind : {"sum", "gauge", "histogram"}) {
    const json::Value data = metric.Find(kind);
    if (!data) continue;
    ++kinds;
    const bool gauge = std::string_view(kind) == "gauge";
    if (!gauge && data.Find("aggregationTemporality").AsInt() != 2) Mistake("not cumulative");
    for (const json::Value point : data.Find("dataPoints").children()) {
      (void)AttributesIn(point.Find("attributes"));
      (void)NanosecondsIn(point, "timeUnixNano");
      if (std::string_view(kind) != "histogram") {
        metrics_[name] += point.Find("asDouble").AsDouble().value_or(0);
        if (!point.Find("asDouble").AsDouble()) Mistake("no number: " + name);
        continue;
      }
      std::int64_t count = 0, all = 0;
      if (!ReadInteger(TextOf(point, "count"), &count)) Mistake("count of " + name);
      for (const json::Value bucket : point.Find("bucketCounts").children()) {
        std::int64_t number = 0;
        if (!ReadInteger(bucket.AsString().value_or(""), &number)) Mistake("bucket of " + name);
        all += number;
      }
      if (all != count) Mistake("the buckets of " + name + " do not add up");
      if (point.Find("bucketCounts").size() != point.Find("explicitBounds").size() + 1) {
        Mistake("bounds of " + name);
      }
      metrics_[name] += static_cast<double>(count);
    }
  }
  if (name.empty() || kinds != 1) Mistake("kind of " + name);
}

std::map<std::string, std::string> OtlpReceiver::AttributesIn(const json::Value& list) {
  std::map<std::string, std::string> attributes;
  for (const json::Value item : list.children()) {
    const std::string key = TextOf(item, "key");
    const json::Value value = item.Find("value");
    if (value.size() != 1) Mistake("a value that is not one of the kinds: " + key);
    std::int64_t number = 0;
    if (value.Find("intValue") && !ReadInteger(TextOf(value, "intValue"), &number)) {
      Mistake("an integer that is no text: " + key);
    }
    std::string text;
    for (const json::Value inner : value.children()) {
      text = inner.is_string() ? std::string(*inner.AsString()) : std::string(inner.raw());
    }
    if (!attributes.emplace(key, std::move(text)).second) Mistake("twice: " + key);
  }
  return attributes;
}

std::int64_t OtlpReceiver::NanosecondsIn(const json::Value& object, std::string_view key) {
  std::int64_t time = 0;
  if (!ReadInteger(TextOf(object, key), &time) || time <= 0) Mistake(std::string(key));
  return time;
}

void OtlpReceiver::Answer(std::vector<std::string> replies) {
  const std::lock_guard lock(mutex_);
  replies_.insert(replies_.end(), replies.begin(), replies.end());
}

std::vector<ReceivedSpan> OtlpReceiver::spans() const {
  const std::lock_guard lock(mutex_);
  return spans_;
}

std::map<std::string, double> OtlpReceiver::metrics() const {
  const std::lock_guard lock(mutex_);
  return metrics_;
}

std::vector<std::string> OtlpReceiver::mistakes() const {
  const std::lock_guard lock(mutex_);
  return mistakes_;
}

int OtlpReceiver::posts() const {
  const std::lock_guard lock(mutex_);
  return posts_;
}

std::string OtlpReceiver::last_head() const {
  const std::lock_guard lock(mutex_);
  return last_head_;
}

}  // namespace moerge::test
