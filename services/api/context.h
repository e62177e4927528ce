// What handlers share: ApiShared once per server, ApiContext once per event loop.
//
// Owner: the composition root owns everything ApiShared refers to and the ApiShared itself, all of
// it for longer than the server runs; the handler of an event loop owns its ApiContext.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "adapters/gate.h"
#include "adapters/http_client.h"
#include "config/base/metrics.h"
#include "config/base/random.h"
#include "config/config.h"
#include "registry/latency.h"
#include "registry/registry.h"
#include "registry/store_thread.h"
#include "router/router.h"
#include "services/background_worker.h"
#include "services/pipeline/backend_gates.h"
#include "services/pipeline/orchestrator.h"
#include "services/pipeline/protocol_set.h"
#include "services/pipeline/tool_set.h"
#include "services/signals/signal_gatherer.h"
#include "services/verify/verifier_runner.h"

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
  std::function<Result<std::uint64_t>()> reload;
  BackgroundWorker& worker;
  LatencyTable& latencies;
  VerifierRunner& verifiers;
  std::shared_ptr<FeedbackIntake> feedback;
};

class RequestMetrics;

// Threads: its event loop only.
class ApiContext {
 public:
  // `protocols` speak through `http`, which may be null if they speak through nothing.
  ApiContext(const ApiShared& shared, const Executor& loop, std::unique_ptr<HttpClient> http,
             ProtocolSet protocols);
  ~ApiContext();
  ApiContext(const ApiContext&) = delete;
  ApiContext& operator=(const ApiContext&) = delete;

  // What a server uses.
  static std::unique_ptr<ApiContext> Make(const ApiShared& shared, const Executor& loop);

  const ApiShared& shared() const { return shared_; }
  const Executor& loop() const { return loop_; }
  Random& random() { return random_; }
  HttpClient* http() { return http_.get(); }
  ProtocolSet& protocols() { return protocols_; }
  BackendGates& gates() { return gates_; }
  SignalGatherer& signals() { return signals_; }
  Orchestrator& orchestrator() { return orchestrator_; }
  RequestMetrics& metrics() { return *metrics_; }

 private:
  const ApiShared& shared_;
  Executor loop_;
  Random random_;
  std::unique_ptr<HttpClient> http_;
  ProtocolSet protocols_;
  BackendGates gates_;
  SignalGatherer signals_;
  Orchestrator orchestrator_;
  std::unique_ptr<RequestMetrics> metrics_;
};

}  // namespace moerge::api
