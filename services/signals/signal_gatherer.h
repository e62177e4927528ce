// Asks the outside what a policy wants to know before it routes, within the deadlines that the
// policy sets. Never fails: what does not come is noted, and routing goes on without it.
//
// Owner: the event loop's Engine. Threads: that loop only.
#pragma once

#include "services/signals/signal_task.h"

namespace moerge {

class SignalGatherer {
 public:
  // All of them outlive the gatherer.
  SignalGatherer(ExpertCaller& caller, StoreThread& store, SignalShared& shared)
      : caller_(caller), tools_{caller_, store, shared} {}
  SignalGatherer(const SignalGatherer&) = delete;
  SignalGatherer& operator=(const SignalGatherer&) = delete;

  // Whether there is anything to gather; if not, nothing is spent.
  static bool Wants(const ChatRequest& request, const Policy& policy) {
    return request.assignment != nullptr || (request.ask_signals && WantedSignals(policy).any());
  }
  Task<SignalsPtr> Gather(const SignalTask& task);

  // What routing reads of the signals that a kept decision brings: the head they belong to.
  void Complete(const Policy& policy, Signals* signals) const;
  // Counts who is asked, for a policy that balances.
  void Asked(const ChatRequest& request, const Policy& policy, const Snapshot& snapshot,
             const Decision& decision);
  // Remembers which expert answered, for a policy with sticky sessions.
  void Answered(const ChatRequest& request, const Policy& policy, const ExpertEntry& expert);

 private:
  void FindSession(const SignalTask& task, Signals* signals);
  void FindShares(const SignalTask& task, Signals* signals);
  void Count(const SignalCall& call);

  SignalCaller caller_;
  SignalTools tools_;
};

}  // namespace moerge
