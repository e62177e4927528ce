#include "config/base/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

namespace moerge {
namespace {

bool Has(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, TextHasHelpTypeAndValue) {
  Metrics metrics;
  metrics.GetCounter("moerge_requests_total", "Requests.", {{"policy", "auto"}}).Add(2);
  metrics.GetGauge("moerge_queue_depth", "Waiting calls.").Set(1.5);
  const std::string text = metrics.Text();
  EXPECT_TRUE(Has(text, "# HELP moerge_requests_total Requests.")) << text;
  EXPECT_TRUE(Has(text, "# TYPE moerge_requests_total counter")) << text;
  EXPECT_TRUE(Has(text, "moerge_requests_total{policy=\"auto\"} 2")) << text;
  EXPECT_TRUE(Has(text, "moerge_queue_depth 1.5")) << text;
}

TEST(Metrics, TheSameLabelsAreTheSameSeries) {
  Metrics metrics;
  Counter& first = metrics.GetCounter("c_total", "C.", {{"a", "1"}, {"b", "2"}});
  Counter& again = metrics.GetCounter("c_total", "C.", {{"b", "2"}, {"a", "1"}});
  EXPECT_EQ(&first, &again);
  EXPECT_NE(&first, &metrics.GetCounter("c_total", "C.", {{"a", "1"}}));
  first.Add();
  EXPECT_EQ(again.value(), 1);
}

TEST(Metrics, ValuesOfLabelsAndHelpAreEscaped) {
  Metrics metrics;
  metrics.GetCounter("c_total", "One\\two\nthree", {{"name", "a\"b\\c\nd\xFF"}}).Add();
  const std::string text = metrics.Text();
  EXPECT_TRUE(Has(text, "# HELP c_total One\\\\two\\nthree")) << text;
  EXPECT_TRUE(Has(text, "c_total{name=\"a\\\"b\\\\c\\nd\xEF\xBF\xBD\"} 1")) << text;
}

TEST(Metrics, HistogramsCountUpToEachBound) {
  Metrics metrics;
  Histogram& histogram = metrics.GetHistogram("h_seconds", "H.", {0.1, 1});
  for (const double value : {0.05, 0.1, 0.5, 3.0}) histogram.Observe(value);
  const std::string text = metrics.Text();
  EXPECT_TRUE(Has(text, "h_seconds_bucket{le=\"0.1\"} 2")) << text;
  EXPECT_TRUE(Has(text, "h_seconds_bucket{le=\"1\"} 3")) << text;
  EXPECT_TRUE(Has(text, "h_seconds_bucket{le=\"+Inf\"} 4")) << text;
  EXPECT_TRUE(Has(text, "h_seconds_count 4")) << text;
  EXPECT_TRUE(Has(text, "h_seconds_sum 3.65")) << text;
}

TEST(Metrics, ThreadsCountTogether) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&metrics] {
      for (int n = 0; n < 2000; ++n) {
        metrics.GetCounter("c_total", "C.", {{"n", std::to_string(n % 7)}}).Add();
        metrics.GetHistogram("h", "H.", DecisionBuckets()).Observe(n * 1e-6);
      }
      EXPECT_FALSE(metrics.Text().empty());
    });
  }
  for (std::thread& thread : threads) thread.join();
  double sum = 0;
  for (int n = 0; n < 7; ++n) {
    sum += metrics.GetCounter("c_total", "C.", {{"n", std::to_string(n)}}).value();
  }
  EXPECT_EQ(sum, 8000);
  EXPECT_TRUE(Has(metrics.Text(), "h_count 8000"));
}

TEST(Metrics, BucketsAscend) {
  for (const auto* buckets : {&LatencyBuckets(), &DecisionBuckets()}) {
    EXPECT_TRUE(std::is_sorted(buckets->begin(), buckets->end()));
  }
  EXPECT_EQ(LatencyBuckets().front(), 0.0001);
  EXPECT_EQ(LatencyBuckets().back(), 100);
  EXPECT_EQ(DecisionBuckets().back(), 0.1);
}

}  // namespace
}  // namespace moerge
