#include "adapters/repeated_chunk.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace moerge {
namespace {

// `$`: the text.
const char* const kFrames[] = {
    R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"$"},"finish_reason":null}]})",
    R"({"choices":[{"delta":{"role":"assistant","content":"$","reasoning":""},"finish_reason":null,"index":0}],"created":1,"object":"chat.completion.chunk","model":"m","id":"d"})",
    R"({"id":"","created":12,"model":"","object":"chat.completion.chunk","choices":[{"index":0,"finish_reason":null,"delta":{"content":null,"reasoning_content":"$"},"logprobs":null}],"usage":null})",
    R"( {"model" : "m","id":"c","created":1, "object":"chat.completion.chunk","choices":[{"index":1,"delta":{"content": "$"},"finish_reason":null},{"index":0,"delta":{},"finish_reason" : null}]} )",
};

std::string WithText(std::string frame, std::string_view text) {
  return frame.replace(frame.find('$'), 1, text);
}

std::string TextOf(std::string_view json, std::size_t begin, std::size_t end) {
  return std::string(json.substr(begin, end - begin));
}

void ExpectSame(const OpenAiChunk& got, const OpenAiChunk& want, std::string_view json) {
  EXPECT_EQ(got.has_choices, want.has_choices) << json;
  EXPECT_EQ(got.choices, want.choices) << json;
  EXPECT_EQ(got.has_error, want.has_error) << json;
  EXPECT_EQ(got.says, want.says) << json;
  EXPECT_EQ(got.twice, want.twice) << json;
  EXPECT_EQ(got.bare, want.bare) << json;
  EXPECT_EQ(got.odd, want.odd) << json;
  EXPECT_EQ(got.counts_up, want.counts_up) << json;
  EXPECT_EQ(got.legacy, want.legacy) << json;
  EXPECT_EQ(got.more, want.more) << json;
  EXPECT_EQ(got.begun, want.begun) << json;
  EXPECT_EQ(got.ended, want.ended) << json;
  EXPECT_EQ(got.id, want.id) << json;
  EXPECT_EQ(TextOf(json, got.model_begin, got.model_end),
            TextOf(json, want.model_begin, want.model_end));
  EXPECT_EQ(got.content_bytes, want.content_bytes) << json;
  EXPECT_EQ(got.other_bytes, want.other_bytes) << json;
  EXPECT_EQ(got.texts, want.texts) << json;
  EXPECT_EQ(got.text, want.text) << json;
  EXPECT_EQ(got.finish_reason, want.finish_reason) << json;
  EXPECT_FALSE(got.usage || want.usage) << json;
  EXPECT_TRUE(got.calls.empty() && want.calls.empty()) << json;
}

RepeatedChunk Kept(const std::string& json) {
  OpenAiChunk chunk;
  EXPECT_TRUE(ScanOpenAiChunk(json, &chunk)) << json;
  RepeatedChunk repeated;
  repeated.Keep(json, chunk);
  return repeated;
}

TEST(RepeatedChunk, ReadsAnotherTextInTheSameFrameAsTheScannerDoes) {
  for (const std::string frame : kFrames) {
    const RepeatedChunk repeated = Kept(WithText(frame, R"(a\n)"));
    for (const char* text :
         {"b", " much longer than the first", "\u00e9\u4e16\U0001F600", "{[,]}"}) {
      const std::string json = WithText(frame, text);
      OpenAiChunk got;
      ASSERT_TRUE(repeated.Read(json, &got)) << json;
      OpenAiChunk want;
      ASSERT_TRUE(ScanOpenAiChunk(json, &want)) << json;
      ExpectSame(got, want, json);
      EXPECT_EQ(got.text, text);
    }
  }
}

TEST(RepeatedChunk, LeavesToTheScannerWhatIsNotPlainText) {
  for (const std::string frame : kFrames) {
    const RepeatedChunk repeated = Kept(WithText(frame, "a"));
    for (const char* text : {"", R"(\n)", R"(\)", R"(")", R"(b","content":"c)", "b\nc", "\x01",
                             "\xff", "\xc3", R"(b"}}]} {"choices":[{"delta":{"content":"c)"}) {
      OpenAiChunk chunk;
      EXPECT_FALSE(repeated.Read(WithText(frame, text), &chunk)) << frame << text;
    }
  }
}

TEST(RepeatedChunk, KeepsOnlyWhatSaysOneTextAndGoesOn) {
  for (const char* json : {
           R"({"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]})",
           R"({"choices":[{"delta":{"content":"a","reasoning":"b"}}]})",
           R"({"choices":[{"delta":{"content":"a"}},{"delta":{"content":"b"}}]})",
           R"({"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":1}})",
           R"({"choices":[{"delta":{"content":"a"}}],"error":"b"})",
           R"({"choices":[{"delta":{"content":"a","content":"b"}}]})",
           R"({"choices":[{"delta":{"content":"","role":"assistant"}}]})",
           R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"a"}}]}}]})",
           R"({"choices":[{"delta":{},"text":"a"}]})",
           R"({"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]})",
       }) {
    const RepeatedChunk repeated = Kept(json);
    OpenAiChunk chunk;
    EXPECT_FALSE(repeated.Read(json, &chunk)) << json;
  }
  const std::string large = WithText(kFrames[0], "a") + std::string(4096, ' ');
  OpenAiChunk chunk;
  EXPECT_FALSE(Kept(large).Read(large, &chunk));
}

TEST(RepeatedChunk, NeverDiffersFromTheScannerWhereBytesAreChangedAtRandom) {
  std::mt19937 random(7);
  const std::string bytes = "\"\\{}[]:,ab \n\xc3\xa9";
  std::size_t read = 0;
  for (int round = 0; round < 60'000; ++round) {
    const std::string frame = kFrames[random() % std::size(kFrames)];
    const RepeatedChunk repeated = Kept(WithText(frame, "some text"));
    std::string json = WithText(frame, "other words");
    for (unsigned change = random() % 3; change > 0; --change) {
      const std::size_t at = random() % json.size();
      json.replace(at, random() % 2, 1, bytes[random() % bytes.size()]);
    }
    OpenAiChunk got;
    if (!repeated.Read(json, &got)) continue;
    ++read;
    OpenAiChunk want;
    ASSERT_TRUE(ScanOpenAiChunk(json, &want)) << json;
    ExpectSame(got, want, json);
  }
  EXPECT_GT(read, 10'000u);
}

}  // namespace
}  // namespace moerge
