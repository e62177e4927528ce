#include "adapters/breaker_gauges.h"

#include <chrono>

namespace moerge {
namespace {

// Of a moment of the steady clock.
double SecondsSince1970(Breaker::Clock::time_point when) {
  const auto ago = Breaker::Clock::now() - when;
  const auto wall = std::chrono::system_clock::now().time_since_epoch() - ago;
  return std::chrono::duration<double>(wall).count();
}

}  // namespace

void BreakerGauges::Pair::Show(const Breaker* breaker) const {
  const bool is_open = breaker != nullptr && breaker->open();
  open.Set(is_open ? 1 : 0);
  since.Set(is_open ? SecondsSince1970(breaker->since()) : 0);
}

BreakerGauges::BreakerGauges(Metrics& metrics, const std::string& backend)
    : metrics_(metrics),
      backend_(backend),
      whole_{metrics.GetGauge("moerge_backend_breaker_open",
                              "1 while other experts are preferred, as most of its requests fail.",
                              {{"backend", backend}}),
             metrics.GetGauge("moerge_backend_breaker_open_since_seconds",
                              "When that began, in seconds since 1970; 0: it is closed.",
                              {{"backend", backend}})} {}

void BreakerGauges::Show(const BackendHealth& health) {
  whole_.Show(&health.backend());
  for (const auto& [model, breaker] : health.models()) {
    if (!breaker.open() || models_.contains(model)) continue;
    const MetricLabels labels{{"backend", backend_}, {"model", model}};
    Gauge& open =
        metrics_.GetGauge("moerge_backend_model_breaker_open",
                          "1 while other experts are preferred to those with this model of "
                          "several, as most of its requests fail.",
                          labels);
    Gauge& since =
        metrics_.GetGauge("moerge_backend_model_breaker_open_since_seconds",
                          "When that began, in seconds since 1970; 0: it is closed.", labels);
    models_.emplace(model, Pair{open, since});
  }
  for (const auto& [model, gauges] : models_) {
    const auto found = health.models().find(model);
    gauges.Show(found == health.models().end() ? nullptr : &found->second);
  }
}

}  // namespace moerge
