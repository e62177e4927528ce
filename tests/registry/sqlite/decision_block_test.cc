#include "registry/sqlite/decision_block.h"

#include <gtest/gtest.h>

#include "tests/registry/support.h"

namespace moerge::sqlite {
namespace {

constexpr int kRows = 20;

std::string SomeBlock() {
  DecisionBlock block(0);
  for (int i = 0; i < kRows; ++i) {
    DecisionRecord record =
        testing::MakeDecision(i, WallTime(std::chrono::seconds(1'800'000'000 + i)));
    record.outcome = "ok";
    record.latency_ms = 100;
    block.Add(i, record);
  }
  return block.Encode();
}

TEST(DecisionBlock, OneOfAnOlderMoergeHasNoTimesAndIsAddedTo) {
  const std::string whole = SomeBlock();
  const std::string_view old(whole.data(), whole.size() - 2 * kRows);
  TimesByGroup times;
  EXPECT_TRUE(AddTimesOf(old, {}, &times));
  EXPECT_TRUE(times.empty());
  DecisionBlock block(0);
  ASSERT_TRUE(block.Decode(old));
  DecisionRecord record = testing::MakeDecision(0, WallTime(std::chrono::seconds(1'800'000'100)));
  record.outcome = "ok";
  record.latency_ms = 40;
  record.first_token_ms = 4;
  block.Add(kRows, record);
  ASSERT_TRUE(AddTimesOf(block.Encode(), {}, &times));
  ASSERT_EQ(times.size(), 1u);
  EXPECT_EQ(times.begin()->second.latency.count(), 1);
  EXPECT_NEAR(times.begin()->second.latency.Quantile(0.5), 40, 3);
  EXPECT_NEAR(times.begin()->second.first_token.Quantile(0.5), 4, 0.3);
}

TEST(DecisionBlock, ADamagedOneIsSaidToBeOne) {
  const std::string whole = SomeBlock();
  TimesByGroup times;
  EXPECT_TRUE(AddTimesOf(whole, {}, &times));
  for (std::size_t size = 0; size < whole.size() - 2 * kRows; size += 7) {
    EXPECT_FALSE(AddTimesOf(std::string_view(whole).substr(0, size), {}, &times)) << size;
  }
}

}  // namespace
}  // namespace moerge::sqlite
