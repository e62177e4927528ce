#include "services/memory_trimmer.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <fstream>
#include <utility>

#include "config/base/task_frames.h"

namespace moerge {
namespace {

constexpr std::chrono::seconds kPeriod{5};
constexpr std::chrono::milliseconds kMoment{200};  // in which loops free what they keep
constexpr std::size_t kWorthIt = 8 << 20;

MemoryUse UseNow() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  file >> all >> resident;
  if (!file) return {};
  const struct mallinfo2 heap = mallinfo2();
  return {resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)), heap.uordblks + heap.hblkhd};
}

constexpr int kMappedFrom = 4 << 20;  // bytes: a block of its own, which goes back when it is freed
constexpr int kMostAtTheEnd = 2 << 20;  // bytes: taking so much back costs far less than parsing it

}  // namespace

void BoundFreeMemory() {
  mallopt(M_MMAP_THRESHOLD, kMappedFrom);
  mallopt(M_TRIM_THRESHOLD, kMostAtTheEnd);
}

bool TrimRule::IsDue(MemoryUse use) {
  const std::size_t before = std::exchange(allocated_, use.allocated);
  const std::size_t slack = Slack(use);
  least_ = std::min(least_, slack);
  const bool rests =
      std::max(before, use.allocated) - std::min(before, use.allocated) <= use.allocated / 20;
  return rests && slack > (trimmed_ ? least_ + least_ / 4 + kWorthIt : 0);
}

MemoryTrimmer::MemoryTrimmer(std::vector<Executor> loops)
    : loops_(std::move(loops)), thread_([this] { Run(); }) {}

MemoryTrimmer::~MemoryTrimmer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void MemoryTrimmer::Run() {
  TrimRule rule;
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, kPeriod, [this] { return stopping_; })) {
    if (!rule.IsDue(UseNow())) continue;
    for (const Executor& loop : loops_) boost::asio::post(loop, LetFramesGo);
    if (stop_.wait_for(lock, kMoment, [this] { return stopping_; })) return;
    malloc_trim(0);
    rule.Trimmed(UseNow());
  }
}

}  // namespace moerge
