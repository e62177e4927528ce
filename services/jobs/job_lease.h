// The lease of a job that is worked on: renewed by a beat beside the work, which keeps how far it
// is and learns what is wished of it.
//
// Owner: the work on the job. Threads: its loop.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "config/base/event.h"
#include "config/base/result.h"
#include "config/base/task.h"
#include "config/base/task_group.h"
#include "registry/store_thread.h"

namespace moerge {

// What keeps a job from going on now may be well the next time.
bool MayPass(const Error& error);

class JobLease {
 public:
  // Whoever holds it says so at least three times as often.
  static constexpr std::chrono::seconds kLease{10};

  // Of a job that was claimed for its owner. `store` outlives it; `poll` is between two beats.
  JobLease(StoreThread& store, const Executor& loop, JobRecord record,
           std::chrono::milliseconds poll);
  JobLease(const JobLease&) = delete;
  JobLease& operator=(const JobLease&) = delete;

  const std::string& id() const { return record_.id; }
  // As it was claimed, or kept last.
  const JobRecord& record() const { return record_; }

  // What Keep learns.
  enum class Wish { kNone, kCancel, kLost };  // kLost: somebody else has it, nothing was kept
  // What the work knows of the job from now on: its state, whether it is open, and the rest.
  struct Kept {
    std::string state;
    bool open = true;
    std::string json;
  };
  // `lease` 0 gives it back, for whoever comes next. Errors: the store's.
  Task<Result<Wish>> Keep(Kept kept, std::chrono::seconds lease = kLease);

  // From now on `beat` is done every so often, until End returns. It keeps the job; its errors are
  // logged. `what` is the job's kind, for people: "a batch". Once.
  void Begin(std::string what, std::function<Task<Status>()> beat);
  // REQUIRED, if it was begun, before it is destroyed.
  Task<void> End();

 private:
  Task<void> Beat(std::string what, std::function<Task<Status>()> beat);

  StoreThread& store_;
  JobRecord record_;
  const std::chrono::milliseconds poll_;
  bool working_ = true;
  Event ending_;
  TaskGroup beats_;
};

}  // namespace moerge
