// The thread for what jobs do with files, so that no event loop waits for a disk. One job after the
// other, in the order of being posted. Owner: the composition root. Any thread may post.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "config/base/result.h"
#include "config/base/task.h"
#include "services/api/store_call.h"

namespace moerge {

class JobThread {
 public:
  JobThread();
  ~JobThread();  // does what was posted, then stops
  JobThread(const JobThread&) = delete;
  JobThread& operator=(const JobThread&) = delete;

  void Post(std::function<void()> work);

  // Runs `work` there and waits for it on the caller's loop. It must own what it uses.
  template <class T>
  Task<Result<T>> Do(std::function<Result<T>()> work) {
    const Executor loop = co_await ThisLoop();
    const auto handover = std::make_shared<api::Handover<T>>(loop);
    Post([handover, work = std::move(work)] { api::Handover<T>::Give(handover, work()); });
    co_return co_await handover->Take();
  }

 private:
  void Loop();

  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<std::function<void()>> posted_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace moerge
