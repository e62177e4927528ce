// The gates of all backends as one event loop sees them: looked up without a lock after the first
// time, and the router's view of which backends are healthy and how long experts take.
// Owner: the loop's Engine. Threads: that loop only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "adapters/gate.h"
#include "registry/latency.h"
#include "router/router.h"
#include "services/calls/model_turns.h"

namespace moerge {

class BackendGates final : public Health {
 public:
  // `latencies` may be null: nothing is measured.
  // `turns` may be null: all models are loaded.
  explicit BackendGates(Gates& gates, const LatencyTable* latencies = nullptr,
                        const ModelTurns* turns = nullptr)
      : gates_(gates), latencies_(latencies), turns_(turns) {}

  Gate& For(std::string_view backend) const {
    const auto found = known_.find(backend);
    if (found != known_.end()) return *found->second;
    return *known_.emplace(std::string(backend), gates_.For(backend)).first->second;
  }

  RetryBudget& budget() const { return gates_.budget(); }
  ContextMemory& contexts() const { return gates_.contexts(); }
  bool Healthy(std::string_view backend) const override { return For(backend).Healthy(); }
  bool HealthyModelOf(const ExpertEntry& expert) const override {
    return For(expert.backend->name).Healthy(expert.spec.model);
  }
  Latency MeasuredLatency(ExpertId expert) const override {
    return latencies_ == nullptr ? Latency{} : latencies_->Typical(expert);
  }
  float LoadWaitMs(const ExpertEntry& expert) const override {
    const bool waits =
        turns_ != nullptr && expert.backend != nullptr && ModelTurns::Manages(expert);
    return waits ? turns_->ExpectedWaitMs(*expert.backend, expert.spec.model) : 0;
  }

 private:
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const {
      return std::hash<std::string_view>{}(name);
    }
  };
  Gates& gates_;
  const LatencyTable* latencies_;
  const ModelTurns* turns_;
  mutable std::unordered_map<std::string, std::shared_ptr<Gate>, NameHash, std::equal_to<>> known_;
};

}  // namespace moerge
