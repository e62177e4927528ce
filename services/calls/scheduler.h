// When a call may go: which of several comes first, what its expert needs before. Pure decisions:
// no clock, no I/O; the ExpertCaller acts on them, and the backend's gate bounds what goes at once.
//
// Owner: the composition root. Any thread may call.
#pragma once

#include <chrono>

#include "config/base/deadline.h"
#include "config/entities.h"
#include "services/calls/expert_call.h"

namespace moerge {

class Scheduler {
 public:
  using Clock = std::chrono::steady_clock;

  struct Wish {
    const Expert& expert;
    const Backend& backend;
    CallClass call_class;
    Deadline deadline;
  };

  virtual ~Scheduler() = default;
  // How long the call waits before this is asked again; zero: it goes to its backend's gate.
  virtual Clock::duration Wait(const Wish& wish, Clock::time_point now) const = 0;
};

// Every call goes at once.
class GoAtOnce final : public Scheduler {
 public:
  Clock::duration Wait(const Wish&, Clock::time_point) const override {
    return Clock::duration::zero();
  }
};

}  // namespace moerge
