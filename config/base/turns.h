// One at a time among coroutines of one loop: who takes the turn has it until it gives it back,
// also while it is suspended; the others wait. Fair only in so far as everyone that waits tries
// again. Owner: outlives everyone that waits. Threads: that loop only. Free of cost while nobody
// waits.
#pragma once

#include <optional>
#include <utility>

#include "config/base/event.h"

namespace moerge {

class Turns {
 public:
  bool taken() const { return taken_; }

  // Until it is this coroutine's turn. While `taken` is false there is nothing to wait for: it may
  // be taken with TryTake.
  Task<void> Take() {
    while (!TryTake()) {
      if (!given_) given_.emplace(co_await ThisLoop());
      given_->Reset();
      co_await given_->Wait();
    }
  }
  bool TryTake() { return !std::exchange(taken_, true); }
  // REQUIRES: the caller has the turn.
  void Give() {
    taken_ = false;
    if (given_) given_->Set();
  }

 private:
  bool taken_ = false;
  std::optional<Event> given_;
};

}  // namespace moerge
