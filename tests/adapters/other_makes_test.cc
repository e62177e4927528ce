// Replies of servers that speak Anthropic's or Ollama's API nearly as the makers do: what they
// leave out, say twice or elsewhere arrives. The next server is one row.
#include "tests/adapters/protocol_fixture.h"

namespace moerge::test {
namespace {

std::string Started(std::string_view usage = R"({"input_tokens":9,"output_tokens":1})") {
  return R"({"type":"message_start","message":{"id":"m1","model":"m","usage":)" +
         std::string(usage) + "}}";
}
std::string Begun(int index, std::string_view block) {
  return R"({"type":"content_block_start","index":)" + std::to_string(index) +
         R"(,"content_block":)" + std::string(block) + "}";
}
std::string Piece(int index, std::string_view delta) {
  return R"({"type":"content_block_delta","index":)" + std::to_string(index) + R"(,"delta":)" +
         std::string(delta) + "}";
}
std::string Stopped(int index) {
  return R"({"type":"content_block_stop","index":)" + std::to_string(index) + "}";
}
std::string Ending(std::string_view reason = "end_turn",
                   std::string_view usage = R"({"output_tokens":4})") {
  return R"({"type":"message_delta","delta":{"stop_reason":")" + std::string(reason) +
         R"("},"usage":)" + std::string(usage) + "}";
}
constexpr const char* kOver = R"({"type":"message_stop"})";
constexpr const char* kText = R"({"type":"text","text":"Hi"})";
constexpr const char* kUse = R"({"type":"tool_use","id":"a","name":"f","input":{}})";

struct MakeRow {
  const char* name;
  Protocol protocol;
  std::string bytes;  // of the reply
  std::string has;    // stands in what is put together of it
  Usage usage = {.prompt_tokens = 9, .completion_tokens = 4, .estimated = false};
};

std::string Claude(const std::vector<std::string>& events, std::string_view more = {}) {
  return StreamOf(Events(events, false) + std::string(more));
}
std::string ClaudeWhole(std::string_view content, std::string_view more = R"("type":"message")") {
  return OkReply(R"({"id":"m1","model":"m",)" + std::string(more) + R"(,"content":)" +
                 std::string(content) +
                 R"(,"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":4}})");
}

std::vector<MakeRow> ClaudeRows() {
  const Protocol claude = Protocol::kAnthropic;
  const std::string hi = R"("content":"Hi")";
  const std::string x = R"("arguments":"{\"x\":1}")";
  const auto text = [](std::string_view started, std::string_view ending) {
    return Claude({std::string(started), Begun(0, kText), Stopped(0), std::string(ending), kOver});
  };
  return {
      {"no type of the whole", claude,
       ClaudeWhole("[" + std::string(kText) + "]", R"("role":"assistant")"), hi},
      {"content that is a text", claude, ClaudeWhole("\"Hi\""), hi},
      {"an error of null beside it", claude,
       ClaudeWhole("[" + std::string(kText) + "]", R"("type":"message","error":null)"), hi},
      {"input that is a text", claude,
       ClaudeWhole(R"([{"type":"tool_use","id":"a","name":"f","input":"{\"x\":1}"}])"), x},
      {"a use without an id", claude,
       ClaudeWhole(R"([{"type":"tool_use","name":"f","input":{"x":1}}])"), R"("id":"call_)"},
      {"blocks of the server's own tools", claude,
       ClaudeWhole(
           R"([{"type":"server_tool_use","id":"s","name":"web_search","input":{}},{"type":"web_search_tool_result","tool_use_id":"s","content":[]},{"type":"text","text":"Hi","citations":[{"type":"web_search_result_location"}]}])"),
       hi},
      {"input at the start", claude,
       Claude({Started(), Begun(0, R"({"type":"tool_use","id":"a","name":"f","input":{"x":1}})"),
               Stopped(0), Ending("tool_use"), kOver}),
       x},
      {"input at the start, and in pieces", claude,
       Claude({Started(), Begun(0, R"({"type":"tool_use","id":"a","name":"f","input":{"x":1}})"),
               Piece(0, R"({"type":"input_json_delta","partial_json":"{\"x\""})"),
               Piece(0, R"({"type":"input_json_delta","partial_json":":1}"})"), Stopped(0),
               Ending("tool_use"), kOver}),
       x},
      {"input at the start, as a text, and no end of the block", claude,
       Claude({Started(),
               Begun(0, R"({"type":"tool_use","id":"a","name":"f","input":"{\"x\":1}"})"),
               Ending("tool_use"), kOver}),
       x},
      {"no input and no end of the block", claude,
       Claude({Started(), Begun(0, kUse), Ending("tool_use"), kOver}), R"("arguments":"{}")"},
      {"a signature and no end of the block", claude,
       Claude({Started(), Begun(0, R"({"type":"thinking","thinking":""})"),
               Piece(0, R"({"type":"thinking_delta","thinking":"hm"})"),
               Piece(0, R"({"type":"signature_delta","signature":"sig"})"), Begun(1, kText),
               Ending(), kOver}),
       R"("signature":"sig")"},
      {"pieces of the kinds that come", claude,
       Claude({Started(), Begun(0, R"({"type":"text","text":"","citations":[]})"),
               Piece(0, R"({"type":"citations_delta","citation":{}})"),
               Piece(0, R"({"type":"text_delta","text":"Hi"})"),
               Piece(0, R"({"type":"novel_delta"})"), R"({"type":"novel"})", Stopped(0), Ending(),
               kOver}),
       hi},
      {"no message_stop", claude, Claude({Started(), Begun(0, kText), Ending()}), hi},
      {"[DONE] in its place", claude,
       Claude({Started(), Begun(0, kText), Ending()}, "data: [DONE]\n\n"), hi},
      {"[DONE] before it", claude, Claude({Started(), Begun(0, kText), Ending(), "[DONE]", kOver}),
       hi},
      {"pings without JSON", claude,
       StreamOf("event: ping\ndata:\n\n" + Events({Started(), Begun(0, kText)}, false) +
                "event: ping\ndata: 7\n\n: c\n\n" + Events({Ending(), kOver}, false)),
       hi},
      {"the count at the end", claude,
       text(Started(R"({"input_tokens":0,"output_tokens":0})"),
            Ending("end_turn", R"({"input_tokens":9,"output_tokens":4})")),
       hi},
      {"no count of the input at the end", claude,
       text(Started(), Ending("end_turn", R"({"input_tokens":0,"output_tokens":4})")), hi},
      {"null at the end", claude,
       text(Started(),
            Ending("end_turn",
                   R"({"input_tokens":null,"cache_read_input_tokens":null,"output_tokens":4})")),
       hi},
      {"what was cached, at the end alone",
       claude,
       text(Started(R"({"input_tokens":9,"output_tokens":1})"),
            Ending("end_turn",
                   R"({"input_tokens":0,"cache_read_input_tokens":9,"output_tokens":4})")),
       hi,
       {.prompt_tokens = 9, .completion_tokens = 4, .estimated = false, .cached_tokens = 9}},
      {"what it cost to think", claude,
       text(Started(),
            Ending("end_turn",
                   R"({"output_tokens":4,"output_tokens_details":{"thinking_tokens":3}})")),
       R"("completion_tokens_details":{"reasoning_tokens":3})"},
      {"what was cached, at the start alone",
       claude,
       text(
           Started(
               R"({"input_tokens":2,"cache_creation_input_tokens":3,"cache_read_input_tokens":4,"output_tokens":1})"),
           Ending("end_turn", R"({"input_tokens":2,"output_tokens":4})")),
       hi,
       {.prompt_tokens = 9, .completion_tokens = 4, .estimated = false, .cached_tokens = 4}},
  };
}

std::vector<MakeRow> LlamaRows() {
  const Protocol llama = Protocol::kOllama;
  const std::string hi = R"("content":"Hi")";
  const std::string end =
      R"("done":true,"done_reason":"stop","prompt_eval_count":9,"eval_count":4})";
  const auto line = [](std::string_view message) {
    return R"({"model":"m","message":)" + std::string(message) + R"(,"done":false})";
  };
  const std::string said = line(R"({"role":"assistant","content":"Hi"})");
  const std::string over = R"({"model":"m","message":{"role":"assistant","content":""},)" + end;
  return {
      {"lines that end like Windows'", llama, StreamOf(said + "\r\n\r\n" + over + "\r\n"), hi},
      {"the last line without an end", llama, StreamOf(said + "\n" + over), hi},
      {"no message in the last line", llama, StreamOf(Lines({said, R"({"model":"m",)" + end})), hi},
      {"no reason of the end", llama,
       StreamOf(Lines(
           {said,
            R"({"model":"m","message":{"content":""},"done":true,"prompt_eval_count":9,"eval_count":4})"})),
       hi},
      {"all in the last line", llama,
       StreamOf(Lines({R"({"model":"m","message":{"role":"assistant","content":"Hi"},)" + end})),
       hi},
      {"content of null before", llama,
       StreamOf(
           Lines({line(R"({"role":"assistant","content":null,"thinking":"hm"})"), said, over})),
       hi},
      {"an error of nothing in each line", llama,
       StreamOf(
           Lines({R"({"error":"","model":"m","message":{"content":"Hi"},"done":false})", over})),
       hi},
      {"arguments that are a text", llama,
       StreamOf(Lines(
           {line(
                R"({"content":"","tool_calls":[{"function":{"name":"f","arguments":"{\"x\":1}"}}]})"),
            over})),
       R"("arguments":"{\"x\":1}")"},
      {"a call in the last line", llama,
       StreamOf(Lines(
           {R"({"model":"m","message":{"content":"","tool_calls":[{"id":"c9","function":{"index":0,"name":"f","arguments":{}}}]},)" +
            end})),
       R"("id":"c9")"},
  };
}

class OtherMakes : public ProtocolFixture {
 protected:
  static void Expect(const MakeRow& row, const Usage& usage) {
    EXPECT_EQ(usage.prompt_tokens, row.usage.prompt_tokens);
    EXPECT_EQ(usage.completion_tokens, row.usage.completion_tokens);
    EXPECT_EQ(usage.cached_tokens, row.usage.cached_tokens);
    EXPECT_EQ(usage.estimated, row.usage.estimated);
  }
  void Check(const MakeRow& row) {
    SCOPED_TRACE(row.name);
    const auto whole = Chat(row.protocol, row.bytes);
    ASSERT_TRUE(whole.ok()) << whole.error().message;
    EXPECT_NE(whole->json.find(row.has), std::string::npos) << whole->json;
    Expect(row, whole->usage);
    ChunkKeeper keeper;
    const auto streamed =
        Stream(row.protocol, row.bytes, &keeper, R"(,"stream_options":{"include_usage":true})");
    ASSERT_TRUE(streamed.ok()) << streamed.error().message;
    const std::string all = keeper.Assembled();
    EXPECT_NE(all.find(row.has), std::string::npos) << all;
    Expect(row, streamed->usage);
    const auto given = json::Document::Parse(all);
    ASSERT_TRUE(given.ok());
    EXPECT_EQ(given->root().Find("usage").Find("prompt_tokens").AsInt(), row.usage.prompt_tokens);
  }
};

TEST_F(OtherMakes, OfAnthropicsApi) {
  for (const MakeRow& row : ClaudeRows()) Check(row);
}

TEST_F(OtherMakes, OfOllamasApi) {
  for (const MakeRow& row : LlamaRows()) Check(row);
}

// A line that says that more follows is no whole answer, whichever was asked for.
TEST_F(OtherMakes, ALineThatIsNotTheLastIsNoAnswer) {
  const std::string line = R"({"model":"m","message":{"content":"Hi"},"done":false})";
  for (const std::string& bytes : {OkReply(line), StreamOf(line + "\n"), OkReply(line + "\n")}) {
    EXPECT_FALSE(Chat(Protocol::kOllama, bytes).ok());
    ChunkKeeper keeper;
    EXPECT_FALSE(Stream(Protocol::kOllama, bytes, &keeper).ok());
  }
}

// What nobody counted is estimated, for the books and for the client alike.
TEST_F(OtherMakes, WhatIsNotCountedIsEstimated) {
  const std::string lines =
      Lines({R"({"model":"m","message":{"content":"Hi"},"done":false})",
             R"({"model":"m","message":{"content":""},"done":true,"done_reason":"stop"})"});
  const std::string cached = Lines(
      {R"({"model":"m","message":{"content":"Hi"},"done":false})",
       R"({"model":"m","message":{"content":""},"done":true,"done_reason":"stop","eval_count":4})"});
  const std::string events =
      Events({Started("{}"), Begun(0, kText), Ending("end_turn", "{}"), kOver}, false);
  const std::string whole = OkReply(
      R"({"id":"m1","type":"message","model":"m","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn"})");
  const std::pair<Protocol, std::string> cases[] = {{Protocol::kOllama, StreamOf(lines)},
                                                    {Protocol::kOllama, StreamOf(cached)},
                                                    {Protocol::kAnthropic, StreamOf(events)},
                                                    {Protocol::kAnthropic, whole}};
  for (const auto& [protocol, bytes] : cases) {
    SCOPED_TRACE(bytes);
    const auto reply = Chat(protocol, bytes);
    ASSERT_TRUE(reply.ok()) << reply.error().message;
    ChunkKeeper keeper;
    const auto summary =
        Stream(protocol, bytes, &keeper, R"(,"stream_options":{"include_usage":true})");
    ASSERT_TRUE(summary.ok()) << summary.error().message;
    for (const Usage& usage : {reply->usage, summary->usage}) {
      EXPECT_GT(usage.prompt_tokens, 0);
      EXPECT_GT(usage.completion_tokens, 0);
    }
    for (const std::string& json : {reply->json, keeper.Assembled()}) {
      const auto given = json::Document::Parse(json);
      ASSERT_TRUE(given.ok()) << json;
      const json::Value usage = given->root().Find("usage");
      EXPECT_GT(usage.Find("prompt_tokens").AsInt().value_or(0), 0) << json;
      EXPECT_GT(usage.Find("completion_tokens").AsInt().value_or(0), 0) << json;
    }
  }
}

// A model that cannot think as it is asked to is asked again without; the next time at once.
TEST_F(OtherMakes, AWishToThinkThatIsRefusedCostsNoAnswer) {
  const std::string refusal = R"({"error":"\"m\" does not support thinking"})";
  const std::string answer =
      R"({"model":"m","message":{"content":"Hi"},"done":true,"done_reason":"stop","prompt_eval_count":9,"eval_count":4})";
  int asked = 0;
  RawServer server([&](RawPeer& peer) {
    for (std::string request = peer.ReadRequest(); !request.empty(); request = peer.ReadRequest()) {
      ++asked;
      const bool thinks = request.find("\"think\"") != request.npos;
      const std::string refused =
          "HTTP/1.1 400 Bad Request\r\nContent-Length: " + std::to_string(refusal.size()) +
          "\r\n\r\n" + refusal;
      if (!peer.Send(thinks ? refused : OkReply(answer))) return;
    }
  });
  const ChatCall call = CallTo(server, Protocol::kOllama, R"(,"reasoning_effort":"high")");
  for (const int so_far : {2, 3}) {
    const auto reply = RunTask(client_->Chat(call, CallScope()));
    ASSERT_TRUE(reply.ok()) << reply.error().message;
    EXPECT_EQ(asked, so_far);
  }
  ChunkKeeper keeper;
  EXPECT_TRUE(RunTask(client_->Stream(call, keeper, CallScope())).ok());
  EXPECT_EQ(asked, 4);
  EXPECT_EQ(notes_.told.size(), 1u);
}

}  // namespace
}  // namespace moerge::test
