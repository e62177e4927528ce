#include "config/base/task_frames.h"

#include <array>
#include <new>

namespace moerge {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kMostKept = 0;
#else
constexpr std::size_t kMostKept = 1 << 20;  // bytes
#endif
constexpr std::size_t kStep = 64;     // sizes are rounded up to multiples of it
constexpr std::size_t kClasses = 64;  // larger frames are not kept

std::size_t ClassOf(std::size_t size) { return (size + kStep - 1) / kStep; }

// The thread ends; what its other thread-local objects hold may come back later.
thread_local bool gone = false;

class FramePool {
 public:
  ~FramePool() {
    gone = true;
    LetGo();
  }

  void* Take(std::size_t size) {
    const std::size_t step = ClassOf(size);
    if (step >= kClasses) return ::operator new(size);
    if (free_[step] == nullptr) return ::operator new(step* kStep);
    kept_ -= step * kStep;
    return Pop(&free_[step]);
  }

  void Give(void* frame, std::size_t size) noexcept {
    const std::size_t step = ClassOf(size);
    if (step >= kClasses || kept_ + step * kStep > kMostKept) {
      return ::operator delete(frame);
    }
    kept_ += step * kStep;
    free_[step] = new (frame) Free{free_[step]};
  }

  void LetGo() noexcept {
    for (Free*& first : free_) {
      while (first != nullptr) ::operator delete(Pop(&first));
    }
    kept_ = 0;
  }

 private:
  struct Free {
    Free* next;
  };

  static void* Pop(Free** first) {
    Free* const taken = *first;
    *first = taken->next;
    return taken;
  }

  std::array<Free*, kClasses> free_{};
  std::size_t kept_ = 0;
};

thread_local FramePool pool;

}  // namespace

void* TakeFrame(std::size_t size) { return gone ? ::operator new(size) : pool.Take(size); }

void GiveFrame(void* frame, std::size_t size) noexcept {
  gone ? ::operator delete(frame) : pool.Give(frame, size);
}

void LetFramesGo() noexcept {
  if (!gone) pool.LetGo();
}

}  // namespace moerge
