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

// The same memory again, until it is let go.
TEST(TaskFrames, AreKeptUntilTheyAreLetGo) {
  const auto kept = [] { return mallinfo2().uordblks; };
  LetFramesGo();
  const std::size_t before = kept();
  GiveAll(TakeMany());
  EXPECT_GT(kept(), before + 10'000);
  LetFramesGo();
  EXPECT_LT(kept(), before + 1'000);
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
