// Works off the jobs of one kind that are open, one at a time and oldest first: claims each by
// lease, and leaves one that cannot go on to the others for a while.
//
// Owner: a runner of that kind. Threads: Start, Stop and the destructor from its owner's thread;
// Wake from any. What runs, runs on `loop`.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "config/base/task.h"
#include "registry/store_thread.h"

namespace moerge {

// The work on one job, from its claim to its end. Threads: the loop's.
class JobWork {
 public:
  virtual ~JobWork() = default;
  // False: it could not go on, and is to be tried again later.
  virtual Task<bool> Run() = 0;
  // The process ends: the job is given back as it stands.
  virtual void Stop() = 0;
};

class JobLoop {
 public:
  struct Parts {
    StoreThread& store;
    Executor loop;
    std::string kind;  // of job
    std::string what;  // its jobs, for people: "batches"
    std::chrono::milliseconds poll{1000};
    // Begins the work on a job that was claimed.
    std::function<std::unique_ptr<JobWork>(JobRecord)> begin;
    // Done before each look for work; null: nothing.
    std::function<Task<void>()> before = nullptr;
  };
  explicit JobLoop(Parts parts);
  ~JobLoop();  // stops
  JobLoop(const JobLoop&) = delete;
  JobLoop& operator=(const JobLoop&) = delete;

  void Start();
  // There may be work.
  void Wake();
  // Ends what is under way. REQUIRES: the loop runs.
  void Stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace moerge
