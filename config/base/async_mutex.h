// A mutex among coroutines of one loop: held by one at a time, also while that one is suspended.
// Not fair: whoever waits tries again when it is released. Costs nothing while nobody waits.
// Owner: outlives every coroutine that waits. Threads: that loop only.
#pragma once

#include <optional>
#include <utility>

#include "config/base/event.h"

namespace moerge {

class AsyncMutex {
 public:
  bool locked() const { return locked_; }

  // Waits until this coroutine holds it. Where TryLock succeeds there is nothing to wait for.
  Task<void> Lock() {
    while (!TryLock()) {
      if (!released_) released_.emplace(co_await ThisLoop());
      released_->Reset();
      co_await released_->Wait();
    }
  }
  bool TryLock() { return !std::exchange(locked_, true); }
  // REQUIRES: the caller holds it.
  void Unlock() {
    locked_ = false;
    if (released_) released_->Set();
  }

 private:
  bool locked_ = false;
  std::optional<Event> released_;
};

}  // namespace moerge
