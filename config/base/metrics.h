// Counters, gauges and histograms in Prometheus' text format, over the prometheus-cpp library.
//
// Look a series up once and keep the reference: a lookup locks and compares labels, an update does
// not. References live as long as Metrics. Any thread may update, look up and write.
#pragma once

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

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// 0.1 ms to 100 s and 1 µs to 100 ms, for Histogram buckets in seconds.
const std::vector<double>& LatencyBuckets();
const std::vector<double>& DecisionBuckets();

}  // namespace moerge
