// Several coroutines side by side on one loop, and somebody who waits for them. Threads: that loop.
#pragma once

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
  Task<void> Run(Task<void> task) {
    co_await std::move(task);
    --running_;
    changed_.Set();
  }

  Executor executor_;
  Event changed_;
  int running_ = 0;
};

}  // namespace moerge
