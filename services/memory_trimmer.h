// Gives back to the system what malloc keeps after a burst: without it, memory that 1,500 bodies
// needed for a moment stays resident for ever.
//
// Owner: the composition root. Runs a thread that looks every 5 s; trimming takes locks of malloc
// for some milliseconds, so it waits until the burst is over. Loops free what they keep for
// themselves first. Without effect where malloc is not glibc's.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "config/base/task.h"

namespace moerge {

// Has free memory at the end of every thread's heap go back at once where it is more than a little.
// By itself glibc keeps up to 64 MB there, after one large block was freed, and malloc_trim leaves
// it: a server that has trained its router held 12 MB for ever. For the whole process; before
// threads are started.
void BoundFreeMemory();

// Bytes at a moment.
struct MemoryUse {
  std::size_t resident = 0;
  std::size_t allocated = 0;  // from malloc
};

// When to trim: once what is allocated has come to rest, the first time and then where more of what
// is resident is not allocated than the least seen or left by a trim, by a quarter and 8 MB. (What
// the first look sees may be a burst's.) Pure.
class TrimRule {
 public:
  // As seen at regular times.
  bool IsDue(MemoryUse use);
  void Trimmed(MemoryUse use) {
    least_ = Slack(use);
    trimmed_ = true;
  }

 private:
  static std::size_t Slack(MemoryUse use) {
    return use.resident > use.allocated ? use.resident - use.allocated : 0;
  }
  std::size_t least_ = SIZE_MAX;
  std::size_t allocated_ = 0;  // at the last look
  bool trimmed_ = false;
};

class MemoryTrimmer {
 public:
  // The loops outlive it, running or not.
  explicit MemoryTrimmer(std::vector<Executor> loops);
  ~MemoryTrimmer();
  MemoryTrimmer(const MemoryTrimmer&) = delete;
  MemoryTrimmer& operator=(const MemoryTrimmer&) = delete;

 private:
  void Run();

  const std::vector<Executor> loops_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace moerge
