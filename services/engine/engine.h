// What answers requests on one event loop: HTTP client, protocols, gates, the caller of experts,
// signals, orchestrator. Knows nothing of its clients: HTTP, batches and the command
// line.
//
// Owner: the composition root, one per event loop, made before the loop runs or on it and destroyed
// once it has ended. Threads: its loop only; what it shares with others is any thread's, as each
// part's own header says.
#pragma once

#include <functional>
#include <memory>

#include "adapters/gate.h"
#include "adapters/http_client.h"
#include "config/base/random.h"
#include "registry/latency.h"
#include "registry/store_thread.h"
#include "router/router.h"
#include "services/calls/backend_gates.h"
#include "services/calls/backend_trials.h"
#include "services/calls/expert_caller.h"
#include "services/calls/model_turns.h"
#include "services/calls/protocol_set.h"
#include "services/pipeline/orchestrator.h"
#include "services/pipeline/tool_set.h"
#include "services/signals/signal_gatherer.h"
#include "services/verify/verifier_runner.h"

namespace moerge {

// What all engines share; all of it outlives them.
struct EngineShared {
  StoreThread& store;
  Gates& gates;
  const ToolSet& tools;
  SignalShared& signals;
  std::function<RouterPtr()> router;  // the one in force
  LatencyTable& latencies;
  VerifierRunner& verifiers;
  ModelTurns& turns;
};

class Engine {
 public:
  // `shared` need not outlive the call, what it refers to does.
  Engine(const EngineShared& shared, const Executor& loop);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  const Executor& loop() const { return loop_; }
  Random& random() { return random_; }
  Orchestrator& orchestrator() { return orchestrator_; }
  HttpClient& http() { return *http_; }
  // Ends what it asks by itself and waits until it has ended. REQUIRED before the loop ends, if it
  // has run. Any thread but the loop's, while it runs.
  void Stop();

 private:
  Executor loop_;
  Random random_;
  std::unique_ptr<HttpClient> http_;
  ProtocolSet protocols_;
  BackendGates gates_;
  ExpertCaller caller_;
  BackendTrials trials_;
  SignalGatherer signals_;
  Orchestrator orchestrator_;
};

}  // namespace moerge
