// Ollama's native protocol, translated both ways: bytes in, bytes out.
#include <gtest/gtest.h>

#include <set>

#include "adapters/ollama_reply.h"
#include "adapters/ollama_request.h"

namespace moerge {
namespace {

Result<std::string> TranslateToOllama(std::string_view request, bool stream = false) {
  const auto document = json::Document::Parse(request);
  EXPECT_TRUE(document.ok()) << document.error().message;
  Expert expert;
  expert.model = "llama3";
  auto translated = ToOllamaRequest(document->root(), expert, stream);
  if (!translated) return std::move(translated).error();
  EXPECT_TRUE(json::Document::Parse(translated->body).ok()) << translated->body;
  return translated->body;
}

TEST(OllamaRequest, MessagesAndOptions) {
  const auto request = TranslateToOllama(
      R"({"messages":[{"role":"developer","content":"Brief."},{"role":"user","content":[{"type":"text","text":"What?"},)"
      R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}],)"
      R"("temperature":0.2,"top_p":0.9,"max_tokens":5,"seed":42,"stop":"x"})",
      true);
  ASSERT_TRUE(request.ok()) << request.error().message;
  EXPECT_EQ(*request,
            R"({"model":"llama3","stream":true,"messages":[{"role":"system","content":"Brief."},)"
            R"({"role":"user","content":"What?","images":["AAAA"]}],)"
            R"("options":{"temperature":0.2,"top_p":0.9,"seed":42,"num_predict":5,"stop":["x"]}})");
}

TEST(OllamaRequest, ToolCallsAndResultsNameTheTool) {
  const auto request = TranslateToOllama(
      R"({"messages":[{"role":"assistant","tool_calls":[{"id":"t1","function":{"name":"w","arguments":"{\"c\":1}"}}]},)"
      R"({"role":"tool","tool_call_id":"t1","content":"rain"}],"tools":[{"type":"function","function":{"name":"w"}}]})");
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(*request,
            R"({"model":"llama3","stream":false,"messages":[{"role":"assistant","content":"",)"
            R"("tool_calls":[{"id":"t1","function":{"name":"w","arguments":{"c":1}}}]},)"
            R"({"role":"tool","content":"rain","tool_name":"w","tool_call_id":"t1"}],)"
            R"("tools":[{"type":"function","function":{"name":"w"}}],"options":{}})");
}

TEST(OllamaRequest, ToolChoiceNoneLeavesTheToolsOut) {
  const auto request = TranslateToOllama(
      R"({"messages":[],"tools":[{"function":{"name":"w"}}],"tool_choice":"none"})");
  EXPECT_EQ(request->find("tools"), std::string::npos);
}

TEST(OllamaRequest, Formats) {
  EXPECT_NE(TranslateToOllama(R"({"messages":[],"response_format":{"type":"json_object"}})")
                ->find(R"("format":"json")"),
            std::string::npos);
  EXPECT_NE(
      TranslateToOllama(
          R"({"messages":[],"response_format":{"type":"json_schema","json_schema":{"schema":{"type":"array"}}}})")
          ->find(R"("format":{"type":"array"})"),
      std::string::npos);
  EXPECT_EQ(
      TranslateToOllama(R"({"messages":[],"response_format":{"type":"text"}})")->find("format"),
      std::string::npos);
}

class OllamaReplyTest : public ::testing::Test {
 protected:
  OllamaReplyTest() { backend_.name = "ollama"; }
  Backend backend_;
  ReplyIdentity identity_{"chatcmpl-1", 1700};
};

TEST_F(OllamaReplyTest, AnswerBecomesCompletion) {
  const auto reply = FromOllamaReply(
      backend_,
      R"({"model":"llama3","message":{"role":"assistant","content":"Hi"},"done":true,"done_reason":"length",)"
      R"("prompt_eval_count":11,"eval_count":4})",
      identity_);
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(
      reply->json,
      R"({"id":"chatcmpl-1","object":"chat.completion","created":1700,"model":"llama3","choices":[{"index":0,)"
      R"("message":{"role":"assistant","content":"Hi","refusal":null},"logprobs":null,"finish_reason":"length"}],)"
      R"("usage":{"prompt_tokens":11,"completion_tokens":4,"total_tokens":15}})");
}

// 40 characters are the most that OpenAI takes back.
TEST_F(OllamaReplyTest, IdsOfCallsAreShortAndTellRepliesApart) {
  std::set<std::string> ids;
  for (const char* reply : {"chatcmpl-0123456789abcdef0123456789abcdef",
                            "chatcmpl-0123456789abcdef0123456789abcdee", "chatcmpl-1", ""}) {
    const auto read = FromOllamaReply(
        backend_,
        R"({"message":{"content":"","tool_calls":[{"function":{"name":"w"}},{"function":{"name":"w"}}]},"done_reason":"stop"})",
        {.id = reply, .created = 1});
    ASSERT_TRUE(read.ok());
    const auto document = json::Document::Parse(read->json);
    const json::Value choice = *document->root().Find("choices").children().begin();
    for (const json::Value call : choice.Find("message").Find("tool_calls").children()) {
      const std::string id(call.Find("id").AsString().value_or(""));
      EXPECT_LE(id.size(), 40u) << id;
      EXPECT_TRUE(ids.insert(id).second) << id;
    }
  }
  EXPECT_EQ(ids.size(), 8u);
}

TEST_F(OllamaReplyTest, CountsThatCannotBeAreEstimated) {
  const auto reply = FromOllamaReply(
      backend_,
      R"({"message":{"content":"Hi"},"done":true,"done_reason":"stop","prompt_eval_count":-5000000,"eval_count":4})",
      identity_);
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->usage.prompt_tokens, 0);
}

TEST_F(OllamaReplyTest, ToolCallsGetIds) {
  const auto reply = FromOllamaReply(
      backend_,
      R"({"message":{"content":"","tool_calls":[{"function":{"name":"w","arguments":{"c":1}}}]},"done_reason":"stop"})",
      identity_);
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->finish_reason, "tool_calls");
  EXPECT_NE(
      reply->json.find(
          R"([{"id":"call_chatcmpl-1_0","type":"function","function":{"name":"w","arguments":"{\"c\":1}"}}])"),
      std::string::npos)
      << reply->json;
  EXPECT_TRUE(reply->usage.estimated);
}

TEST_F(OllamaReplyTest, RefusesWhatIsNoAnswer) {
  for (const char* json :
       {"", "{}", "<html>", R"({"error":"model not found"})", R"({"message":"x"})"}) {
    const auto reply = FromOllamaReply(backend_, json, identity_);
    ASSERT_FALSE(reply.ok()) << json;
    EXPECT_EQ(reply.error().code, ErrorCode::kUpstream);
  }
}

TEST_F(OllamaReplyTest, StreamLineByLine) {
  OllamaStream stream(backend_, identity_, true);
  std::vector<std::string> chunks;
  for (
      const char* line :
      {R"({"model":"llama3","message":{"role":"assistant","content":"He"},"done":false})",
       R"({"model":"llama3","message":{"role":"assistant","content":"y"},"done":false})", "", "\r",
       R"({"model":"llama3","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","eval_count":2,"prompt_eval_count":3})"}) {
    const Status taken = stream.Take(line, &chunks);
    ASSERT_TRUE(taken.ok()) << taken.error().message;
  }
  EXPECT_TRUE(stream.done());
  ASSERT_EQ(chunks.size(), 5u);
  EXPECT_NE(chunks[0].find(R"("delta":{"role":"assistant","content":""})"), std::string::npos);
  EXPECT_NE(chunks[1].find(R"("delta":{"content":"He"})"), std::string::npos);
  EXPECT_NE(chunks[2].find(R"("delta":{"content":"y"})"), std::string::npos);
  EXPECT_NE(chunks[3].find(R"("finish_reason":"stop")"), std::string::npos);
  EXPECT_NE(
      chunks[4].find(
          R"("choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5})"),
      std::string::npos);
  for (const std::string& chunk : chunks) EXPECT_TRUE(json::Document::Parse(chunk).ok()) << chunk;
}

TEST_F(OllamaReplyTest, StreamErrors) {
  for (const char* line : {R"({"error":"out of memory"})", "half {", "[]", R"({"status":"x"})"}) {
    OllamaStream stream(backend_, identity_, false);
    std::vector<std::string> chunks;
    const Status taken = stream.Take(line, &chunks);
    ASSERT_FALSE(taken.ok()) << line;
    EXPECT_EQ(taken.error().code, ErrorCode::kUpstream);
  }
}

}  // namespace
}  // namespace moerge
