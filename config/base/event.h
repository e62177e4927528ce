// A flag that coroutines of one loop wait for, with or without a deadline. Outlives everyone that
// waits. Threads: that loop only.
#pragma once

#include <cstdint>

#include "config/base/deadline.h"
#include "config/base/task.h"

namespace moerge {

class Event {
 public:
  explicit Event(const Executor& executor);

  // Wakes everyone that waits, also if Reset() follows before they run; a Wait that starts later
  // returns at once until Reset().
  void Set();
  void Reset() { set_ = false; }
  bool IsSet() const { return set_; }

  Task<void> Wait();
  // False: the deadline passed first.
  Task<bool> WaitUntil(Deadline deadline);

 private:
  bool set_ = false;
  std::uint64_t times_set_ = 0;
  SteadyTimer timer_;
};

}  // namespace moerge
