// One timer for all transfers of an event loop. Moving a deadline is a store; the timer is re-armed
// only when a deadline comes before the one it waits for, so that a busy loop hardly ever touches
// it.
//
// Owner: an HTTP client. Threads: its loop only. Resolution: 2 ms.
#pragma once

#include <memory>

#include "config/base/deadline.h"
#include "config/base/task.h"

namespace moerge {

class DeadlineWatch {
 public:
  using Clock = Deadline::Clock;

  // Something that must be over by a time. Leaves the watch when destroyed.
  class Entry {
   public:
    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    virtual ~Entry() { Leave(); }
    // Called once per deadline set, on the loop. May destroy this and other entries.
    virtual void OnDue() = 0;
    void Leave();

   private:
    friend class DeadlineWatch;
    DeadlineWatch* watch_ = nullptr;
    Entry* previous_ = nullptr;
    Entry* next_ = nullptr;
    Clock::time_point due_ = Clock::time_point::max();
  };

  explicit DeadlineWatch(const Executor& executor);
  ~DeadlineWatch();
  DeadlineWatch(const DeadlineWatch&) = delete;
  DeadlineWatch& operator=(const DeadlineWatch&) = delete;

  // Adds the entry if it is not there. REQUIRES: the watch outlives it, or it leaves before.
  void Set(Entry& entry, Clock::time_point due);

 private:
  void Arm(Clock::time_point due);
  void Fire();

  SteadyTimer timer_;
  Clock::time_point armed_ = Clock::time_point::max();
  Entry* first_ = nullptr;
  Entry* cursor_ = nullptr;               // the next entry that Fire looks at
  std::shared_ptr<DeadlineWatch*> self_;  // null once destroyed, for handlers already queued
};

}  // namespace moerge
