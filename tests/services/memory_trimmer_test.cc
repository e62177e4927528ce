#include "services/memory_trimmer.h"

#include <gtest/gtest.h>

#include <vector>

namespace moerge {
namespace {

constexpr std::size_t kMegabyte = 1 << 20;

// Which of the samples, in megabytes, are found due. `after`: what is resident after a trim.
std::vector<std::size_t> DueAt(const std::vector<std::size_t>& samples, std::size_t after) {
  TrimRule rule;
  std::vector<std::size_t> due;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!rule.IsDue(samples[i] * kMegabyte)) continue;
    due.push_back(i);
    rule.Trimmed(after * kMegabyte);
  }
  return due;
}

TEST(TrimRule, TrimsOnceABurstIsOver) {
  using Due = std::vector<std::size_t>;
  EXPECT_EQ(DueAt({50, 50, 52, 51, 57, 57}, 50), Due{});
  EXPECT_EQ(DueAt({50, 200, 400, 430, 430, 50, 50}, 50), Due{4});
  EXPECT_EQ(DueAt({50, 430, 420, 60, 430, 430}, 50), (Due{2, 5}));
  EXPECT_EQ(DueAt({300, 50, 70, 70}, 50), Due{3});               // loading and training come first
  EXPECT_EQ(DueAt({50, 200, 200, 200, 210, 200}, 190), Due{2});  // what is in use stays
  EXPECT_EQ(DueAt({0, 0, 0}, 0), Due{});
}

}  // namespace
}  // namespace moerge
