// One piece of long work at a time on a thread of its own, so that neither an event loop nor the
// store thread waits for it.
//
// Owner: the composition root. Any thread may call, but Join and the destructor not from a job.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

namespace moerge {

class BackgroundWorker {
 public:
  BackgroundWorker() = default;
  ~BackgroundWorker() { Join(); }
  BackgroundWorker(const BackgroundWorker&) = delete;
  BackgroundWorker& operator=(const BackgroundWorker&) = delete;

  // False: another job is under way; this one was not taken. `job` must own what it uses. `then`
  // runs after it and must be short; the next job may start by then: a caller notified of
  // completion can submit the next job immediately.
  [[nodiscard]] bool TryRun(std::function<void()> job, std::function<void()> then = {});
  // Waits for the job under way, if there is one.
  void Join();

 private:
  std::mutex mutex_;  // guards thread_
  std::thread thread_;
  std::atomic<bool> busy_ = false;
};

}  // namespace moerge
