// What handlers share: ApiShared once per server, ApiContext once per event loop.
//
// Owner: the composition root owns everything ApiShared refers to, the ApiShared itself and the
// engines, all of it for longer than the server runs; the handler of an event loop owns its
// ApiContext.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "adapters/gate.h"
#include "config/base/metrics.h"
#include "config/config.h"
#include "registry/latency.h"
#include "registry/registry.h"
#include "registry/store_thread.h"
#include "router/router.h"
#include "services/access/access_state.h"
#include "services/background_worker.h"
#include "services/engine/engine.h"
#include "services/live/live_feed.h"
#include "services/pipeline/tool_set.h"
#include "services/telemetry/telemetry.h"
#include "services/verify/verifier_runner.h"
#include "services/watch/success_watch.h"
#include "services/work_pool.h"

namespace moerge::api {

// The configuration in force; a reload replaces it. Any thread.
class LiveConfig {
 public:
  explicit LiveConfig(Config config) : config_(std::make_shared<const Config>(std::move(config))) {}

  std::shared_ptr<const Config> Current() const {
    const std::lock_guard lock(mutex_);
    return config_;
  }
  void Set(Config config) {
    auto fresh = std::make_shared<const Config>(std::move(config));
    const std::lock_guard lock(mutex_);
    config_.swap(fresh);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Config> config_;
};

class FeedbackIntake;
struct Jobs;  // jobs.h

// Any thread may use each of these as its own header says.
struct ApiShared {
  Registry& registry;
  StoreThread& store;
  Gates& gates;
  Metrics& metrics;
  const ToolSet& tools;
  LiveConfig& config;
  SignalShared& signals;
  std::function<RouterPtr()> router;  // RouterFactory::Current
  std::function<bool()> trained;      // RouterFactory::IsTrained
  // Reloads the configuration file and puts it in force; returns the new revision. Blocking.
  std::function<Result<std::uint64_t>(const ChangeAuthor&)> reload;
  BackgroundWorker& worker;
  LatencyTable& latencies;
  VerifierRunner& verifiers;
  std::shared_ptr<FeedbackIntake> feedback;
  const ModelTurns& turns;
  WorkPool& pool;
  Jobs& jobs;
  Telemetry& telemetry;
  SuccessWatch& watch;
  std::shared_ptr<AccessState> access = std::make_shared<AccessState>();
  std::shared_ptr<LiveFeed> live = std::make_shared<LiveFeed>();
};

class RequestMetrics;

// Threads: its event loop only.
class ApiContext {
 public:
  // Both outlive the context.
  ApiContext(const ApiShared& shared, Engine& engine);
  ~ApiContext();
  ApiContext(const ApiContext&) = delete;
  ApiContext& operator=(const ApiContext&) = delete;

  const ApiShared& shared() const { return shared_; }
  Engine& engine() { return engine_; }
  const Executor& loop() const { return engine_.loop(); }
  RequestMetrics& metrics() { return *metrics_; }
  LiveFeed::Counts& counts() { return *counts_; }

 private:
  const ApiShared& shared_;
  Engine& engine_;
  std::unique_ptr<RequestMetrics> metrics_;
  std::shared_ptr<LiveFeed::Counts> counts_;
};

}  // namespace moerge::api
