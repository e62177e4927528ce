// A place where one coroutine waits for another part of its loop to wake it. Cheaper than Event: no
// timer behind it. Owner: the part that wakes; may be moved while a coroutine waits. Threads: one
// loop only.
//
// REQUIRES: at most one waiter at a time, and none left when the Waker is destroyed, unless its
// loop is gone.
#pragma once

#include <utility>

#include "config/base/task.h"

namespace moerge {

class Waker {
 public:
  bool waiting() const { return static_cast<bool>(waiter_); }

  // co_await Wait() suspends until Wake().
  Suspend<Waker> Wait() { return Suspend<Waker>(*this); }

  // Resumes the waiter before it returns; does nothing if there is none.
  void Wake() {
    if (Resumption waiter = std::move(waiter_)) waiter();
  }

 private:
  friend class Suspend<Waker>;
  void operator()(Resumption waiter) { waiter_ = std::move(waiter); }

  Resumption waiter_;
};

}  // namespace moerge
