// What metrics say of the breakers of one backend. Owner: its gate. Not thread-safe; its owner
// locks.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "adapters/backend_health.h"
#include "config/base/metrics.h"

namespace moerge {

class BreakerGauges {
 public:
  // `metrics` outlives it.
  BreakerGauges(Metrics& metrics, const std::string& backend);

  // After anything that may have opened or closed one. Models have series once they were avoided.
  void Show(const BackendHealth& health);

 private:
  struct Pair {
    Gauge& open;
    Gauge& since;

    void Show(const Breaker* breaker) const;
  };

  Metrics& metrics_;
  const std::string backend_;
  const Pair whole_;
  std::map<std::string, Pair, std::less<>> models_;
};

}  // namespace moerge
