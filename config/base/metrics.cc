#include "config/base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <cmath>
#include <mutex>
#include <utility>

#include "config/base/utf8.h"

namespace moerge {
namespace {

class PrometheusCounter : public Counter {
 public:
  explicit PrometheusCounter(prometheus::Counter& counter) : counter_(counter) {}
  void Add(double amount) override { counter_.Increment(amount); }
  double value() const override { return counter_.Value(); }

 private:
  prometheus::Counter& counter_;
};

class PrometheusGauge : public Gauge {
 public:
  explicit PrometheusGauge(prometheus::Gauge& gauge) : gauge_(gauge) {}
  void Set(double value) override { gauge_.Set(value); }
  void Add(double amount) override { gauge_.Increment(amount); }
  double value() const override { return gauge_.Value(); }

 private:
  prometheus::Gauge& gauge_;
};

class PrometheusHistogram : public Histogram {
 public:
  explicit PrometheusHistogram(prometheus::Histogram& histogram) : histogram_(histogram) {}
  void Observe(double value) override { histogram_.Observe(value); }

 private:
  prometheus::Histogram& histogram_;
};

// The library escapes label values but writes help texts as they are.
std::string EscapeHelp(const std::string& help) {
  std::string escaped;
  for (const char c : help) {
    if (c == '\\') {
      escaped += "\\\\";
    } else if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

MetricLabels Repaired(const MetricLabels& labels) {
  MetricLabels repaired = labels;
  for (auto& [name, value] : repaired) value = utf8::Repair(value);
  return repaired;
}

// All series of one kind; what was handed out stays where it is.
template <class Ours, class Theirs>
class Table {
 public:
  template <class Make>
  Ours& Get(const std::string& name, const MetricLabels& labels, Make make) {
    auto& slot = series_[{name, labels}];
    if (!slot) slot = std::make_unique<Ours>(make(Repaired(labels)));
    return *slot;
  }

 private:
  std::map<std::pair<std::string, MetricLabels>, std::unique_ptr<Ours>> series_;
};

Metrics::Point PointOf(const prometheus::ClientMetric& metric, Metrics::Kind kind) {
  Metrics::Point point;
  for (const auto& label : metric.label) point.labels.emplace(label.name, label.value);
  if (kind == Metrics::Kind::kCounter) point.value = metric.counter.value;
  if (kind == Metrics::Kind::kGauge) point.value = metric.gauge.value;
  if (kind != Metrics::Kind::kHistogram) return point;
  point.value = metric.histogram.sample_sum;
  point.count = metric.histogram.sample_count;
  std::uint64_t below = 0;
  for (const auto& bucket : metric.histogram.bucket) {  // their counts are cumulative
    if (std::isfinite(bucket.upper_bound)) point.bounds.push_back(bucket.upper_bound);
    point.bucket_counts.push_back(bucket.cumulative_count - below);
    below = bucket.cumulative_count;
  }
  return point;
}

Metrics::Kind KindOf(prometheus::MetricType type) {
  if (type == prometheus::MetricType::Counter) return Metrics::Kind::kCounter;
  if (type == prometheus::MetricType::Histogram) return Metrics::Kind::kHistogram;
  return Metrics::Kind::kGauge;
}

}  // namespace

struct Metrics::Impl {
  std::mutex mutex;
  prometheus::Registry registry;
  Table<PrometheusCounter, prometheus::Counter> counters;
  Table<PrometheusGauge, prometheus::Gauge> gauges;
  Table<PrometheusHistogram, prometheus::Histogram> histograms;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::GetCounter(const std::string& name, const std::string& help,
                             const MetricLabels& labels) {
  const std::lock_guard lock(impl_->mutex);
  return impl_->counters.Get(
      name, labels, [&](const MetricLabels& repaired) -> prometheus::Counter& {
        auto builder = prometheus::BuildCounter().Name(name).Help(EscapeHelp(help));
        return builder.Register(impl_->registry).Add(repaired);
      });
}

Gauge& Metrics::GetGauge(const std::string& name, const std::string& help,
                         const MetricLabels& labels) {
  const std::lock_guard lock(impl_->mutex);
  return impl_->gauges.Get(name, labels, [&](const MetricLabels& repaired) -> prometheus::Gauge& {
    auto builder = prometheus::BuildGauge().Name(name).Help(EscapeHelp(help));
    return builder.Register(impl_->registry).Add(repaired);
  });
}

Histogram& Metrics::GetHistogram(const std::string& name, const std::string& help,
                                 const std::vector<double>& buckets, const MetricLabels& labels) {
  const std::lock_guard lock(impl_->mutex);
  return impl_->histograms.Get(
      name, labels, [&](const MetricLabels& repaired) -> prometheus::Histogram& {
        auto builder = prometheus::BuildHistogram().Name(name).Help(EscapeHelp(help));
        return builder.Register(impl_->registry).Add(repaired, buckets);
      });
}

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

std::vector<Metrics::Family> Metrics::Collect() const {
  std::vector<Family> families;
  for (const prometheus::MetricFamily& theirs : impl_->registry.Collect()) {
    Family& family = families.emplace_back();
    family.name = theirs.name;
    family.help = theirs.help;
    family.kind = KindOf(theirs.type);
    for (const prometheus::ClientMetric& metric : theirs.metric) {
      family.points.push_back(PointOf(metric, family.kind));
    }
  }
  return families;
}

const std::vector<double>& LatencyBuckets() {
  static const std::vector<double> buckets = {0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01,
                                              0.02,   0.05,   0.1,    0.2,   0.5,   1,     2,
                                              5,      10,     20,     50,    100};
  return buckets;
}

const std::vector<double>& DecisionBuckets() {
  static const std::vector<double> buckets = {
      0.000001, 0.000002, 0.000005, 0.00001, 0.00002, 0.00005, 0.0001, 0.0002,
      0.0005,   0.001,    0.002,    0.005,   0.01,    0.02,    0.05,   0.1};
  return buckets;
}

}  // namespace moerge
