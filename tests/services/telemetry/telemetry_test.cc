#include "services/telemetry/telemetry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "services/telemetry/otlp_json.h"
#include "tests/support/otlp_receiver.h"

namespace moerge {
namespace {

using test::OtlpReceiver;

Span SpanNamed(std::string name) {
  Span span{.trace_id = RandomId(), .id = 7, .parent = 0, .name = std::move(name)};
  span.begin = WallTime::clock::now();
  span.end = span.begin + std::chrono::milliseconds(3);
  return span;
}

std::vector<Span> SpansNamed(const std::string& name, std::size_t count) {
  std::vector<Span> spans;
  for (std::size_t i = 0; i < count; ++i) spans.push_back(SpanNamed(name));
  return spans;
}

TelemetryConfig To(const OtlpReceiver& receiver) {
  TelemetryConfig config;
  config.otlp = receiver.url();
  return config;
}

double Total(const Metrics& metrics, std::string_view name) {
  double sum = 0;
  for (const Metrics::Family& family : metrics.Collect()) {
    for (const Metrics::Point& point : family.points) sum += family.name == name ? point.value : 0;
  }
  return sum;
}

TEST(Telemetry, EveryKindOfValueArrives) {
  OtlpReceiver receiver;
  Metrics metrics;
  {
    Telemetry telemetry(To(receiver), metrics);
    Span span = SpanNamed("chat auto");
    span.parent = 9;
    span.kind = SpanKind::kServer;
    span.attributes = {{"text", std::string("a \"b\"\n\xff")},
                       {"count", std::int64_t{1} << 60},
                       {"share", 0.25},
                       {"flag", true}};
    span.failed = true;
    telemetry.Add({span});
  }
  ASSERT_EQ(receiver.mistakes(), std::vector<std::string>{});
  ASSERT_EQ(receiver.spans().size(), 1u);
  const test::ReceivedSpan span = receiver.spans().front();
  EXPECT_EQ(span.id, "0000000000000007");
  EXPECT_EQ(span.parent, "0000000000000009");
  EXPECT_EQ(span.name, "chat auto");
  EXPECT_EQ(span.kind, 2);
  EXPECT_EQ(span.end - span.begin, 3'000'000);
  EXPECT_TRUE(span.failed);
  EXPECT_EQ(span.attributes.at("text"), "a \"b\"\n\xEF\xBF\xBD");
  EXPECT_EQ(span.attributes.at("count"), "1152921504606846976");
  EXPECT_EQ(span.attributes.at("share"), "0.25");
  EXPECT_EQ(span.attributes.at("flag"), "true");
}

TEST(Telemetry, MetricsOfEveryKindArrive) {
  OtlpReceiver receiver;
  Metrics metrics;
  metrics.GetCounter("moerge_a_total", "A.", {{"x", "1"}}).Add(2);
  metrics.GetCounter("moerge_a_total", "A.", {{"x", "2"}}).Add(3);
  metrics.GetGauge("moerge_b", "B.").Set(-1.5);
  metrics.GetGauge("moerge_nothing", "Not a number.").Set(std::nan(""));
  Histogram& histogram = metrics.GetHistogram("moerge_c_seconds", "C.", {0.1, 1});
  for (const double value : {0.05, 0.1, 0.5, 7.0}) histogram.Observe(value);
  { Telemetry telemetry(To(receiver), metrics); }
  EXPECT_EQ(receiver.mistakes(), std::vector<std::string>{});
  EXPECT_EQ(receiver.metrics()["moerge_a_total"], 5);
  EXPECT_EQ(receiver.metrics()["moerge_b"], -1.5);
  EXPECT_EQ(receiver.metrics()["moerge_c_seconds"], 4);
}

TEST(Telemetry, HeadersAreFilledFromTheEnvironment) {
  ::setenv("MOERGE_TEST_OTLP_TOKEN", "of-the-test", 1);
  OtlpReceiver receiver;
  Metrics metrics;
  TelemetryConfig config = To(receiver);
  config.headers = {{"authorization", "Bearer ${MOERGE_TEST_OTLP_TOKEN}"}};
  {
    Telemetry telemetry(config, metrics);
    telemetry.Add({SpanNamed("a")});
  }
  EXPECT_NE(receiver.last_head().find("authorization: Bearer of-the-test"), std::string::npos);
}

TEST(Telemetry, OnlyWhatLeavesThisMachineIsCompressed) {
  OtlpReceiver receiver;
  Metrics metrics;
  TelemetryConfig config = To(receiver);
  {
    Telemetry telemetry(config, metrics);
    telemetry.Add({SpanNamed("near")});
  }
  EXPECT_EQ(receiver.last_head().find("Content-Encoding"), std::string::npos);
  // Reaches this machine as well, and is no address of its own alone.
  config.otlp.replace(config.otlp.find("127.0.0.1"), 9, "0.0.0.0");
  {
    Telemetry telemetry(config, metrics);
    telemetry.Add({SpanNamed("far")});
  }
  EXPECT_NE(receiver.last_head().find("Content-Encoding: gzip"), std::string::npos);
  EXPECT_EQ(receiver.mistakes(), std::vector<std::string>{});
  EXPECT_EQ(receiver.spans().size(), 2u);
}

TEST(Telemetry, WhatAPassingFailureHeldUpIsSentAgainOnce) {
  OtlpReceiver receiver;
  receiver.Answer({"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
                   "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n"});
  Metrics metrics;
  TelemetryConfig config = To(receiver);
  config.metrics = false;
  Telemetry telemetry(config, metrics);
  telemetry.Add(SpansNamed("a", 3));
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (receiver.spans().size() < 3 && std::chrono::steady_clock::now() < limit) {
    std::this_thread::yield();
  }
  EXPECT_EQ(receiver.spans().size(), 3u);
  EXPECT_EQ(receiver.posts(), 3);
  EXPECT_EQ(Total(metrics, "moerge_telemetry_dropped_total"), 0);
}

TEST(Telemetry, WhatIsRefusedForGoodIsCountedAndNotSentAgain) {
  OtlpReceiver receiver;
  receiver.Answer({"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n"});
  Metrics metrics;
  TelemetryConfig config = To(receiver);
  config.metrics = false;
  {
    Telemetry telemetry(config, metrics);
    telemetry.Add(SpansNamed("a", 3));
  }
  EXPECT_EQ(receiver.posts(), 1);
  EXPECT_EQ(Total(metrics, "moerge_telemetry_dropped_total"), 3);
  EXPECT_EQ(Total(metrics, "moerge_telemetry_spans_total"), 0);
}

TEST(Telemetry, APartThatWasRefusedIsCounted) {
  const std::string body = R"({"partialSuccess":{"rejectedSpans":"2","errorMessage":"old"}})";
  OtlpReceiver receiver;
  receiver.Answer(
      {"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body});
  Metrics metrics;
  TelemetryConfig config = To(receiver);
  config.metrics = false;
  {
    Telemetry telemetry(config, metrics);
    telemetry.Add(SpansNamed("a", 3));
  }
  EXPECT_EQ(Total(metrics, "moerge_telemetry_dropped_total"), 2);
  EXPECT_EQ(Total(metrics, "moerge_telemetry_spans_total"), 1);
}

TEST(Telemetry, RejectedItemsAreReadFromEveryShape) {
  EXPECT_EQ(RejectedIn("{}"), 0);
  EXPECT_EQ(RejectedIn("no JSON"), 0);
  EXPECT_EQ(RejectedIn(R"({"partialSuccess":{}})"), 0);
  EXPECT_EQ(RejectedIn(R"({"partialSuccess":{"rejectedSpans":3}})"), 3);
  EXPECT_EQ(RejectedIn(R"({"partialSuccess":{"rejectedDataPoints":"4"}})"), 4);
}

TEST(Telemetry, WhatFindsNoRoomIsDroppedAndCounted) {
  TelemetryConfig config;
  config.otlp = "http://127.0.0.1:1";  // nobody is there
  config.metrics = false;
  Metrics metrics;
  Telemetry telemetry(config, metrics);
  telemetry.Add(SpansNamed("a", 2 * Telemetry::kRoom));
  EXPECT_GE(Total(metrics, "moerge_telemetry_dropped_total"),
            static_cast<double>(Telemetry::kRoom));
}

TEST(Telemetry, LongQueuesAreSentInParts) {
  OtlpReceiver receiver;
  Metrics metrics;
  {
    Telemetry telemetry(To(receiver), metrics);
    telemetry.Add(SpansNamed("a", 2000));
  }
  EXPECT_EQ(receiver.mistakes(), std::vector<std::string>{});
  EXPECT_EQ(receiver.spans().size(), 2000u);
}

TEST(Telemetry, ATraceBeginsOrGoesOn) {
  OtlpReceiver receiver;
  Metrics metrics;
  Random random(1);
  TelemetryConfig config = To(receiver);
  config.sample = 0.25;
  Telemetry telemetry(config, metrics);
  const std::string given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const TraceContext kept = telemetry.Begin(given, random);
  EXPECT_EQ(kept.trace_id, given.substr(3, 32));
  EXPECT_TRUE(kept.sampled);
  EXPECT_NE(kept.span, kept.parent);
  int sampled = 0;
  for (int i = 0; i < 4000; ++i) sampled += telemetry.Begin("", random).sampled ? 1 : 0;
  EXPECT_NEAR(sampled, 1000, 150);
}

TEST(Telemetry, NothingIsTracedWithoutAReceiver) {
  Metrics metrics;
  Random random(1);
  Telemetry telemetry({}, metrics);
  EXPECT_FALSE(telemetry.Begin("", random).active());
  telemetry.Add({SpanNamed("a")});
}

}  // namespace
}  // namespace moerge
