#include "adapters/context_memory.h"

#include <gtest/gtest.h>

namespace moerge {
namespace {

TEST(ContextMemory, NothingIsKnownAtFirst) {
  ContextMemory memory;
  EXPECT_TRUE(memory.HasRoom("b", "m", 1'000'000));
  memory.Answered("b", "m", 10);
  EXPECT_TRUE(memory.HasRoom("b", "m", 1'000'000));
}

TEST(ContextMemory, WhatWasRefusedHasNoRoomNextTime) {
  struct Row {
    std::int64_t prompt;
    std::int64_t said;
    std::int64_t fits;  // the longest
  };
  for (const Row row : {Row{5000, 0, 4999}, {5000, 4096, 4095}, {3900, 4096, 3899}, {7, 0, 6}}) {
    ContextMemory memory;
    memory.Refused("b", "m", row.prompt, row.said);
    EXPECT_TRUE(memory.HasRoom("b", "m", row.fits)) << row.prompt;
    EXPECT_FALSE(memory.HasRoom("b", "m", row.fits + 1)) << row.prompt;
    EXPECT_TRUE(memory.HasRoom("b", "other", row.prompt));
    EXPECT_TRUE(memory.HasRoom("other", "m", row.prompt));
  }
}

TEST(ContextMemory, TheLeastRefusalCountsUntilALongerPromptIsAnswered) {
  ContextMemory memory;
  memory.Refused("b", "m", 5000, 0);
  memory.Refused("b", "m", 9000, 0);
  EXPECT_FALSE(memory.HasRoom("b", "m", 5000));
  memory.Refused("b", "m", 4000, 0);
  EXPECT_FALSE(memory.HasRoom("b", "m", 4000));
  memory.Answered("b", "m", 3999);
  EXPECT_FALSE(memory.HasRoom("b", "m", 4000));
  memory.Answered("b", "m", 4000);
  EXPECT_TRUE(memory.HasRoom("b", "m", 1'000'000));
}

TEST(ContextMemory, RemembersSoManyAndAPromptOfNothingSaysNothing) {
  ContextMemory memory;
  memory.Refused("b", "m", 0, 0);
  EXPECT_TRUE(memory.HasRoom("b", "m", 1));
  for (std::size_t i = 0; i < ContextMemory::kMost + 10; ++i) {
    memory.Refused("b", std::to_string(i), 100, 0);
  }
  EXPECT_FALSE(memory.HasRoom("b", "0", 100));
  EXPECT_TRUE(memory.HasRoom("b", std::to_string(ContextMemory::kMost + 5), 100));
}

}  // namespace
}  // namespace moerge
