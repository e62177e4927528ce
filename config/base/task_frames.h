// The memory of coroutine frames. A request is some twenty coroutines deep, and all that wait at
// the same time hold their frames, so each thread keeps what ended ones held: by size, last in
// first out.
//
// Owner: each thread its own. Threads: any; a frame may be given back on another thread than it
// came from. At most 1 MB is kept per thread. What a burst leaves lies between what else it needed
// and keeps a page in memory each, so it is let go when the burst is over. Sanitizers see every
// frame come and go.
#pragma once

#include <cstddef>

namespace moerge {

// REQUIRES: size > 0. Throws std::bad_alloc like operator new.
void* TakeFrame(std::size_t size);
// `size` as it was asked for.
void GiveFrame(void* frame, std::size_t size) noexcept;
// Frees what this thread keeps.
void LetFramesGo() noexcept;

// A promise that is one has its coroutine's frame from here.
struct KeptFrame {
  static void* operator new(std::size_t size) { return TakeFrame(size); }
  static void operator delete(void* frame, std::size_t size) { GiveFrame(frame, size); }
};

}  // namespace moerge
