// Anthropic's protocol, translated both ways: bytes in, bytes out.
#include <gtest/gtest.h>

#include "adapters/anthropic_reply.h"
#include "adapters/anthropic_request.h"

namespace moerge {
namespace {

Result<std::string> TranslateToAnthropic(std::string_view request, bool stream = false) {
  const auto document = json::Document::Parse(request);
  EXPECT_TRUE(document.ok()) << document.error().message;
  Expert expert;
  expert.model = "claude";
  auto translated = ToAnthropicRequest(document->root(), expert, stream);
  if (!translated) return std::move(translated).error();
  EXPECT_TRUE(json::Document::Parse(translated->body).ok()) << translated->body;
  return translated->body;
}

TEST(AnthropicRequest, SystemTurnsAndSampling) {
  const auto request = TranslateToAnthropic(
      R"({"model":"auto","messages":[{"role":"system","content":"Be brief."},)"
      R"({"role":"user","content":"Hi \"you\""},{"role":"assistant","content":"Hello"},)"
      R"({"role":"developer","content":[{"type":"text","text":"In French."}]},)"
      R"({"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":""}]}],)"
      R"("max_completion_tokens":7,"max_tokens":9,"temperature":0.5,"stop":["x","y"],"user":"u1"})",
      true);
  ASSERT_TRUE(request.ok()) << request.error().message;
  EXPECT_EQ(
      *request,
      R"({"model":"claude","max_tokens":7,"system":"Be brief.\n\nIn French.","messages":[)"
      R"({"role":"user","content":[{"type":"text","text":"Hi \"you\""}]},)"
      R"({"role":"assistant","content":[{"type":"text","text":"Hello"}]},)"
      R"({"role":"user","content":[{"type":"text","text":"a"}]}],)"
      R"("temperature":0.5,"stop_sequences":["x","y"],"metadata":{"user_id":"u1"},"stream":true})");
}

TEST(AnthropicRequest, DefaultMaxTokensAndOneStop) {
  const auto request =
      TranslateToAnthropic(R"({"messages":[{"role":"user","content":"x"}],"stop":"END"})");
  ASSERT_TRUE(request.ok());
  EXPECT_NE(request->find(R"("max_tokens":8192)"), std::string::npos);
  EXPECT_NE(request->find(R"("stop_sequences":["END"])"), std::string::npos);
  EXPECT_EQ(request->find("stream\""), std::string::npos);
}

TEST(AnthropicRequest, ToolsCallsAndResults) {
  const auto request = TranslateToAnthropic(
      R"({"messages":[{"role":"user","content":"weather?"},{"role":"assistant","content":null,"tool_calls":[)"
      R"({"id":"t1","type":"function","function":{"name":"w","arguments":"{\"c\": \"Oslo\"}"}},)"
      R"({"id":"t2","type":"function","function":{"name":"w","arguments":""}}]},)"
      R"({"role":"tool","tool_call_id":"t1","content":"rain"},)"
      R"({"role":"tool","tool_call_id":"t2","content":[{"type":"text","text":"sun"}]},{"role":"user","content":"so?"}],)"
      R"("tools":[{"type":"function","function":{"name":"w","description":"d","parameters":{"type":"object","properties":{}}}},)"
      R"({"type":"function","function":{"name":"bare"}}],"tool_choice":"required","parallel_tool_calls":false})");
  ASSERT_TRUE(request.ok()) << request.error().message;
  EXPECT_NE(
      request->find(
          R"({"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"w","input":{"c": "Oslo"}},)"
          R"({"type":"tool_use","id":"t2","name":"w","input":{}}]},)"
          R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"rain"},)"
          R"({"type":"tool_result","tool_use_id":"t2","content":"sun"},{"type":"text","text":"so?"}]}])"),
      std::string::npos)
      << *request;
  EXPECT_NE(
      request->find(
          R"("tools":[{"name":"w","description":"d","input_schema":{"type":"object","properties":{}}},)"
          R"({"name":"bare","input_schema":{"type":"object","properties":{}}}],)"
          R"("tool_choice":{"type":"any","disable_parallel_tool_use":true})"),
      std::string::npos)
      << *request;
}

TEST(AnthropicRequest, ForcedTool) {
  const auto request = TranslateToAnthropic(
      R"({"messages":[{"role":"user","content":"x"}],"tools":[{"function":{"name":"w"}}],)"
      R"("tool_choice":{"type":"function","function":{"name":"w"}}})");
  EXPECT_NE(request->find(R"("tool_choice":{"type":"tool","name":"w"})"), std::string::npos);
}

TEST(AnthropicRequest, Images) {
  const auto request = TranslateToAnthropic(
      R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},)"
      R"({"type":"image_url","image_url":{"url":"https://e.com/x.jpg"}}]}]})");
  ASSERT_TRUE(request.ok());
  EXPECT_NE(
      request->find(
          R"([{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},)"
          R"({"type":"image","source":{"type":"url","url":"https://e.com/x.jpg"}}])"),
      std::string::npos)
      << *request;
}

class AnthropicReplyTest : public ::testing::Test {
 protected:
  AnthropicReplyTest() { backend_.name = "claude"; }
  Backend backend_;
};

TEST_F(AnthropicReplyTest, MessageBecomesCompletion) {
  const auto reply = FromAnthropicReply(
      backend_,
      R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[{"type":"thinking","thinking":"hm"},)"
      R"({"type":"text","text":"Hi"},{"type":"tool_use","id":"t1","name":"w","input":{"c":"Oslo"}}],)"
      R"("stop_reason":"tool_use","usage":{"input_tokens":5,"cache_read_input_tokens":2,"output_tokens":3}})",
      1700);
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(
      reply->json,
      R"({"id":"msg_1","object":"chat.completion","created":1700,"model":"claude-x","choices":[{"index":0,)"
      R"("message":{"role":"assistant","content":"Hi","refusal":null,"reasoning_content":"hm",)"
      R"("tool_calls":[{"id":"t1","type":"function",)"
      R"("function":{"name":"w","arguments":"{\"c\":\"Oslo\"}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],)"
      R"("usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10,"prompt_tokens_details":{"cached_tokens":2}}})");
  EXPECT_EQ(reply->json.substr(reply->model_begin, reply->model_end - reply->model_begin),
            "\"claude-x\"");
  EXPECT_EQ(reply->content, "Hi");
  EXPECT_FALSE(reply->usage.estimated);
}

TEST_F(AnthropicReplyTest, StopReasons) {
  const std::pair<const char*, const char*> reasons[] = {{"end_turn", "stop"},
                                                         {"stop_sequence", "stop"},
                                                         {"max_tokens", "length"},
                                                         {"refusal", "content_filter"}};
  for (const auto& [theirs, ours] : reasons) {
    const auto reply = FromAnthropicReply(
        backend_, R"({"type":"message","content":[],"stop_reason":")" + std::string(theirs) + "\"}",
        0);
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(reply->finish_reason, ours);
  }
}

TEST_F(AnthropicReplyTest, RefusesWhatIsNoMessage) {
  for (const char* json :
       {"", "<html>", "{}", R"({"type":"error","error":{"message":"Overloaded"}})",
        R"({"type":"message","content":7})"}) {
    const auto reply = FromAnthropicReply(backend_, json, 0);
    ASSERT_FALSE(reply.ok()) << json;
    EXPECT_EQ(reply.error().code, ErrorCode::kUpstream);
  }
}

std::vector<std::string> Deltas(const std::vector<std::string>& chunks) {
  std::vector<std::string> deltas;
  for (const std::string& chunk : chunks) {
    const auto document = json::Document::Parse(chunk);
    EXPECT_TRUE(document.ok()) << chunk;
    EXPECT_EQ(*document->root().Find("object").AsString(), "chat.completion.chunk");
    const json::Value choices = document->root().Find("choices");
    if (choices.size() == 0) {
      deltas.push_back(std::string(document->root().Find("usage").raw()));
      continue;
    }
    const json::Value choice = *choices.children().begin();
    deltas.push_back(std::string(choice.Find("delta").raw()) +
                     std::string(choice.Find("finish_reason").raw()));
  }
  return deltas;
}

TEST_F(AnthropicReplyTest, StreamOfTextAndTools) {
  AnthropicStream stream(backend_, 1700, true);
  std::vector<std::string> chunks;
  for (
      const char* event :
      {R"({"type":"message_start","message":{"id":"m1","model":"c","usage":{"input_tokens":5,"output_tokens":1}}})",
       R"({"type":"ping"})",
       R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}})",
       R"({"type":"content_block_stop","index":0})",
       R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}})",
       R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hi \"x\""}})",
       R"({"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t1","name":"w","input":{}}})",
       R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"c\":"}})",
       R"({"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"t2","name":"v","input":{}}})",
       R"({"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{}"}})",
       R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9}})",
       R"({"type":"brand_new_event"})", R"({"type":"message_stop"})"}) {
    const Status taken = stream.Take(event, &chunks);
    ASSERT_TRUE(taken.ok()) << taken.error().message;
  }
  EXPECT_TRUE(stream.done());
  const std::vector<std::string> expected = {
      R"({"role":"assistant","content":null}null)",
      R"({"reasoning_content":"hm"}null)",
      R"({"content":"Hi \"x\""}null)",
      R"({"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"w","arguments":""}}]}null)",
      R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"c\":"}}]}null)",
      R"({"tool_calls":[{"index":1,"id":"t2","type":"function","function":{"name":"v","arguments":""}}]}null)",
      R"({"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}null)",
      R"({}"tool_calls")",
      R"({"prompt_tokens":5,"completion_tokens":9,"total_tokens":14})"};
  EXPECT_EQ(Deltas(chunks), expected);
  const ChatChunk chunk = stream.writer().ChunkOf(chunks[0]);
  EXPECT_EQ(chunk.json.substr(chunk.model_begin, chunk.model_end - chunk.model_begin), "\"c\"");
  EXPECT_EQ(stream.writer().summary().finish_reason, "tool_calls");
  EXPECT_EQ(stream.writer().summary().content_bytes, 6);
}

TEST_F(AnthropicReplyTest, StreamErrors) {
  for (const char* event :
       {R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})", "half {",
        "[]",
        R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}})"}) {
    AnthropicStream stream(backend_, 0, false);
    std::vector<std::string> chunks;
    const Status taken = stream.Take(event, &chunks);
    ASSERT_FALSE(taken.ok()) << event;
    EXPECT_EQ(taken.error().code, ErrorCode::kUpstream);
  }
}

}  // namespace
}  // namespace moerge
