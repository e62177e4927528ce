// Counters, gauges and histograms in Prometheus' text format, over the prometheus-cpp library.
//
// Look a series up once and keep the reference: a lookup locks and compares labels, an update does
// not. References live as long as Metrics. Any thread may update, look up and write.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace moerge {

using MetricLabels = std::map<std::string, std::string>;

class Counter {
 public:
  virtual ~Counter() = default;
  virtual void Add(double amount = 1) = 0;
  virtual double value() const = 0;
};

class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void Set(double value) = 0;
  virtual void Add(double amount) = 0;
  virtual double value() const = 0;
};

class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void Observe(double value) = 0;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();

  // `name` follows Prometheus: snake_case, unit as suffix, counters end in _total. The same name
  // must always come with the same help text and, for histograms, the same buckets.
  Counter& GetCounter(const std::string& name, const std::string& help,
                      const MetricLabels& labels = {});
  Gauge& GetGauge(const std::string& name, const std::string& help,
                  const MetricLabels& labels = {});
  Histogram& GetHistogram(const std::string& name, const std::string& help,
                          const std::vector<double>& buckets, const MetricLabels& labels = {});

  // The text exposition of everything, for /metrics.
  std::string Text() const;

  enum class Kind { kCounter, kGauge, kHistogram };
  struct Point {
    MetricLabels labels;
    double value = 0;         // of a histogram: the sum
    std::uint64_t count = 0;  // of a histogram
    // Of a histogram: upper bounds, and how many were observed below each and above the one before
    // it; the last count is of those above all bounds.
    std::vector<double> bounds;
    std::vector<std::uint64_t> bucket_counts;
  };
  struct Family {
    std::string name;
    std::string help;
    Kind kind = Kind::kGauge;
    std::vector<Point> points;
  };
  // The same as values.
  std::vector<Family> Collect() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// 0.1 ms to 100 s and 1 µs to 100 ms, for Histogram buckets in seconds.
const std::vector<double>& LatencyBuckets();
const std::vector<double>& DecisionBuckets();

}  // namespace moerge
