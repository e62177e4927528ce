#include "services/pipeline/delivery.h"

#include <gtest/gtest.h>

#include "tests/services/pipeline/seats_fixture.h"

namespace moerge::test {
namespace {

struct DeliveryTest : SeatsFixture, LoopFixture, testing::Test {
  DeliveryTest() {
    Recruit({"a", "b"});
    record.decision.id = "0123456789abcdef0123456789abcdef";
  }

  // A call of "a" that has come back with this text.
  Member& Answered(std::string text) {
    Member& member = Seated("a");
    member.reply.emplace().content = std::move(text);
    member.entry = record.ledger.ReserveUnlimited({.price = member.expert->spec.price});
    const Spending spent{.usage = {1000, 500, false}, .cost_usd = 0.004};
    record.ledger.Settle(*member.entry, spent);
    return member;
  }
  auto ChunksWith(std::string_view part) const {
    return std::ranges::count_if(stream.chunks, [part](const std::string& chunk) {
      return chunk.find(part) != std::string::npos;
    });
  }
  Delivery Whole() { return {nullptr, false, record}; }
  Delivery Streamed(bool with_usage = false) { return {&stream, with_usage, record}; }

  KeptStream stream;
};

TEST_F(DeliveryTest, AReplyIsGivenAndIsTheRecordsAnswer) {
  Delivery delivery = Whole();
  const Result<ChatReply> reply = RunTask(delivery.Deliver(Answered("hello")));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->content, "hello");
  EXPECT_EQ(record.expert, Expert("a"));
  EXPECT_TRUE(record.answered);
  EXPECT_EQ(record.usage.prompt_tokens, 1000);
  EXPECT_EQ(record.cost_usd, 0.004);
  EXPECT_FALSE(delivery.Answering());
  EXPECT_EQ(Seated("a").reply, std::nullopt);
}

TEST_F(DeliveryTest, AWholeReplyBecomesAStreamInTheExpertsName) {
  Delivery delivery = Streamed();
  ASSERT_TRUE(RunTask(delivery.Deliver(Answered("hello"))).ok());
  EXPECT_TRUE(delivery.Answering());
  for (const std::string& chunk : stream.chunks) {
    EXPECT_NE(chunk.find(R"("model":"a")"), std::string::npos) << chunk;
  }
  EXPECT_EQ(ChunksWith(R"("content":"hello")"), 1);
  EXPECT_EQ(ChunksWith(R"("usage")"), 0);
}

TEST_F(DeliveryTest, AStreamEndsWithTheUsageIfThatIsWanted) {
  ASSERT_TRUE(RunTask(Streamed(true).Deliver(Answered("hello"))).ok());
  EXPECT_EQ(ChunksWith(R"("usage")"), 1);
}

TEST_F(DeliveryTest, WhatStreamedAsItCameIsNotSentAgain) {
  Delivery delivery = Streamed();
  EXPECT_EQ(delivery.DeliverStreamed(Answered("hello")).content, "hello");
  EXPECT_TRUE(stream.chunks.empty());
  EXPECT_TRUE(record.answered);
  EXPECT_EQ(record.cost_usd, 0.004);
}

TEST_F(DeliveryTest, ATextTakesNoCallOfItsOwn) {
  const Result<ChatReply> reply = RunTask(Streamed().DeliverText(*Expert("b"), "I do not know."));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->content, "I do not know.");
  EXPECT_EQ(record.expert, Expert("b"));
  EXPECT_TRUE(record.answered);
  EXPECT_EQ(record.answer, std::nullopt);
  EXPECT_EQ(record.usage.completion_tokens, 0);
  EXPECT_EQ(ChunksWith(R"("content":"I do not know.")"), 1);
}

TEST_F(DeliveryTest, AClientThatLeavesIsTheError) {
  stream.client_left = true;
  const Result<ChatReply> reply = RunTask(Streamed().Deliver(Answered("hello")));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kCancelled);
  EXPECT_FALSE(RunTask(Streamed().DeliverText(*Expert("b"), "no")).ok());
}

}  // namespace
}  // namespace moerge::test
