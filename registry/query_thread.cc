#include "registry/query_thread.h"

#include <chrono>
#include <utility>

namespace moerge {
namespace {

// What a first question may have to wait; some gigabytes a second are looked through.
constexpr std::chrono::milliseconds kCheckBudget{2000};

}  // namespace

QueryThread::QueryThread(std::unique_ptr<StoreReader> reader, StoreHealth& health,
                         std::size_t capacity)
    : reader_(std::move(reader)), health_(health), capacity_(capacity) {
  thread_ = std::thread([this] { Loop(); });
}

QueryThread::~QueryThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool QueryThread::Post(Query query) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queries_.size() >= capacity_) return false;
    queries_.push_back(std::move(query));
  }
  wake_.notify_one();
  return true;
}

void QueryThread::Loop() {
  health_.Set(StoreHealth::Part::kFile, reader_->CheckFile(kCheckBudget));
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queries_.empty(); });
    if (queries_.empty()) return;
    const Query query = std::move(queries_.front());
    queries_.pop_front();
    lock.unlock();
    query(reader_->decisions());
    lock.lock();
  }
}

}  // namespace moerge
