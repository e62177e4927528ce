#include "services/telemetry/telemetry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "config/base/random.h"
#include "services/telemetry/otlp_protobuf.h"
#include "tests/support/otlp_receiver.h"

namespace moerge {
namespace {

using test::OtlpReceiver;

constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c";

SpanWriter::Head Head(std::uint64_t id) {
  const WallTime now = WallTime::clock::now();
  return {id, 0, SpanKind::kInternal, now, now + std::chrono::milliseconds(3)};
}

SpanWriter SpansNamed(std::string_view name, std::size_t count) {
  SpanWriter spans;
  spans.Start(kTrace);
  for (std::size_t i = 0; i < count; ++i) {
    spans.Begin(Head(7 + i), name);
    spans.End();
  }
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
    SpanWriter::Head head = Head(7);
    head.parent = 9;
    head.kind = SpanKind::kServer;
    SpanWriter spans;
    spans.Start(kTrace);
    spans.Begin(head, "chat", "auto");
    spans.Text("text", "a \"b\"\n\xff");
    spans.Text("long", std::string(100'000, 'x'));
    spans.Text("none", "");
    spans.Int("count", std::int64_t{1} << 60);
    spans.Int("below", -5);
    spans.Double("share", 0.25);
    spans.Flag("flag", true);
    spans.Fail("b\xfe");
    spans.End();
    telemetry.Add(spans);
  }
  ASSERT_EQ(receiver.mistakes(), std::vector<std::string>{});
  ASSERT_EQ(receiver.spans().size(), 1u);
  const test::ReceivedSpan span = receiver.spans().front();
  EXPECT_EQ(span.trace, kTrace);
  EXPECT_EQ(span.id, "0000000000000007");
  EXPECT_EQ(span.parent, "0000000000000009");
  EXPECT_EQ(span.name, "chat auto");
  EXPECT_EQ(span.kind, 2);
  EXPECT_EQ(span.end - span.begin, 3'000'000);
  EXPECT_TRUE(span.failed);
  EXPECT_EQ(span.message, "b\xEF\xBF\xBD");
  EXPECT_EQ(span.attributes.size(), 6u);
  EXPECT_EQ(span.attributes.at("long").size(), 100'000u);
  EXPECT_EQ(span.attributes.at("below"), "-5");
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
    telemetry.Add(SpansNamed("a", 1));
  }
  EXPECT_NE(receiver.last_head().find("authorization: Bearer of-the-test"), std::string::npos);
}

TEST(Telemetry, OnlyWhatLeavesThisMachineIsCompressed) {
  OtlpReceiver receiver;
  Metrics metrics;
  TelemetryConfig config = To(receiver);
  {
    Telemetry telemetry(config, metrics);
    telemetry.Add(SpansNamed("near", 1));
  }
  EXPECT_EQ(receiver.last_head().find("Content-Encoding"), std::string::npos);
  // Reaches this machine as well, and is no address of its own alone.
  config.otlp.replace(config.otlp.find("127.0.0.1"), 9, "0.0.0.0");
  {
    Telemetry telemetry(config, metrics);
    telemetry.Add(SpansNamed("far", 1));
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
  const std::string body = "\x0a\x07\x08\x02\x12\x03old";  // partial_success {2, "old"}
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

TEST(Telemetry, RefusedItemsAreReadFromEveryReply) {
  using namespace std::string_view_literals;
  EXPECT_EQ(ReadPartialSuccess("").rejected, 0);
  EXPECT_EQ(ReadPartialSuccess("{}").rejected, 0);  // a receiver that replies in JSON
  EXPECT_EQ(ReadPartialSuccess("\x0a\x00"sv).rejected, 0);
  EXPECT_EQ(ReadPartialSuccess("\x0a\x02\x08\x03"sv).rejected, 3);
  // Fields of other kinds before and behind it: a varint, eight bytes, four bytes.
  const PartialSuccess among = ReadPartialSuccess(
      "\x78\x96\x01\x71"
      "12345678\x0a\x08\x12\x03old\x08\xac\x02\x7d"
      "1234"sv);
  EXPECT_EQ(among.rejected, 300);
  EXPECT_EQ(among.message, "old");
  // Cut off anywhere: nothing is read beyond the end.
  const std::string_view whole = "\x0a\x07\x08\x02\x12\x03old"sv;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(ReadPartialSuccess(std::string(whole.substr(0, size))).rejected, 0) << size;
  }
}

TEST(Telemetry, WhatFindsNoRoomIsDroppedAndCounted) {
  TelemetryConfig config;
  config.otlp = "http://127.0.0.1:1";  // nobody is there
  config.metrics = false;
  Metrics metrics;
  Telemetry telemetry(config, metrics);
  const SpanWriter half = SpansNamed("a", Telemetry::kRoom / 2);
  for (int i = 0; i < 5; ++i) telemetry.Add(half);
  EXPECT_GE(Total(metrics, "moerge_telemetry_dropped_total"),
            static_cast<double>(Telemetry::kRoom));
}

TEST(Telemetry, LongQueuesAreSentInParts) {
  OtlpReceiver receiver;
  Metrics metrics;
  {
    Telemetry telemetry(To(receiver), metrics);
    for (int i = 0; i < 4; ++i) telemetry.Add(SpansNamed("a", 500));
  }
  EXPECT_EQ(receiver.mistakes(), std::vector<std::string>{});
  EXPECT_EQ(receiver.spans().size(), 2000u);
  EXPECT_GE(receiver.posts(), 3);  // of spans twice, of metrics once
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
  telemetry.Add(SpansNamed("a", 1));
}

}  // namespace
}  // namespace moerge
