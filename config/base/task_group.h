// Several coroutines side by side on one loop, and another that waits for them. A task that throws
// has ended like any other; the exception is logged with its name. Threads: that loop.
#pragma once

#include <exception>
#include <string_view>
#include <utility>

#include "config/base/event.h"

namespace moerge {

class TaskGroup {
 public:
  explicit TaskGroup(const Executor& executor) : executor_(executor), changed_(executor) {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // What the task refers to, the group among it, outlives it: see Join.
  void Start(std::string_view name, Task<void> task) {
    ++running_;
    Spawn(executor_, name, Run(std::move(task)));
  }
  int running() const { return running_; }

  // Until one more has ended; false: the deadline passed first.
  Task<bool> AwaitOne(Deadline deadline) {
    changed_.Reset();
    co_return co_await changed_.WaitUntil(deadline);
  }
  // Until all have ended. REQUIRED before the group is destroyed.
  Task<void> Join() {
    while (running_ > 0) {
      changed_.Reset();
      co_await changed_.Wait();
    }
  }

 private:
  // Not counted down by a destructor: a frame that goes because the loop ended may outlive the
  // group.
  Task<void> Run(Task<void> task) {
    std::exception_ptr failure;
    try {
      co_await std::move(task);
    } catch (...) {
      failure = std::current_exception();
    }
    --running_;
    changed_.Set();
    if (failure) std::rethrow_exception(failure);
  }

  Executor executor_;
  Event changed_;
  int running_ = 0;
};

}  // namespace moerge
