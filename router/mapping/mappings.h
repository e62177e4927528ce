// The mappings of one snapshot, each solved once: when the snapshot comes for the policies it
// holds, and at the first use for others. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <tuple>

#include "router/mapping/mapping.h"

namespace moerge {

// A mapping, or why there is none.
using MappingPtr = std::shared_ptr<const Result<Mapping>>;

class Mappings {
 public:
  // Both must outlive the object. `latency_ms`: by expert, 0 where unknown.
  Mappings(const Competence& competence, const std::vector<float>& latency_ms);

  MappingPtr For(const Policy& policy) const;

 private:
  using Key = std::tuple<CostMeasure, double, bool>;
  static constexpr std::size_t kMost = 64;  // kept; beyond it all are dropped

  const Competence& competence_;
  const std::vector<float>& latency_ms_;
  mutable std::mutex mutex_;
  mutable std::map<Key, MappingPtr> solved_;
};

}  // namespace moerge
