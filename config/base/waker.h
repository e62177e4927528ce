// A place where one coroutine waits for another part of its loop to wake it. Cheaper than Event: no
// timer behind it. Owner: whoever wakes; it may be moved while somebody waits. Threads: one loop
// only.
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

  class Awaiter {
   public:
    explicit Awaiter(Resumption& waiter) : waiter_(waiter) {}

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> leaf) {
      waiter_ = Resumption(leaf, leaf.promise().root);
    }
    void await_resume() const noexcept {}

   private:
    Resumption& waiter_;
  };

  // co_await Wait() suspends until Wake().
  Awaiter Wait() { return Awaiter(waiter_); }

  // Resumes the waiter before it returns; does nothing if there is none.
  void Wake() {
    if (Resumption waiter = std::move(waiter_)) waiter();
  }

 private:
  Resumption waiter_;
};

}  // namespace moerge
