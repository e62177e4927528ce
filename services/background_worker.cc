#include "services/background_worker.h"

#include <utility>

namespace moerge {

bool BackgroundWorker::TryRun(std::function<void()> job) {
  if (busy_.exchange(true)) return false;
  const std::lock_guard lock(mutex_);
  if (thread_.joinable()) thread_.join();  // its job is done
  thread_ = std::thread([this, job = std::move(job)]() mutable {
    job();
    job = nullptr;  // what it owns goes before the next one may begin
    busy_ = false;
  });
  return true;
}

void BackgroundWorker::Join() {
  const std::lock_guard lock(mutex_);
  if (thread_.joinable()) thread_.join();
}

}  // namespace moerge
