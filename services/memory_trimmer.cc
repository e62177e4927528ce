#include "services/memory_trimmer.h"

#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

namespace moerge {
namespace {

constexpr std::chrono::seconds kPeriod{5};
constexpr std::size_t kWorthIt = 8 << 20;

// Bytes of this process that are in memory; 0: unknown.
std::size_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  file >> all >> resident;
  return file ? resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace

bool TrimRule::IsDue(std::size_t resident) {
  const std::size_t before = latest_;
  latest_ = resident;
  if (least_ == 0 || resident < least_) least_ = resident;
  const bool grows = resident > before + before / 50;
  return !grows && resident > least_ + least_ / 5 + kWorthIt;
}

MemoryTrimmer::MemoryTrimmer() : thread_([this] { Run(); }) {}

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
    if (!rule.IsDue(ResidentBytes())) continue;
    malloc_trim(0);
    rule.Trimmed(ResidentBytes());
  }
}

}  // namespace moerge
