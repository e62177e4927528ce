// Whatever shape an answer has, it is the same message whether it is asked for whole or as a
// stream, and whether the expert answers the one or the other. The next shape is one row.
#include "tests/adapters/protocol_fixture.h"

namespace moerge::test {
namespace {

struct Shape {
  const char* name;
  Protocol protocol;
  std::string whole;
  std::vector<std::string> stream;  // data of events; of Ollama lines
  std::string message;              // of the first choice
  std::string finish;
  std::string logprobs = "null";
  std::string usage = "";  // empty: nobody says it
};

std::string OpenAiWhole(std::string_view message, std::string_view finish,
                        std::string_view logprobs = "null") {
  return R"({"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":)" +
         std::string(message) + R"(,"logprobs":)" + std::string(logprobs) +
         R"(,"finish_reason":")" + std::string(finish) +
         R"("}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})";
}
std::string OpenAiChunkOf(std::string_view delta, std::string_view finish = "null",
                          std::string_view logprobs = "null") {
  return R"({"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":)" +
         std::string(delta) + R"(,"logprobs":)" + std::string(logprobs) + R"(,"finish_reason":)" +
         std::string(finish) + "}]}";
}
constexpr const char* kUsageChunk =
    R"({"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})";
constexpr const char* kUsage = R"({"prompt_tokens":3,"completion_tokens":2,"total_tokens":5})";

std::string Claude(std::string_view blocks, std::string_view stop) {
  return R"({"id":"c1","type":"message","role":"assistant","model":"m","content":[)" +
         std::string(blocks) + R"(],"stop_reason":")" + std::string(stop) +
         R"(","usage":{"input_tokens":3,"output_tokens":2}})";
}
std::vector<std::string> ClaudeStream(const std::vector<std::string>& events,
                                      std::string_view stop) {
  std::vector<std::string> all = {
      R"({"type":"message_start","message":{"id":"c1","model":"m","usage":{"input_tokens":3,"output_tokens":1}}})",
      R"({"type":"ping"})"};
  all.insert(all.end(), events.begin(), events.end());
  all.push_back(R"({"type":"message_delta","delta":{"stop_reason":")" + std::string(stop) +
                R"("},"usage":{"output_tokens":2}})");
  all.push_back(R"({"type":"message_stop"})");
  return all;
}
std::string Start(int index, std::string_view block) {
  return R"({"type":"content_block_start","index":)" + std::to_string(index) +
         R"(,"content_block":)" + std::string(block) + "}";
}
std::string Delta(int index, std::string_view delta) {
  return R"({"type":"content_block_delta","index":)" + std::to_string(index) + R"(,"delta":)" +
         std::string(delta) + "}";
}
std::string Stop(int index) {
  return R"({"type":"content_block_stop","index":)" + std::to_string(index) + "}";
}

std::string Llama(std::string_view message, std::string_view more = R"("done_reason":"stop")") {
  return R"({"model":"m","message":)" + std::string(message) + R"(,"done":true,)" +
         std::string(more) + R"(,"prompt_eval_count":3,"eval_count":2})";
}
std::string LlamaLine(std::string_view message, std::string_view more = "") {
  return R"({"model":"m","message":)" + std::string(message) + std::string(more) +
         R"(,"done":false})";
}
constexpr const char* kLlamaEnd =
    R"({"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":2})";

std::vector<Shape> OpenAiShapes() {
  const char* call =
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]})";
  const char* odds =
      R"({"content":[{"token":"Hi","logprob":-0.5,"bytes":null,"top_logprobs":[]}],"refusal":null})";
  return {
      {"text",
       Protocol::kOpenAi,
       OpenAiWhole(R"({"role":"assistant","content":"Hi"})", "stop"),
       {OpenAiChunkOf(R"({"role":"assistant","content":""})"), OpenAiChunkOf(R"({"content":"H"})"),
        OpenAiChunkOf(R"({"content":"i"})"), OpenAiChunkOf("{}", "\"stop\""), kUsageChunk},
       R"({"role":"assistant","content":"Hi"})",
       "stop",
       "null",
       kUsage},
      {"reasoning",
       Protocol::kOpenAi,
       OpenAiWhole(R"({"role":"assistant","content":"Hi","reasoning_content":"hm"})", "length"),
       {OpenAiChunkOf(R"({"role":"assistant","content":"Hi"})"),
        OpenAiChunkOf(R"({"reasoning_content":"hm"})"), OpenAiChunkOf("{}", "\"length\""),
        kUsageChunk},
       R"({"role":"assistant","content":"Hi","reasoning_content":"hm"})",
       "length",
       "null",
       kUsage},
      {"calls, one without arguments",
       Protocol::kOpenAi,
       OpenAiWhole(call, "tool_calls"),
       {OpenAiChunkOf(R"({"role":"assistant","content":null})"),
        OpenAiChunkOf(
            R"({"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\""}}]})"),
        OpenAiChunkOf(R"({"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]})"),
        OpenAiChunkOf(
            R"({"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}}]})"),
        OpenAiChunkOf("{}", "\"tool_calls\""), kUsageChunk},
       call,
       "tool_calls",
       "null",
       kUsage},
      {"a call of old in pieces",
       Protocol::kOpenAi,
       OpenAiWhole(
           R"({"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{\"x\":1}"}})",
           "function_call"),
       {OpenAiChunkOf(
            R"({"role":"assistant","content":null,"function_call":{"name":"f","arguments":""}})"),
        OpenAiChunkOf(R"({"function_call":{"arguments":"{\"x\""}})"),
        OpenAiChunkOf(R"({"function_call":{"name":"","arguments":":1}"}})"),
        OpenAiChunkOf("{}", "\"function_call\""), kUsageChunk},
       R"({"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{\"x\":1}"}})",
       "function_call",
       "null",
       kUsage},
      {"speech in pieces",
       Protocol::kOpenAi,
       OpenAiWhole(
           R"({"role":"assistant","content":null,"audio":{"id":"a1","transcript":"Hi there","data":"QUJD","expires_at":7}})",
           "stop"),
       {OpenAiChunkOf(
            R"({"role":"assistant","content":null,"audio":{"id":"a1","transcript":"Hi "}})"),
        OpenAiChunkOf(R"({"audio":{"data":"QU","transcript":"there"}})"),
        OpenAiChunkOf(R"({"audio":{"data":"JD"}})"), OpenAiChunkOf(R"({"audio":{"expires_at":7}})"),
        OpenAiChunkOf("{}", "\"stop\""), kUsageChunk},
       R"({"role":"assistant","content":null,"audio":{"id":"a1","transcript":"Hi there","data":"QUJD","expires_at":7}})",
       "stop",
       "null",
       kUsage},
      {"calls without index",
       Protocol::kOpenAi,
       OpenAiWhole(call, "tool_calls"),
       {OpenAiChunkOf(
            R"({"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\""}}]})"),
        OpenAiChunkOf(R"({"tool_calls":[{"function":{"arguments":":1}"}}]})"),
        OpenAiChunkOf(R"({"tool_calls":[{"id":"b","type":"function","function":{"name":"g"}}]})",
                      "\"tool_calls\""),
        kUsageChunk},
       call,
       "tool_calls",
       "null",
       kUsage},
      {"calls in pieces that share an index",
       Protocol::kOpenAi,
       OpenAiWhole(call, "tool_calls"),
       {OpenAiChunkOf(
            R"({"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\""}}]})"),
        OpenAiChunkOf(R"({"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]})"),
        OpenAiChunkOf(
            R"({"tool_calls":[{"index":0,"id":"b","type":"function","function":{"name":"g","arguments":""}}]})"),
        OpenAiChunkOf(R"({"tool_calls":[{"index":0,"function":{"arguments":"{"}}]})"),
        OpenAiChunkOf(R"({"tool_calls":[{"index":0,"function":{"arguments":"}"}}]})",
                      "\"tool_calls\""),
        kUsageChunk},
       call,
       "tool_calls",
       "null",
       kUsage},
      {"calls among which some are nothing, and content that is an empty object",
       Protocol::kOpenAi,
       OpenAiWhole(
           R"({"role":"assistant","content":{},"tool_calls":[null,{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{},{"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]})",
           "tool_calls"),
       {OpenAiChunkOf(R"({"role":"assistant","content":{},"tool_calls":[null]})"),
        OpenAiChunkOf(
            R"({"tool_calls":[{},{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]})"),
        OpenAiChunkOf(
            R"({"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":"{}"}},null]})",
            "\"tool_calls\""),
        kUsageChunk},
       call,
       "tool_calls",
       "null",
       kUsage},
      {"one call that says its id in every piece",
       Protocol::kOpenAi,
       OpenAiWhole(call, "tool_calls"),
       {OpenAiChunkOf(
            R"({"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\""}},{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]})"),
        OpenAiChunkOf(R"({"tool_calls":[{"index":0,"id":"a","function":{"arguments":":1}"}}]})",
                      "\"tool_calls\""),
        kUsageChunk},
       call,
       "tool_calls",
       "null",
       kUsage},
      {"calls whose arguments are no text",
       Protocol::kOpenAi,
       OpenAiWhole(
           R"({"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":{"x":1}}},{"id":"b","type":"function","function":{"name":"g","arguments":""}}]})",
           "tool_calls"),
       {OpenAiChunkOf(
            R"({"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}}]})",
            "\"tool_calls\""),
        kUsageChunk},
       call,
       "tool_calls",
       "null",
       kUsage},
      {"refusal",
       Protocol::kOpenAi,
       OpenAiWhole(R"({"role":"assistant","content":null,"refusal":"No."})", "stop"),
       {OpenAiChunkOf(R"({"role":"assistant","content":null})"),
        OpenAiChunkOf(R"({"refusal":"No."})"), OpenAiChunkOf("{}", "\"stop\""), kUsageChunk},
       R"({"role":"assistant","content":null,"refusal":"No."})",
       "stop",
       "null",
       kUsage},
      {"log-probabilities",
       Protocol::kOpenAi,
       OpenAiWhole(R"({"role":"assistant","content":"Hi"})", "stop", odds),
       {OpenAiChunkOf(R"({"role":"assistant","content":"Hi"})", "null", odds),
        OpenAiChunkOf("{}", "\"stop\""), kUsageChunk},
       R"({"role":"assistant","content":"Hi"})",
       "stop",
       odds,
       kUsage},
  };
}

std::vector<Shape> ClaudeShapes() {
  return {
      {"text", Protocol::kAnthropic, Claude(R"({"type":"text","text":"Hi"})", "end_turn"),
       ClaudeStream({Start(0, R"({"type":"text","text":""})"),
                     Delta(0, R"({"type":"text_delta","text":"H"})"),
                     Delta(0, R"({"type":"text_delta","text":"i"})"), Stop(0)},
                    "end_turn"),
       R"({"role":"assistant","content":"Hi"})", "stop", "null", kUsage},
      {"thoughts", Protocol::kAnthropic,
       Claude(
           R"({"type":"thinking","thinking":"hm","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"Hi"})",
           "max_tokens"),
       ClaudeStream({Start(0, R"({"type":"thinking","thinking":""})"),
                     Delta(0, R"({"type":"thinking_delta","thinking":"h"})"),
                     Delta(0, R"({"type":"thinking_delta","thinking":"m"})"),
                     Delta(0, R"({"type":"signature_delta","signature":"s"})"), Stop(0),
                     Start(1, R"({"type":"redacted_thinking","data":"d"})"), Stop(1),
                     Start(2, R"({"type":"text","text":""})"),
                     Delta(2, R"({"type":"text_delta","text":"Hi"})"), Stop(2)},
                    "max_tokens"),
       R"({"role":"assistant","content":"Hi","reasoning_content":"hm","thinking_blocks":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"redacted_thinking","data":"d"}]})",
       "length", "null", kUsage},
      {"thoughts alone", Protocol::kAnthropic,
       Claude(R"({"type":"thinking","thinking":"hm"})", "max_tokens"),
       ClaudeStream({Start(0, R"({"type":"thinking","thinking":""})"),
                     Delta(0, R"({"type":"thinking_delta","thinking":"hm"})"), Stop(0)},
                    "max_tokens"),
       R"({"role":"assistant","content":null,"reasoning_content":"hm"})", "length", "null", kUsage},
      {"a call without arguments", Protocol::kAnthropic,
       Claude(R"({"type":"tool_use","id":"a","name":"f","input":{}})", "tool_use"),
       ClaudeStream({Start(0, R"({"type":"tool_use","id":"a","name":"f","input":{}})"),
                     Delta(0, R"({"type":"input_json_delta","partial_json":""})"), Stop(0)},
                    "tool_use"),
       R"({"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]})",
       "tool_calls", "null", kUsage},
      {"text and calls", Protocol::kAnthropic,
       Claude(
           R"({"type":"text","text":"Hi"},{"type":"tool_use","id":"a","name":"f","input":{"x":1}},{"type":"tool_use","id":"b","name":"g","input":{}})",
           "tool_use"),
       ClaudeStream({Start(0, R"({"type":"text","text":""})"),
                     Delta(0, R"({"type":"text_delta","text":"Hi"})"), Stop(0),
                     Start(1, R"({"type":"tool_use","id":"a","name":"f","input":{}})"),
                     Delta(1, R"({"type":"input_json_delta","partial_json":"{\"x\":"})"),
                     Delta(1, R"({"type":"input_json_delta","partial_json":"1}"})"), Stop(1),
                     Start(2, R"({"type":"tool_use","id":"b","name":"g","input":{}})")},
                    "tool_use"),
       R"({"role":"assistant","content":"Hi","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]})",
       "tool_calls", "null", kUsage},
      {"an answer by a schema", Protocol::kAnthropic,
       Claude(R"({"type":"tool_use","id":"a","name":"moerge_json_answer","input":{"x":1}})",
              "tool_use"),
       ClaudeStream(
           {Start(0, R"({"type":"tool_use","id":"a","name":"moerge_json_answer","input":{}})"),
            Delta(0, R"({"type":"input_json_delta","partial_json":"{\"x\":1}"})"), Stop(0)},
           "tool_use"),
       R"({"role":"assistant","content":"{\"x\":1}"})", "stop", "null", kUsage},
      {"refused", Protocol::kAnthropic, Claude(R"({"type":"text","text":"I"})", "refusal"),
       ClaudeStream({Start(0, R"({"type":"text","text":"I"})"), Stop(0)}, "refusal"),
       R"({"role":"assistant","content":"I"})", "content_filter", "null", kUsage},
  };
}

std::vector<Shape> LlamaShapes() {
  return {
      {"text",
       Protocol::kOllama,
       Llama(R"({"role":"assistant","content":"Hi"})"),
       {LlamaLine(R"({"role":"assistant","content":"H"})"), LlamaLine(R"({"content":"i"})"),
        kLlamaEnd},
       R"({"role":"assistant","content":"Hi"})",
       "stop",
       "null",
       kUsage},
      {"thoughts",
       Protocol::kOllama,
       Llama(R"({"content":"Hi","thinking":"hm"})"),
       {LlamaLine(R"({"content":"","thinking":"h"})"),
        LlamaLine(R"({"content":"","thinking":"m"})"), LlamaLine(R"({"content":"Hi"})"), kLlamaEnd},
       R"({"role":"assistant","content":"Hi","reasoning_content":"hm"})",
       "stop",
       "null",
       kUsage},
      {"thoughts alone",
       Protocol::kOllama,
       Llama(R"({"content":"","thinking":"hm"})", R"("done_reason":"length")"),
       {LlamaLine(R"({"content":"","thinking":"hm"})"),
        R"({"model":"m","message":{"content":""},"done":true,"done_reason":"length","prompt_eval_count":3,"eval_count":2})"},
       R"({"role":"assistant","content":null,"reasoning_content":"hm"})",
       "length",
       "null",
       kUsage},
      {"calls",
       Protocol::kOllama,
       Llama(
           R"({"content":"","tool_calls":[{"id":"a","function":{"name":"f","arguments":{"x":1}}},{"id":"b","function":{"name":"g"}}]})"),
       {LlamaLine(
            R"({"content":"","tool_calls":[{"id":"a","function":{"name":"f","arguments":{"x":1}}}]})"),
        LlamaLine(R"({"content":"","tool_calls":[{"id":"b","function":{"name":"g"}}]})"),
        kLlamaEnd},
       R"({"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]})",
       "tool_calls",
       "null",
       kUsage},
      {"log-probabilities",
       Protocol::kOllama,
       Llama(
           R"({"content":"Hi"})",
           R"("done_reason":"stop","logprobs":[{"token":"Hi","logprob":-0.5,"bytes":[72,105],"top_logprobs":[{"token":"Ho","logprob":-2}]}])"),
       {LlamaLine(
            R"({"content":"Hi"})",
            R"(,"logprobs":[{"token":"Hi","logprob":-0.5,"bytes":[72,105],"top_logprobs":[{"token":"Ho","logprob":-2}]}])"),
        kLlamaEnd},
       R"({"role":"assistant","content":"Hi"})",
       "stop",
       R"({"content":[{"token":"Hi","logprob":-0.5,"bytes":[72,105],"top_logprobs":[{"token":"Ho","logprob":-2,"bytes":null}]}],"refusal":null})",
       kUsage},
  };
}

class SameBothWays : public ProtocolFixture {
 protected:
  void Check(const Shape& shape) {
    SCOPED_TRACE(shape.name);
    const bool lines = shape.protocol == Protocol::kOllama;
    const std::string json = OkReply(shape.whole);
    const std::string stream =
        lines ? StreamOf(Lines(shape.stream), "Content-Type: application/x-ndjson\r\n")
              : StreamOf(Events(shape.stream, shape.protocol == Protocol::kOpenAi),
                         "Content-Type: text/event-stream\r\n");
    for (const std::string* bytes : {&json, &stream}) {
      SCOPED_TRACE(bytes == &json ? "a whole reply" : "a stream");
      const auto whole = Chat(shape.protocol, *bytes);
      ASSERT_TRUE(whole.ok()) << whole.error().message;
      Expect(shape, whole->json, "asked for a whole one");
      EXPECT_EQ(whole->finish_reason, shape.finish);
      EXPECT_EQ(whole->usage.completion_tokens, 2);
      ChunkKeeper keeper;
      const auto streamed =
          Stream(shape.protocol, *bytes, &keeper, R"(,"stream_options":{"include_usage":true})");
      ASSERT_TRUE(streamed.ok()) << streamed.error().message;
      Expect(shape, keeper.Assembled(), "asked for a stream");
      EXPECT_EQ(streamed->finish_reason, shape.finish);
      EXPECT_EQ(streamed->usage.completion_tokens, 2);
    }
  }

  static std::map<std::string, std::string> Members(const json::Value& object) {
    std::map<std::string, std::string> members;
    for (const json::Value member : object.children()) {
      const bool nothing = member.is_null() && member.key() != "content";
      if (!nothing) members[std::string(member.key())] = member.raw();
    }
    return members;
  }

  static void Expect(const Shape& shape, const std::string& json, const char* asked) {
    SCOPED_TRACE(asked);
    const auto reply = json::Document::Parse(json);
    const auto message = json::Document::Parse(shape.message);
    ASSERT_TRUE(reply.ok()) << json;
    ASSERT_TRUE(message.ok()) << shape.message;
    ASSERT_EQ(reply->root().Find("choices").size(), 1u) << json;
    const json::Value choice = *reply->root().Find("choices").children().begin();
    EXPECT_EQ(Members(choice.Find("message")), Members(message->root())) << json;
    EXPECT_EQ(choice.Find("finish_reason").AsString(), shape.finish) << json;
    EXPECT_EQ(choice.Find("logprobs").raw(), shape.logprobs) << json;
    EXPECT_EQ(reply->root().Find("usage").raw(), shape.usage) << json;
    EXPECT_EQ(reply->root().Find("object").AsString(), "chat.completion");
  }
};

TEST_F(SameBothWays, OpenAi) {
  for (const Shape& shape : OpenAiShapes()) Check(shape);
}
TEST_F(SameBothWays, Anthropic) {
  for (const Shape& shape : ClaudeShapes()) Check(shape);
}
TEST_F(SameBothWays, Ollama) {
  for (const Shape& shape : LlamaShapes()) Check(shape);
}

TEST_F(SameBothWays, PartsOfAWholeReplyAreTextInAStream) {
  const std::string parts = R"([{"type":"text","text":"Hel"},{"type":"text","text":"lo"}])";
  const std::string message = R"({"role":"assistant","content":)" + parts + "}";
  ChunkKeeper keeper;
  const auto streamed = Stream(Protocol::kOpenAi, OkReply(OpenAiWhole(message, "stop")), &keeper);
  ASSERT_TRUE(streamed.ok()) << streamed.error().message;
  EXPECT_NE(keeper.Assembled().find(R"("content":"Hello")"), std::string::npos)
      << keeper.Assembled();
}

// By the content of its parts, whichever way it comes and goes.
TEST_F(SameBothWays, ContentOfThinkingAndTextIsOneTextAndItsThoughts) {
  const std::string parts =
      R"([{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"Hel"},{"type":"text","text":"lo"}])";
  Check({"parts",
         Protocol::kOpenAi,
         OpenAiWhole(R"({"role":"assistant","content":)" + parts + "}", "stop"),
         {OpenAiChunkOf(R"({"role":"assistant","content":)" + parts + "}"),
          OpenAiChunkOf("{}", "\"stop\""), kUsageChunk},
         R"({"role":"assistant","content":"Hello","reasoning_content":"hm"})",
         "stop",
         "null",
         kUsage});
  // What has no place there stays.
  const std::string odd = R"([{"type":"reference","reference_ids":[1]}])";
  const auto kept =
      Chat(Protocol::kOpenAi,
           OkReply(OpenAiWhole(R"({"role":"assistant","content":)" + odd + "}", "stop")));
  ASSERT_TRUE(kept.ok()) << kept.error().message;
  EXPECT_NE(kept->json.find(odd), std::string::npos) << kept->json;
}

TEST_F(SameBothWays, OneCallAtATimeIfTheClientWantsThat) {
  const std::string reply = OkReply(LlamaShapes()[3].whole);
  const std::string stream =
      StreamOf(Lines(LlamaShapes()[3].stream), "Content-Type: application/x-ndjson\r\n");
  const auto whole = Chat(Protocol::kOllama, reply, R"(,"parallel_tool_calls":false)");
  EXPECT_EQ(whole->json.find("\"g\""), std::string::npos) << whole->json;
  ChunkKeeper keeper;
  (void)Stream(Protocol::kOllama, stream, &keeper, R"(,"parallel_tool_calls":false)");
  EXPECT_EQ(keeper.Assembled().find("\"g\""), std::string::npos);
}

TEST_F(SameBothWays, AnAnswerThatOnlyMoergesLimitHasCutIsNoted) {
  expert_.max_output = 77;
  const std::string whole = OkReply(ClaudeShapes()[1].whole);
  ASSERT_TRUE(Chat(Protocol::kAnthropic, whole).ok());
  ASSERT_EQ(notes_.told.size(), 1u);
  EXPECT_NE(notes_.told[0].find("cut at 77 tokens"), std::string::npos);
  ChunkKeeper keeper;
  ASSERT_TRUE(
      Stream(Protocol::kAnthropic, StreamOf(Events(ClaudeShapes()[1].stream, false)), &keeper)
          .ok());
  EXPECT_EQ(notes_.told.size(), 1u);
  ASSERT_TRUE(Chat(Protocol::kAnthropic, whole, R"(,"max_tokens":50)").ok());
  EXPECT_TRUE(notes_.told.empty());
  // It was the context that was full.
  constexpr std::string_view kLimit = "\"max_tokens\"";
  const auto full = [kLimit](std::string json) {
    const std::size_t at = json.find(kLimit);
    return at == json.npos ? json
                           : json.replace(at, kLimit.size(), "\"model_context_window_exceeded\"");
  };
  std::vector<std::string> events;
  const auto shape = ClaudeShapes()[1];
  for (const std::string& event : shape.stream) events.push_back(full(event));
  for (const std::string& bytes : {OkReply(full(shape.whole)), StreamOf(Events(events, false))}) {
    const auto reply = Chat(Protocol::kAnthropic, bytes);
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(reply->finish_reason, "length");
    EXPECT_TRUE(Stream(Protocol::kAnthropic, bytes, &keeper).ok());
    EXPECT_TRUE(notes_.told.empty());
  }
}

}  // namespace
}  // namespace moerge::test
