#include "services/access/reply_memory.h"

#include <gtest/gtest.h>

namespace moerge {
namespace {

using State = ReplyMemory::State;
constexpr ReplyMemory::Clock::time_point kRemembered(std::chrono::hours(1000));

TEST(ReplyMemory, AReplyIsGivenAgainToTheSameRequestAlone) {
  ReplyMemory memory;
  EXPECT_EQ(memory.Begin("n", "a", kRemembered).state, State::kNew);
  EXPECT_EQ(memory.Begin("n", "a", kRemembered).state, State::kUnderWay);
  memory.End("n", ReplyMemory::Reply{201, "{}"});
  const auto found = memory.Begin("n", "a", kRemembered);
  EXPECT_EQ(found.state, State::kDone);
  EXPECT_EQ(found.reply.status, 201);
  EXPECT_EQ(found.reply.body, "{}");
  EXPECT_EQ(memory.Begin("n", "b", kRemembered).state, State::kOther);
  EXPECT_EQ(memory.Begin("m", "b", kRemembered).state, State::kNew);
}

TEST(ReplyMemory, OneThatFailedAndOneThatIsOldAreForgotten) {
  ReplyMemory memory;
  EXPECT_EQ(memory.Begin("n", "a", kRemembered).state, State::kNew);
  memory.End("n", std::nullopt);
  EXPECT_EQ(memory.Begin("n", "b", kRemembered).state, State::kNew);
  memory.End("n", ReplyMemory::Reply{200, ""});
  EXPECT_EQ(memory.Begin("n", "c", kRemembered + ReplyMemory::kKept).state, State::kNew);
}

TEST(ReplyMemory, IsBounded) {
  ReplyMemory memory;
  for (std::size_t i = 0; i <= ReplyMemory::kMost; ++i) {
    const std::string name = std::to_string(i);
    memory.Begin(name, "a", kRemembered + std::chrono::seconds(i));
    memory.End(name, ReplyMemory::Reply{200, ""});
  }
  EXPECT_EQ(memory.Begin("0", "a", kRemembered).state, State::kNew);
  EXPECT_EQ(memory.Begin("9", "a", kRemembered).state, State::kDone);
}

}  // namespace
}  // namespace moerge
