// Gives back to the system what malloc keeps after a burst: without it, memory that 1,500 bodies
// needed for a moment stays resident for ever.
//
// Owner: the composition root. Runs a thread that looks every 5 s; trimming takes locks of malloc
// for some milliseconds, so it waits until the burst is over. Without effect where malloc is not
// glibc's.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>

namespace moerge {

// When to trim: once memory has grown by a fifth and 8 MB over the least seen since the last trim,
// and grows no more. Pure.
class TrimRule {
 public:
  // `resident`: bytes, as seen at regular times.
  bool IsDue(std::size_t resident);
  void Trimmed(std::size_t resident) { least_ = latest_ = resident; }

 private:
  std::size_t least_ = 0;  // 0: nothing was seen yet
  std::size_t latest_ = 0;
};

class MemoryTrimmer {
 public:
  MemoryTrimmer();
  ~MemoryTrimmer();
  MemoryTrimmer(const MemoryTrimmer&) = delete;
  MemoryTrimmer& operator=(const MemoryTrimmer&) = delete;

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace moerge
