#include "config/base/task_frames.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cstring>
#include <thread>
#include <vector>

namespace moerge {
namespace {

struct Piece {
  void* at;
  std::size_t size;
};

std::vector<Piece> TakeMany() {
  std::vector<Piece> taken;
  for (std::size_t size = 1; size < 9000; size += 37) {
    taken.push_back({TakeFrame(size), size});
    std::memset(taken.back().at, static_cast<int>(size % 251), size);
  }
  return taken;
}

void GiveAll(const std::vector<Piece>& taken) {
  for (const Piece& piece : taken) {
    const auto* bytes = static_cast<const unsigned char*>(piece.at);
    for (std::size_t i = 0; i < piece.size; ++i) ASSERT_EQ(bytes[i], piece.size % 251);
    GiveFrame(piece.at, piece.size);
  }
}

TEST(TaskFrames, NoTwoShareAByte) {
  for (int round = 0; round < 3; ++round) {
    const auto one = TakeMany();
    const auto other = TakeMany();
    GiveAll(one);
    const auto third = TakeMany();
    GiveAll(other);
    GiveAll(third);
  }
}

TEST(TaskFrames, AnotherThreadMayGiveThemBack) {
  std::vector<Piece> taken;
  std::thread([&] { taken = TakeMany(); }).join();
  std::thread([&] { GiveAll(taken); }).join();
  GiveAll(TakeMany());
}

// What a thread-local object holds comes back after the thread's frames are gone.
TEST(TaskFrames, TheyMayComeBackWhenTheThreadEnds) {
  struct Holder {
    ~Holder() { GiveAll(taken); }
    std::vector<Piece> taken;
  };
  std::thread([] {
    thread_local Holder early;  // made before, so it ends after
    early.taken = TakeMany();
  }).join();
}

TEST(TaskFrames, MayBeLetGoAtAnyTime) {
  const auto one = TakeMany();
  GiveAll(TakeMany());
  LetFramesGo();
  const auto other = TakeMany();
  GiveAll(one);
  LetFramesGo();
  LetFramesGo();
  GiveAll(other);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

// Frames of a size that malloc does not keep for the thread by itself.
TEST(TaskFrames, AreKeptUntilTheyAreLetGo) {
  constexpr std::size_t kSize = 4000;
  constexpr std::size_t kCount = 200;
  const auto in_use = [] { return mallinfo2().uordblks; };
  LetFramesGo();
  std::vector<void*> frames(kCount);
  const std::size_t before = in_use();
  for (void*& frame : frames) frame = TakeFrame(kSize);
  for (void* const frame : frames) GiveFrame(frame, kSize);
  EXPECT_GT(in_use(), before + kCount * kSize / 2);
  LetFramesGo();
  EXPECT_LT(in_use(), before + kCount * kSize / 4);
}

#endif

TEST(TaskFrames, AlignedForAnyType) {
  for (const Piece& piece : TakeMany()) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(piece.at) % alignof(std::max_align_t), 0u);
    GiveFrame(piece.at, piece.size);
  }
}

}  // namespace
}  // namespace moerge
