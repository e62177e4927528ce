// Failures in the shape of answers: recognised whatever they look like, and before anything of an
// answer has gone out, so that another expert may give it. The next one is one row.
#include "tests/adapters/protocol_fixture.h"

namespace moerge::test {
namespace {

std::string Choice(std::string_view members) {
  return R"({"id":"c","model":"m","choices":[{"index":0,)" + std::string(members) +
         R"(}],"usage":{"prompt_tokens":3,"completion_tokens":0}})";
}
constexpr const char* kRole =
    R"({"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})";
constexpr const char* kText =
    R"({"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"half"},"finish_reason":null}]})";
constexpr const char* kError = R"({"error":{"message":"CUDA out of memory","code":500}})";
constexpr const char* kStart =
    R"({"type":"message_start","message":{"id":"c","model":"m","usage":{"input_tokens":3,"output_tokens":0}}})";

std::string Repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

struct Failing {
  const char* name;
  Protocol protocol;
  std::string bytes;
  std::size_t written = 0;  // chunks that the client has had
};

class Failures : public ProtocolFixture {};

TEST_F(Failures, OfWholeReplies) {
  const auto json = [](Protocol protocol, const char* name, const std::string& body) {
    return Failing{name, protocol, OkReply(body)};
  };
  const auto open_ai = Protocol::kOpenAi;
  const auto claude = Protocol::kAnthropic;
  const auto llama = Protocol::kOllama;
  const Failing cases[] = {
      json(open_ai, "an error", kError),
      json(open_ai, "an error of text", R"({"error":"no"})"),
      json(open_ai, "an error beside choices",
           R"({"error":{"message":"x"},"choices":[{"message":{"content":"y"}}]})"),
      json(
          open_ai, "finish_reason error",
          Choice(
              R"("message":{"role":"assistant","content":""},"finish_reason":"error","error":{"code":502,"message":"Provider disconnected"})")),
      json(open_ai, "an error in the choice",
           Choice(R"("message":{"content":"x"},"error":{"message":"y"})")),
      json(open_ai, "no message", Choice(R"("message":null,"finish_reason":"stop")")),
      json(open_ai, "content that is a number",
           Choice(R"("message":{"content":7},"finish_reason":"stop")")),
      json(open_ai, "content that is an object of no known kind",
           Choice(R"("message":{"content":{"x":1}},"finish_reason":"stop")")),
      json(
          open_ai, "calls that are nothing",
          Choice(
              R"("message":{"role":"assistant","content":null,"tool_calls":[null,{}]},"finish_reason":"tool_calls")")),
      json(open_ai, "nothing at all",
           Choice(R"("message":{"role":"assistant","content":""},"finish_reason":"stop")")),
      json(
          open_ai, "calls of nothing",
          Choice(
              R"("message":{"role":"assistant","content":null,"tool_calls":[]},"finish_reason":"tool_calls")")),
      json(open_ai, "no choices", R"({"choices":[]})"),
      json(open_ai, "a web page", "<html><body>Bad gateway</body></html>"),
      json(open_ai, "nothing", ""),
      json(open_ai, "a stream that is cut", Events({kRole, kText}, false)),
      json(open_ai, "a stream with an error", Events({kText, kError})),
      json(claude, "an error",
           R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"),
      json(
          claude, "nothing at all",
          R"({"type":"message","content":[],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":0}})"),
      json(claude, "a web page", "<html>"),
      json(claude, "a stream that is cut", Events({kStart}, false)),
      json(llama, "an error", R"({"error":"model runner has unexpectedly stopped"})"),
      json(
          llama, "a model that was only loaded",
          R"({"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"load"})"),
      json(llama, "no message", R"({"model":"m","done":true})"),
      json(
          llama, "nothing at all",
          R"({"model":"m","message":{"content":""},"done":true,"done_reason":"stop","eval_count":0})"),
  };
  for (const Failing& failing : cases) {
    SCOPED_TRACE(failing.name);
    const auto reply = Chat(failing.protocol, failing.bytes);
    ASSERT_FALSE(reply.ok()) << reply->json;
    EXPECT_EQ(reply.error().code, ErrorCode::kUpstream) << reply.error().message;
    EXPECT_NE(reply.error().message.find("`gpu`"), std::string::npos);
    EXPECT_LT(reply.error().message.size(), 500u);
  }
}

// Of what is passed on as it came, too.
TEST_F(Failures, OfForwardedReplies) {
  struct Row {
    const char* name;
    std::string body;
    bool answers = false;
  };
  const Row rows[] = {
      {"embeddings", R"({"object":"list","data":[{"index":0,"embedding":[1]}]})", true},
      {"embeddings of nothing", R"({"data":[]})", true},
      {"a completion", R"({"choices":[{"text":"x"}]})", true},
      {"more values than are read",
       R"({"data":[{"embedding":[)" + Repeated("1,", 1'200'000) + "1]}]}", true},
      {"a web page", "<html>Bad gateway</html>"},
      {"a text", "busy"},
      {"nothing", ""},
      {"null", "null"},
      {"an empty object", "{}"},
      {"an empty list", "[]"},
      {"JSON that is cut", R"({"data":[)"},
      {"events", Events({kText})},
      {"an error", kError},
      {"an error of another make", R"({"detail":"Not Found"})"},
      {"no data", R"({"data":null})"},
      {"no choices", R"({"choices":[]})"},
      {"a completion that says nothing yet", R"({"choices":[{"text":null}]})", true},
      {"a completion that ended for its length",
       R"({"choices":[{"text":"x","finish_reason":"length"}]})", true},
      {"a choice that ended with an error", Choice(R"("text":"","finish_reason":"error")")},
      {"a choice that was given up", Choice(R"("text":"half","finish_reason":"abort")")},
      {"an error in the choice", Choice(R"("text":"half","error":{"message":"y"})")},
      {"the second choice's",
       R"({"choices":[{"text":"x","finish_reason":"stop"},{"text":"","finish_reason":"error"}]})"},
      {"a choice of null", R"({"choices":[null]})"},
      {"a choice of nothing", Choice(R"("finish_reason":"stop")")},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    RawServer server([&row](RawPeer& peer) { Answer(peer, OkReply(row.body)); });
    const ChatCall call = CallTo(server, Protocol::kOpenAi, "");
    const auto reply = RunTask(client_->Forward(call, "/embeddings", CallScope()));
    EXPECT_EQ(reply.ok(), row.answers);
    if (!reply) {
      EXPECT_EQ(reply.error().code, ErrorCode::kUpstream);
    }
  }
}

TEST_F(Failures, OfStreams) {
  const auto open_ai = Protocol::kOpenAi;
  const auto claude = Protocol::kAnthropic;
  const auto llama = Protocol::kOllama;
  const auto events = [](const std::vector<std::string>& data, bool done = true) {
    return StreamOf(Events(data, done), "Content-Type: text/event-stream\r\n");
  };
  const Failing cases[] = {
      {"an error at once", open_ai, events({kError})},
      {"an error behind the role", open_ai, events({kRole, kError}, false)},
      {"content that is a number", open_ai,
       events({kRole, R"({"id":"c","choices":[{"index":0,"delta":{"content":7}}]})", kText})},
      {"content that is an object of no known kind", open_ai,
       events({R"({"id":"c","choices":[{"index":0,"delta":{"content":{"x":1}}}]})", kText})},
      {"calls that are nothing", open_ai,
       events(
           {kRole,
            R"({"id":"c","choices":[{"index":0,"delta":{"tool_calls":[null,{}]},"finish_reason":"tool_calls"}]})"})},
      {"content that is a truth value", open_ai,
       events({R"({"id":"c","choices":[{"index":0,"delta":{"content":false}}]})", kText})},
      {"content that is a number behind text", open_ai,
       events({kText, R"({"id":"c","choices":[{"index":0,"delta":{"content":7.5}}]})"}), 1},
      {"an error behind a count", open_ai,
       events(
           {kRole, R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":0}})", kError})},
      {"an event named error", open_ai, StreamOf("event: error\ndata: {\"message\":\"x\"}\n\n")},
      {"an error behind text", open_ai, events({kRole, kText, kError}), 2},
      {"finish_reason error", open_ai,
       events(
           {kText,
            R"({"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error","error":{"message":"x"}}]})"}),
       1},
      {"an error in place of a chunk", open_ai,
       events({kRole, kText, R"({"object":"error","message":"x","code":500})"}), 2},
      {"an error of another make", open_ai,
       events({kRole, kText, R"({"type":"error","message":"x"})"}), 2},
      {"an error without a word for it", open_ai,
       events({kRole, kText, R"({"code":503,"message":"x"})"}), 2},
      {"an end without a beginning", open_ai, events({})},
      {"the role alone", open_ai, events({kRole})},
      {"an end that says nothing", open_ai,
       events(
           {kRole,
            R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":0}})"})},
      {"calls of nothing", open_ai,
       events({kRole, R"({"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})"})},
      {"heartbeats alone", open_ai, events({R"({"status":"ok"})", R"({"choices":null})"})},
      {"cut behind the role", open_ai, events({kRole}, false)},
      {"cut behind text", open_ai, events({kRole, kText}, false), 2},
      {"no JSON", open_ai, events({"hello"})},
      {"half an object", open_ai, events({R"({"choices":[{"del)"})},
      {"a web page", open_ai, OkReply("<html></html>", "text/html")},
      {"an error, whole", open_ai, OkReply(kError)},
      {"an endless event", open_ai, StreamOf("data: " + std::string(33 << 20, 'x'), "", 1 << 20)},
      {"an error behind message_start", claude,
       events({kStart, R"({"type":"ping"})",
               R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"},
              false)},
      {"nothing said", claude,
       events(
           {kStart,
            R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":0}})",
            R"({"type":"message_stop"})"},
           false)},
      {"cut behind message_start", claude, events({kStart}, false)},
      {"a web page", claude, OkReply("<html></html>", "text/html")},
      {"an error at once", llama, StreamOf("{\"error\":\"out of memory\"}\n")},
      {"an error behind nothing", llama,
       StreamOf(
           "{\"model\":\"m\",\"message\":{\"content\":\"\"},\"done\":false}\n{\"error\":\"x\"}\n")},
      {"a model that was only loaded", llama,
       StreamOf("{\"model\":\"m\",\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":"
                "\"load\"}\n")},
  };
  for (const Failing& failing : cases) {
    SCOPED_TRACE(failing.name);
    ChunkKeeper keeper;
    const auto summary = Stream(failing.protocol, failing.bytes, &keeper);
    ASSERT_FALSE(summary.ok());
    EXPECT_EQ(summary.error().code, ErrorCode::kUpstream) << summary.error().message;
    EXPECT_EQ(keeper.chunks.size(), failing.written);
  }
}

// Not as it would be if it were a chunk.
TEST_F(Failures, AnEventThatIsAnErrorIsQuotedAsItCame) {
  ChunkKeeper keeper;
  const auto summary = Stream(
      Protocol::kOpenAi, StreamOf(Events({kRole, R"({"code":503,"hint":"no cards"})"})), &keeper);
  ASSERT_FALSE(summary.ok());
  EXPECT_NE(summary.error().message.find(R"({"code":503,"hint":"no cards"})"), std::string::npos)
      << summary.error().message;
}

// An answer may be short: nothing here is a failure.
TEST_F(Failures, NotOfAnswersThatSayLittle) {
  const std::string replies[] = {
      Choice(
          R"("message":{"role":"assistant","content":null,"reasoning_content":"hm"},"finish_reason":"stop")"),
      Choice(R"("message":{"role":"assistant","content":""},"finish_reason":"length")"),
      Choice(
          R"("message":{"role":"assistant","content":null,"refusal":"No."},"finish_reason":"stop")"),
      Choice(R"("message":{"role":"assistant","content":""},"finish_reason":"content_filter")"),
      R"({"choices":[{"message":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}})",
  };
  for (const std::string& reply : replies) {
    EXPECT_TRUE(Chat(Protocol::kOpenAi, OkReply(reply)).ok()) << reply;
    ChunkKeeper keeper;
    EXPECT_TRUE(Stream(Protocol::kOpenAi, OkReply(reply), &keeper).ok()) << reply;
  }
}

}  // namespace
}  // namespace moerge::test
