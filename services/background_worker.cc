#include "services/background_worker.h"

#include <utility>

namespace moerge {

bool BackgroundWorker::TryRun(std::function<void()> job, std::function<void()> then) {
  if (busy_.exchange(true)) return false;
  const std::lock_guard lock(mutex_);
  if (thread_.joinable()) thread_.join();  // its job is done, or nearly
  thread_ = std::thread([this, job = std::move(job), then = std::move(then)]() mutable {
    job();
    job = nullptr;  // what it owns goes before the next one may begin
    busy_ = false;
    if (then) then();
  });
  return true;
}

void BackgroundWorker::Join() {
  const std::lock_guard lock(mutex_);
  if (thread_.joinable()) thread_.join();
}

}  // namespace moerge
