#include "services/calls/kept_reply.h"

#include <gtest/gtest.h>

namespace moerge {
namespace {

Usage AllOfIt() {
  return {.prompt_tokens = 1,
          .completion_tokens = 2,
          .estimated = false,
          .cached_tokens = 3,
          .reasoning_tokens = 4,
          .image_tokens = 5,
          .audio_tokens = 6,
          .audio_output_tokens = 7};
}

void ExpectSame(const Usage& usage, const Usage& other) {
  EXPECT_EQ(usage.prompt_tokens, other.prompt_tokens);
  EXPECT_EQ(usage.completion_tokens, other.completion_tokens);
  EXPECT_EQ(usage.estimated, other.estimated);
  EXPECT_EQ(usage.cached_tokens, other.cached_tokens);
  EXPECT_EQ(usage.reasoning_tokens, other.reasoning_tokens);
  EXPECT_EQ(usage.image_tokens, other.image_tokens);
  EXPECT_EQ(usage.audio_tokens, other.audio_tokens);
  EXPECT_EQ(usage.audio_output_tokens, other.audio_output_tokens);
}

TEST(KeptReply, AChatReplyComesBackAsItWas) {
  const ChatReply reply{.json = "{\n \"model\": \"m\", \"x\": \"\\\"ü\\n\"}",
                        .model_begin = 12,
                        .model_end = 15,
                        .content = "two\nlines",
                        .finish_reason = "stop",
                        .usage = AllOfIt()};
  const std::string text = KeptReply(reply);
  EXPECT_EQ(text.find('\n'), text.npos);
  const auto back = ReadKeptReply<ChatReply>(text);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->json, reply.json);
  EXPECT_EQ(back->json.substr(back->model_begin, back->model_end - back->model_begin), "\"m\"");
  EXPECT_EQ(back->content, reply.content);
  EXPECT_EQ(back->finish_reason, reply.finish_reason);
  ExpectSame(back->usage, reply.usage);
}

TEST(KeptReply, ARawReplyComesBackAsItWas) {
  const RawReply reply{201, "application/json", "{\"data\":\r\n[]}", AllOfIt()};
  const std::string text = KeptReply(reply);
  EXPECT_EQ(text.find('\n'), text.npos);
  const auto back = ReadKeptReply<RawReply>(text);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->status, 201);
  EXPECT_EQ(back->content_type, reply.content_type);
  EXPECT_EQ(back->body, reply.body);
  ExpectSame(back->usage, reply.usage);
}

TEST(KeptReply, WhatIsNoneIsNone) {
  const std::string raw = KeptReply(RawReply{200, "", "{}"});
  for (const std::string& text : {std::string(), std::string("{}"), std::string("[1]"), raw,
                                  std::string(R"({"chat":"{}","model_begin":1,"model_end":9})"),
                                  std::string(R"({"chat":"{}","model_begin":2,"model_end":1})"),
                                  std::string(R"({"chat":"{}","model_begin":-1,"model_end":1})")}) {
    EXPECT_FALSE(ReadKeptReply<ChatReply>(text)) << text;
  }
  EXPECT_FALSE(ReadKeptReply<RawReply>(KeptReply(ChatReply{.json = "{}"})));
}

}  // namespace
}  // namespace moerge
