// Whether the store can be used, and if not, why: for /health, metrics and the log. Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "config/base/metrics.h"
#include "config/base/result.h"

namespace moerge {

class StoreHealth {
 public:
  enum class Part { kRegistry, kDecisions, kFile };
  static constexpr std::size_t kParts = 3;

  // Makes the gauges moerge_store_ok, one a part: 1 until something is wrong.
  explicit StoreHealth(Metrics& metrics);

  // What was just found. A change is said in the log.
  void Set(Part part, const Status& status);
  // Why this part cannot be used; empty: it can.
  std::string Why(Part part) const;
  // The first part that cannot be used, as a word: "registry", "decisions", "file"; empty: all can.
  std::string_view Failing() const;

 private:
  std::array<Gauge*, kParts> gauges_{};
  mutable std::mutex mutex_;
  std::array<std::string, kParts> why_;  // guarded by mutex_
};

}  // namespace moerge
