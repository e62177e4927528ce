// The OpenAI protocol's pure parts: bytes in, bytes out.
#include <gtest/gtest.h>

#include "adapters/openai_reply.h"
#include "adapters/openai_request.h"
#include "adapters/token_estimate.h"

namespace moerge {
namespace {

std::string Spliced(std::string text, std::string_view model,
                    std::optional<bool> stream = std::nullopt) {
  auto body = ChatBody::Parse(std::move(text));
  EXPECT_TRUE(body.ok());
  SplicedBody spliced;
  SpliceBody(**body, model, stream, AskUsage::kAlways, &spliced);
  std::string joined;
  for (const std::string_view piece : spliced.pieces) joined.append(piece);
  EXPECT_TRUE(json::Document::Parse(joined).ok()) << joined;
  return joined;
}

TEST(SpliceBody, ReplacesTheModelAndNothingElse) {
  EXPECT_EQ(Spliced(R"({"model":"auto","x": [1, 2]})", "m"), R"({"model":"m","x": [1, 2]})");
  EXPECT_EQ(Spliced("{ \"a\" : 1 ,\n \"model\" : \"auto\" , \"b\" : 2 }", "m"),
            "{\"a\" : 1,\"model\":\"m\",\"b\" : 2}");
  EXPECT_EQ(Spliced(R"({"model":"auto"})", R"(odd"name\)"), R"({"model":"odd\"name\\"})");
  EXPECT_EQ(Spliced(R"({"model":5,"inner":{"model":"kept","moerge":1}})", "m"),
            R"({"model":"m","inner":{"model":"kept","moerge":1}})");
  EXPECT_EQ(Spliced("{}", "m"), R"({"model":"m"})");
  EXPECT_EQ(Spliced(R"({"x":1})", "m"), R"({"x":1,"model":"m"})");
}

TEST(SpliceBody, TakesOutMoergeWithItsComma) {
  EXPECT_EQ(Spliced(R"({"moerge":{"explain":true},"model":"a","x":1})", "m"),
            R"({"model":"m","x":1})");
  EXPECT_EQ(Spliced(R"({"model":"a","moerge":{},"x":1})", "m"), R"({"model":"m","x":1})");
  EXPECT_EQ(Spliced(R"({"model":"a","x":1,"moerge":null})", "m"), R"({"model":"m","x":1})");
  EXPECT_EQ(Spliced(R"({"x":1,"moerge":0,"y":2,"model":"a"})", "m"),
            R"({"x":1,"y":2,"model":"m"})");
}

TEST(SpliceBody, MakesStreamSayWhatIsAskedFor) {
  const char* kStreamed = R"({"model":"m","stream":true,"stream_options":{"include_usage":true}})";
  EXPECT_EQ(Spliced(R"({"model":"a","stream":true})", "m", true), kStreamed);
  EXPECT_EQ(Spliced(R"({"model":"a","stream":false})", "m", true), kStreamed);
  EXPECT_EQ(Spliced(R"({"model":"a"})", "m", true), kStreamed);
  EXPECT_EQ(Spliced(R"({"model":"a","stream":false})", "m", false),
            R"({"model":"m","stream":false})");
  EXPECT_EQ(Spliced(R"({"a":1,"moerge":{},"stream":true,"stream_options":{}})", "m", false),
            R"({"a":1,"model":"m"})");
  EXPECT_EQ(Spliced(R"({"stream":true,"model":"a"})", "m"), R"({"stream":true,"model":"m"})");
}

TEST(SpliceBody, AsksForTheUsageOfEveryStream) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"model":"a","stream":true,"stream_options":{"include_usage":true,"x":1}})",
       R"({"model":"m","stream":true,"stream_options":{"include_usage":true,"x":1}})"},
      {R"({"stream_options":{"include_usage":false,"x":1},"model":"a","stream":true})",
       R"({"model":"m","stream":true,"stream_options":{"include_usage":true,"x":1}})"},
      {R"({"model":"a","stream_options":null,"stream":true})",
       R"({"model":"m","stream":true,"stream_options":{"include_usage":true}})"},
      {R"({"model":"a","stream_options":{},"stream":true,"n":1})",
       R"({"model":"m","stream":true,"n":1,"stream_options":{"include_usage":true}})"},
  };
  for (const auto& [sent, expected] : cases) EXPECT_EQ(Spliced(sent, "m", true), expected);
}

TEST(ChatBody, RefusesWhatIsNoObject) {
  EXPECT_FALSE(ChatBody::Parse("[]").ok());
  EXPECT_FALSE(ChatBody::Parse("{").ok());
}

class OpenAiReply : public ::testing::Test {
 protected:
  OpenAiReply() { backend_.name = "gpu"; }
  Backend backend_;
};

TEST_F(OpenAiReply, ReadsContentReasonUsageAndModelPosition) {
  const std::string json =
      R"({"id":"1","object":"chat.completion","created":1,"model":"x-1","choices":[{"index":0,"message":{"role":"assistant","content":"Hi\n"},)"
      R"("finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})";
  const auto reply = ParseOpenAiReply(backend_, json, {});
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(reply->json, json);
  EXPECT_EQ(json.substr(reply->model_begin, reply->model_end - reply->model_begin), "\"x-1\"");
  EXPECT_EQ(reply->content, "Hi\n");
  EXPECT_EQ(reply->finish_reason, "stop");
  EXPECT_EQ(reply->usage.prompt_tokens, 3);
  EXPECT_EQ(reply->usage.completion_tokens, 2);
  EXPECT_FALSE(reply->usage.estimated);
}

TEST_F(OpenAiReply, EstimatesUsageThatIsNotSaid) {
  const auto request =
      json::Document::Parse(R"({"messages":[{"role":"user","content":"of some twenty bytes"}]})");
  const auto reply =
      ParseOpenAiReply(backend_, R"({"choices":[{"message":{"content":null}}]})", request->root());
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->model_end - reply->model_begin, 2u);  // "", to be named by the caller
  EXPECT_TRUE(reply->usage.estimated);
  EXPECT_EQ(reply->usage.prompt_tokens, EstimatePromptTokens(request->root()));
  EXPECT_GT(reply->usage.prompt_tokens, 0);
}

TEST_F(OpenAiReply, RefusesWhatIsNoAnswer) {
  for (const char* json :
       {"", "<html>Bad gateway</html>", "{", "[]", "\"x\"", "{}", R"({"choices":{}})",
        R"({"choices":[]})", R"({"error":{"message":"out of memory"}})",
        R"({"choices":[{}],"error":"x"})", R"({"choices":[{}]} trailing)"}) {
    const auto reply = ParseOpenAiReply(backend_, json, {});
    ASSERT_FALSE(reply.ok()) << json;
    EXPECT_EQ(reply.error().code, ErrorCode::kUpstream) << json;
    EXPECT_NE(reply.error().message.find("`gpu`"), std::string::npos);
  }
}

TEST(ScanOpenAiChunk, FindsWhatMatters) {
  const std::string json =
      R"({"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"a\u00e9b"},"finish_reason":null},)"
      R"({"index":1,"delta":{"content":"cd"},"finish_reason":"length"}],"model" : "m","usage":null})";
  OpenAiChunk chunk;
  ASSERT_TRUE(ScanOpenAiChunk(json, &chunk));
  EXPECT_EQ(chunk.choices, 2u);
  EXPECT_TRUE(chunk.says);
  EXPECT_FALSE(chunk.has_error);
  EXPECT_EQ(json.substr(chunk.model_begin, chunk.model_end - chunk.model_begin), "\"m\"");
  EXPECT_EQ(chunk.content_bytes, 7u);
  EXPECT_EQ(chunk.finish_reason, "length");
  EXPECT_FALSE(chunk.usage);
}

TEST(ScanOpenAiChunk, UsageAndErrors) {
  OpenAiChunk usage;
  ASSERT_TRUE(ScanOpenAiChunk(
      R"({"choices":[],"usage":{"prompt_tokens":5,"details":{"completion_tokens":9},"completion_tokens":7}})",
      &usage));
  ASSERT_TRUE(usage.usage);
  EXPECT_EQ(usage.usage->prompt_tokens, 5);
  EXPECT_EQ(usage.usage->completion_tokens, 7);
  OpenAiChunk error;
  ASSERT_TRUE(ScanOpenAiChunk(R"({"error":{"message":"x"}})", &error));
  EXPECT_TRUE(error.has_error);
  OpenAiChunk none;
  ASSERT_TRUE(ScanOpenAiChunk(R"({"error":null,"choices":[null,{"delta":null,"finish_reason":5}]})",
                              &none));
  EXPECT_FALSE(none.has_error);
}

TEST(ScanOpenAiChunk, RefusesWhatIsNoObject) {
  for (const char* json :
       {"", "[]", "1", "{", R"({"choices":[{"delta":{"content":"x}}]})", "{} {}",
        "{\"a\":\"\xff\"}", R"({"choices":[{"delta":{"content":"x"},}]})", R"({"model":})"}) {
    OpenAiChunk chunk;
    EXPECT_FALSE(ScanOpenAiChunk(json, &chunk)) << json;
  }
}

TEST(OpenAiUsage, ACountThatCannotBeOneIsNone) {
  struct Row {
    const char* usage;
    std::int64_t prompt;  // -1: nothing was counted
    std::int64_t completion;
  };
  for (const Row& row : {
           Row{R"({"prompt_tokens":5,"completion_tokens":7})", 5, 7},
           Row{R"({"prompt_tokens":"5","completion_tokens":"7"})", 5, 7},
           Row{R"({"prompt_tokens":-5,"completion_tokens":-7})", -1, -1},
           Row{R"({"prompt_tokens":5,"completion_tokens":-7,"total_tokens":-2})", 5, 0},
           Row{R"({"prompt_tokens":-1000000,"completion_tokens":3,"total_tokens":5})", 0, 3},
           Row{R"({"prompt_tokens":5,"completion_tokens":7,"total_tokens":9223372036854775807})", 5,
               7},
           Row{R"({"prompt_tokens":9223372036854775807,"completion_tokens":9223372036854775807})",
               -1, -1},
           Row{R"({"prompt_tokens":5,"completion_tokens":1180591620717411303424})", 5, 0},
           Row{R"({"prompt_tokens":1e300,"completion_tokens":1.5})", -1, -1},
       }) {
    const auto document = json::Document::Parse(row.usage);
    ASSERT_TRUE(document.ok());
    const Usage none{.prompt_tokens = -1, .completion_tokens = -1};
    const Usage read = ReadUsage(document->root()).value_or(none);
    EXPECT_EQ(read.prompt_tokens, row.prompt) << row.usage;
    EXPECT_EQ(read.completion_tokens, row.completion) << row.usage;
    EXPECT_EQ(read.cached_tokens, 0);
  }
}

}  // namespace
}  // namespace moerge
