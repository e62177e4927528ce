// Asks the outside what a policy wants to know before it routes, within the deadlines that the
// policy sets. Never fails: what does not come is noted, and routing goes on without it.
//
// Owner: the event loop's ApiContext. Threads: that loop only.
#pragma once

#include "adapters/http_client.h"
#include "config/base/task.h"
#include "router/router.h"
#include "router/signals.h"
#include "services/pipeline/chat_request.h"
#include "services/signals/signal_shared.h"

namespace moerge {

// One request to be routed. Everything outlives the gathering.
struct SignalTask {
  const ChatRequest& request;
  const Policy& policy;
  const Router& router;
};

class SignalGatherer {
 public:
  explicit SignalGatherer(SignalShared& shared) : shared_(shared) {}

  // Whether there is anything to gather; if not, nothing is spent.
  static bool Wants(const ChatRequest& request, const Policy& policy) {
    return request.ask_signals && WantedSignals(policy).any();
  }
  Task<SignalsPtr> Gather(const SignalTask& task, const CallScope& scope);

  // Remembers who answered, for a policy with sticky sessions.
  void Answered(const ChatRequest& request, const Policy& policy, const ExpertEntry& expert);

 private:
  void FindSession(const SignalTask& task, Signals* signals);

  SignalShared& shared_;
};

}  // namespace moerge
