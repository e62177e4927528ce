#include "services/memory_trimmer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <thread>
#include <vector>

namespace moerge {
namespace {

using Looks = std::vector<std::size_t>;

// In megabytes, at each look: what is resident without a trim, and what is allocated. A trim leaves
// `kept` more resident than is allocated. At which looks it trims.
Looks TrimmedAt(const Looks& resident, const Looks& allocated, std::size_t kept) {
  constexpr std::size_t kMegabyte = 1 << 20;
  TrimRule rule;
  Looks trimmed;
  std::size_t given_back = 0;
  for (std::size_t i = 0; i < resident.size(); ++i) {
    MemoryUse use{(resident[i] - given_back) * kMegabyte, allocated[i] * kMegabyte};
    if (!rule.IsDue(use)) continue;
    trimmed.push_back(i);
    given_back = resident[i] - allocated[i] - kept;
    use.resident = (allocated[i] + kept) * kMegabyte;
    rule.Trimmed(use);
  }
  return trimmed;
}

TEST(TrimRule, TrimsOnceABurstIsOver) {
  EXPECT_EQ(TrimmedAt({50, 50, 52, 51, 57}, {20, 20, 21, 20, 20}, 30), Looks{1});
  EXPECT_EQ(TrimmedAt({50, 200, 400, 400, 400, 400}, {20, 170, 370, 20, 20, 20}, 30), Looks{4});
  // A trim in the middle of a burst, whose memory is in use, is not the last.
  EXPECT_EQ(TrimmedAt({50, 400, 400, 400, 400, 400}, {20, 300, 300, 20, 20, 20}, 35),
            (Looks{2, 4}));
  // Loading and training come first; what they leave is given back too.
  EXPECT_EQ(TrimmedAt({300, 300, 300, 300}, {270, 30, 30, 30}, 30), Looks{2});
  // What is in use stays, and is trimmed once.
  EXPECT_EQ(TrimmedAt({50, 200, 200, 200}, {20, 170, 170, 170}, 30), Looks{2});
  // A burst in the first seconds, before the first look.
  EXPECT_EQ(TrimmedAt({99, 99, 99, 99, 99}, {25, 18, 18, 18, 18}, 24), Looks{2});
  EXPECT_EQ(TrimmedAt({0, 0, 0}, {0, 0, 0}, 0), Looks{});
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

std::size_t ResidentMegabytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0;
  std::size_t pages = 0;
  file >> all >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) >> 20;
}

TEST(BoundFreeMemory, LittleStaysAtTheEndOfAThreadsHeap) {
  BoundFreeMemory();
  std::size_t before = 0;
  std::size_t full = 0;
  std::size_t after = 0;
  // As in training: large blocks, whose release makes glibc keep more by itself, then many small.
  std::thread([&] {
    for (int i = 0; i < 4; ++i) std::vector<char>(20 << 20, 'x');
    before = ResidentMegabytes();
    std::vector<std::unique_ptr<char[]>> blocks(30'000);
    for (auto& block : blocks) block.reset(new char[1000]());
    full = ResidentMegabytes();
    blocks.clear();
    after = ResidentMegabytes();
  }).join();
  EXPECT_GE(full, before + 25);
  EXPECT_LE(after, before + 8);
}

#endif

}  // namespace
}  // namespace moerge
