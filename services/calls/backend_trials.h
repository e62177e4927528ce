// Finds out whether a backend or a model that is avoided is well again, at no client's cost: a
// request that another expert has answered is asked of it too, beside what clients ask, and what it
// says is thrown away. So a black hole may stay one for as long as it likes.
//
// When a trial is due, and what follows of its end, is the breaker's (adapters/breaker.h).
// Owner: the Engine, one per event loop. Threads: that loop, but for what says otherwise.
#pragma once

#include "config/base/cancellation.h"
#include "config/base/task_group.h"
#include "services/calls/expert_caller.h"

namespace moerge {

class BackendTrials {
 public:
  // `caller` outlives it.
  BackendTrials(ExpertCaller& caller, const Executor& loop) : caller_(caller), tasks_(loop) {}
  BackendTrials(const BackendTrials&) = delete;
  BackendTrials& operator=(const BackendTrials&) = delete;

  // Whether clients are to be spared this expert, since its backend or its model fails and is tried
  // here. Not one whose model has to be loaded for it: that is decided by what clients wait for.
  bool Spares(const ExpertEntry& expert) const;

  // `call`, which another expert has answered, asked of its own one if a trial is due there. It is
  // nobody's: no ceiling, no account, no deadline of a client's.
  void Try(ExpertCall call);

  // Aborts those under way; none begins any more.
  void Stop() { stop_.Cancel(); }
  // Until all have ended. REQUIRED, after Stop, before the caller is destroyed.
  Task<void> Join() { return tasks_.Join(); }

 private:
  Task<void> Run(ExpertCall call);

  ExpertCaller& caller_;
  TaskGroup tasks_;
  Cancellation stop_;
};

}  // namespace moerge
