// The protocol clients over the lean client and real sockets.
#include "adapters/protocol.h"

#include <cstdlib>

#include "tests/adapters/loop_fixture.h"
#include "tests/support/raw_server.h"

namespace moerge::test {
namespace {

constexpr const char* kKey = "sk-secret-of-the-test";

class Collector : public ChunkSink {
 public:
  Task<Status> Write(const ChatChunk& chunk) override {
    models.emplace_back(chunk.json.substr(chunk.model_begin, chunk.model_end - chunk.model_begin));
    chunks.emplace_back(chunk.json);
    if (chunks.size() == stop_after) co_return Error{ErrorCode::kCancelled, "the client left"};
    co_return Ok{};
  }
  std::vector<std::string> chunks;
  std::vector<std::string> models;
  std::size_t stop_after = 0;
};

class ProtocolClientTest : public ::testing::Test, public LoopFixture {
 protected:
  ProtocolClientTest() : http_(MakeLeanClient(executor())) {
    setenv("MOERGE_TEST_KEY", kKey, 1);
    backend_.name = "gpu";
    backend_.api_key_env = "MOERGE_TEST_KEY";
    expert_.model = "model-x";
    body_ = std::move(*ChatBody::Parse(
        R"({"model":"auto","moerge":{"explain":true},"messages":[{"role":"user","content":"Hi"}]})"));
  }

  ChatCall CallTo(const RawServer& server, Protocol protocol, std::string_view path = "") {
    backend_.protocol = protocol;
    backend_.base_url = server.Url(path);
    client_ = MakeProtocolClient(protocol, *http_);
    ChatCall call;
    call.body = body_.get();
    call.expert = &expert_;
    call.backend = &backend_;
    call.request_id = "req-7";
    call.traceparent = "00-aa-bb-01";
    return call;
  }

  Result<ChatReply> Chat(const RawServer& server, Protocol protocol = Protocol::kOpenAi) {
    const ChatCall call = CallTo(server, protocol);
    return RunTask(client_->Chat(call, CallScope()));
  }

  Result<StreamSummary> Stream(const RawServer& server, Collector& sink,
                               Protocol protocol = Protocol::kOpenAi) {
    const ChatCall call = CallTo(server, protocol);
    return RunTask(client_->Stream(call, sink, CallScope()));
  }

  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<ProtocolClient> client_;
  Backend backend_;
  Expert expert_;
  ChatBodyPtr body_;
};

RawServer::Script Answering(std::string bytes, std::string* seen = nullptr) {
  return [bytes, seen](RawPeer& peer) {
    for (std::string request; !(request = peer.ReadRequest()).empty();) {
      if (seen != nullptr) *seen = request;
      if (!peer.Send(bytes)) return;
      if (bytes.find("chunked") == bytes.npos && bytes.find("Content-Length") == bytes.npos) return;
    }
  };
}

std::string StreamReply(const std::string& events, const std::string& type = "text/event-stream") {
  return "HTTP/1.1 200 OK\r\nContent-Type: " + type +
         "; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunked(events, 20);
}

std::string StatusText(int status, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

constexpr const char* kCompletion =
    R"({"model":"x","choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]})";

TEST_F(ProtocolClientTest, OpenAiSendsTheClientsBytesWithKeyAndIds) {
  std::string seen;
  RawServer server(Answering(OkReply(kCompletion), &seen));
  const auto reply = Chat(server);
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(reply->content, "Hello");
  EXPECT_TRUE(seen.starts_with("POST /chat/completions HTTP/1.1\r\n")) << seen;
  EXPECT_TRUE(seen.ends_with(R"({"model":"model-x","messages":[{"role":"user","content":"Hi"}]})"))
      << seen;
  EXPECT_NE(seen.find(std::string("\r\nAuthorization: Bearer ") + kKey + "\r\n"), seen.npos);
  EXPECT_NE(seen.find("\r\nx-request-id: req-7\r\n"), seen.npos);
  EXPECT_NE(seen.find("\r\ntraceparent: 00-aa-bb-01\r\n"), seen.npos);
  EXPECT_NE(seen.find("\r\nContent-Type: application/json\r\n"), seen.npos);
}

TEST_F(ProtocolClientTest, StatusesBecomeErrors) {
  const std::tuple<int, ErrorCode> cases[] = {
      {400, ErrorCode::kInvalid},      {404, ErrorCode::kNotFound},
      {422, ErrorCode::kInvalid},      {401, ErrorCode::kUnauthorized},
      {403, ErrorCode::kUnauthorized}, {402, ErrorCode::kForbidden},
      {405, ErrorCode::kNotFound},     {409, ErrorCode::kUnavailable},
      {413, ErrorCode::kTooLarge},     {425, ErrorCode::kUnavailable},
      {451, ErrorCode::kForbidden},    {499, ErrorCode::kUnavailable},
      {408, ErrorCode::kTimeout},      {429, ErrorCode::kRateLimited},
      {500, ErrorCode::kUnavailable},  {503, ErrorCode::kUnavailable},
      {529, ErrorCode::kUnavailable},  {302, ErrorCode::kUpstream}};
  for (const auto& [status, code] : cases) {
    const std::string body = std::string(R"({"error":{"message":"because of )") + kKey + "\"}}";
    RawServer server(Answering(StatusText(status, "Retry-After: 17\r\n", body)));
    const auto reply = Chat(server);
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().code, code) << status << ": " << reply.error().message;
    EXPECT_EQ(reply.error().retry_after.count(), 17);
    EXPECT_NE(reply.error().message.find("`gpu`"), std::string::npos);
    EXPECT_EQ(reply.error().message.find(kKey), std::string::npos) << reply.error().message;
    EXPECT_EQ(reply.error().detail.find(kKey), std::string::npos);
  }
}

TEST_F(ProtocolClientTest, ErrorTextIsQuotedAndShortened) {
  RawServer server(
      Answering(StatusText(400, "", R"({"error":{"message":")" + std::string(1000, 'e') + "\"}}")));
  const auto reply = Chat(server);
  ASSERT_FALSE(reply.ok());
  EXPECT_NE(reply.error().message.find("eeee"), std::string::npos);
  EXPECT_LT(reply.error().message.size(), 400u);
}

TEST_F(ProtocolClientTest, RepliesThatAreNoAnswer) {
  for (const std::string& body :
       {std::string("<html>oops</html>"), std::string("{}"), std::string("{\"choices\":"),
        std::string(R"({"error":{"message":"x"}})"), std::string(1 << 16, '[')}) {
    RawServer server(Answering(OkReply(body, "text/html")));
    const auto reply = Chat(server);
    ASSERT_FALSE(reply.ok()) << body.substr(0, 30);
    EXPECT_EQ(reply.error().code, ErrorCode::kUpstream);
    EXPECT_LT(reply.error().message.size(), 500u);
  }
}

TEST_F(ProtocolClientTest, OpenAiStreamPassesChunksUnchanged) {
  const std::string first =
      R"({"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"He"},"finish_reason":null}]})";
  const std::string second =
      R"({"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"y!"},"finish_reason":"stop"}]})";
  const std::string usage =
      R"({"id":"1","model":"m","choices":[],"usage":{"prompt_tokens":4,"completion_tokens":2}})";
  std::string seen;
  RawServer server(Answering(StreamReply("data: " + first + "\n\n: ping\n\ndata: " + second +
                                         "\n\ndata: " + usage + "\n\ndata: [DONE]\n\n"),
                             &seen));
  for (int i = 0; i < 3; ++i) {
    Collector sink;
    const auto summary = Stream(server, sink);
    ASSERT_TRUE(summary.ok()) << summary.error().message;
    // The client did not ask for the count of tokens.
    EXPECT_EQ(sink.chunks, (std::vector<std::string>{first, second}));
    EXPECT_EQ(sink.models[0], "\"m\"");
    EXPECT_EQ(summary->chunks, 2);
    EXPECT_EQ(summary->content_bytes, 4);
    EXPECT_EQ(summary->finish_reason, "stop");
    EXPECT_EQ(summary->usage.completion_tokens, 2);
    EXPECT_FALSE(summary->usage.estimated);
  }
  EXPECT_EQ(server.connections(), 1);
  EXPECT_TRUE(seen.ends_with(R"("stream":true,"stream_options":{"include_usage":true}})")) << seen;
}

TEST_F(ProtocolClientTest, OpenAiStreamThatEndsWithoutDone) {
  const std::string part = R"(data: {"choices":[{"delta":{"content":"He"},"finish_reason":null}]})"
                           "\n\n";
  const std::string end = R"(data: {"choices":[{"delta":{},"finish_reason":"stop"}]})"
                          "\n\n";
  RawServer cut(Answering(StreamReply(part)));
  Collector sink;
  const auto failed = Stream(cut, sink);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, ErrorCode::kUpstream);
  EXPECT_EQ(sink.chunks.size(), 1u);
  RawServer whole(Answering(StreamReply(part + end)));
  const auto summary = Stream(whole, sink);
  ASSERT_TRUE(summary.ok()) << summary.error().message;
  EXPECT_TRUE(summary->usage.estimated);
  EXPECT_EQ(summary->usage.completion_tokens, 1);
}

TEST_F(ProtocolClientTest, ASinkThatStopsEndsTheStreamAndItsConnection) {
  std::atomic<bool> ended = false;
  RawServer server([&](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    const std::string event = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n";
    while (peer.Send(event)) {
    }
    ended = true;
  });
  Collector sink;
  sink.stop_after = 3;
  const auto summary = Stream(server, sink);
  ASSERT_FALSE(summary.ok());
  EXPECT_EQ(summary.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(sink.chunks.size(), 3u);
  while (!ended) std::this_thread::yield();
}

TEST_F(ProtocolClientTest, ForwardPassesTheBodyThrough) {
  std::string seen;
  RawServer server(Answering(OkReply(R"({"data":[]})"), &seen));
  ChatCall call = CallTo(server, Protocol::kOpenAi, "/v1");
  auto raw = RunTask(client_->Forward(call, "/embeddings", CallScope()));
  ASSERT_TRUE(raw.ok());
  EXPECT_EQ(raw->body, R"({"data":[]})");
  EXPECT_EQ(raw->content_type, "application/json");
  EXPECT_TRUE(seen.starts_with("POST /v1/embeddings ")) << seen;
  EXPECT_NE(seen.find(R"("model":"model-x")"), seen.npos);
  call = CallTo(server, Protocol::kOllama);
  raw = RunTask(client_->Forward(call, "/embeddings", CallScope()));
  ASSERT_TRUE(raw.ok());
  EXPECT_TRUE(seen.starts_with("POST /v1/embeddings ")) << seen;
  call = CallTo(server, Protocol::kAnthropic);
  EXPECT_EQ(RunTask(client_->Forward(call, "/embeddings", CallScope())).error().code,
            ErrorCode::kInvalid);
}

TEST_F(ProtocolClientTest, AnthropicChatAndStream) {
  std::string seen;
  RawServer server(Answering(
      OkReply(
          R"({"id":"m","type":"message","model":"c","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn"})"),
      &seen));
  const auto reply = Chat(server, Protocol::kAnthropic);
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(reply->content, "Hi");
  EXPECT_TRUE(reply->usage.estimated);
  EXPECT_EQ(reply->usage.completion_tokens, 1);
  EXPECT_TRUE(seen.starts_with("POST /v1/messages ")) << seen;
  EXPECT_NE(seen.find("\r\nanthropic-version: 2023-06-01\r\n"), seen.npos);
  EXPECT_NE(seen.find(std::string("\r\nx-api-key: ") + kKey + "\r\n"), seen.npos);
  EXPECT_EQ(seen.find("Authorization"), seen.npos);

  const std::string events =
      "event: message_start\ndata: "
      "{\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"c\"}}\n\n"
      "event: content_block_delta\ndata: "
      "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":"
      "\"Hi\"}}\n\n";
  const std::string end =
      "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\ndata: "
      "{\"type\":\"message_stop\"}\n\n";
  RawServer streaming(Answering(StreamReply(events + end)));
  Collector sink;
  const auto summary = Stream(streaming, sink, Protocol::kAnthropic);
  ASSERT_TRUE(summary.ok()) << summary.error().message;
  EXPECT_EQ(sink.chunks.size(), 3u);
  EXPECT_EQ(sink.models[1], "\"c\"");
  EXPECT_EQ(summary->finish_reason, "stop");
  RawServer cut(Answering(StreamReply(events)));
  EXPECT_EQ(Stream(cut, sink, Protocol::kAnthropic).error().code, ErrorCode::kUpstream);
}

TEST_F(ProtocolClientTest, OllamaChatAndStream) {
  std::string seen;
  RawServer server(Answering(
      OkReply(R"({"model":"l","message":{"content":"Hi"},"done":true,"eval_count":1})"), &seen));
  const auto reply = Chat(server, Protocol::kOllama);
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(reply->content, "Hi");
  EXPECT_TRUE(seen.starts_with("POST /api/chat ")) << seen;

  const std::string part = "{\"model\":\"l\",\"message\":{\"content\":\"Hi\"},\"done\":false}\n";
  const std::string end =
      "{\"model\":\"l\",\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\"}";
  for (const std::string& last : {end + "\n", end}) {
    RawServer streaming(Answering(StreamReply(part + last, "application/x-ndjson")));
    Collector sink;
    const auto summary = Stream(streaming, sink, Protocol::kOllama);
    ASSERT_TRUE(summary.ok()) << summary.error().message;
    EXPECT_EQ(sink.chunks.size(), 3u);
    EXPECT_EQ(sink.models[0], "\"l\"");
  }
  RawServer cut(Answering(StreamReply(part, "application/x-ndjson")));
  Collector sink;
  EXPECT_EQ(Stream(cut, sink, Protocol::kOllama).error().code, ErrorCode::kUpstream);
  RawServer half(Answering(StreamReply(part + end.substr(0, 20), "application/x-ndjson")));
  EXPECT_EQ(Stream(half, sink, Protocol::kOllama).error().code, ErrorCode::kUpstream);
}

// Everything an expert says that becomes part of an error, with the key that it was sent in it.
std::vector<std::string> RepliesThatEcho(const std::string& key) {
  const auto with = [](const std::string& status, const std::string& type,
                       const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  };
  const std::string quoted = R"({"error":{"message":"bad )" + key + R"( here","type":")" + key +
                             R"(","code":")" + key + R"("}})";
  return {
      with("200 OK", key, "x"),
      with("200 OK", "text/html", "<b>" + key + "</b>"),
      with("200 OK", "application/json", quoted),
      with("200 OK", "text/event-stream", "data: " + quoted + "\n\n"),
      with("200 OK", "text/event-stream", "event: error\ndata: " + quoted + "\n\n"),
      with("200 OK", "text/event-stream", "data: {\"" + key + "\n\n"),
      with("400 X", "application/json", quoted),
      with("401 X", "application/json", quoted),
      with("429 X", "application/json", R"({"error":")" + key + "\"}"),
      with("500 X", "text/plain", "Authorization: Bearer " + key),
      with("503 " + key, "text/plain", key),
      with("418 X", "text/plain", std::string(290, 'x') + key),
  };
}

TEST_F(ProtocolClientTest, AnEchoedKeyIsInNoError) {
  const std::vector<std::string> forms = {
      kKey,
      R"(sk\u002dsecret\u002dof\u002dthe\u002dtest)",
      "sk%2Dsecret%2Dof%2Dthe%2Dtest",
      "c2stc2VjcmV0LW9mLXRoZS10ZXN0",              // base64 of the key
      "QmVhcmVyIHNrLXNlY3JldC1vZi10aGUtdGVzdA==",  // of "Bearer KEY"
  };
  for (const Protocol protocol : {Protocol::kOpenAi, Protocol::kAnthropic, Protocol::kOllama}) {
    for (const std::string& form : forms) {
      for (const std::string& reply : RepliesThatEcho(form)) {
        const RawServer server(Answering(reply));
        Collector sink;
        const auto whole = Chat(server, protocol);
        const auto streamed = Stream(server, sink, protocol);
        for (const Error* error :
             {whole ? nullptr : &whole.error(), streamed ? nullptr : &streamed.error()}) {
          if (error == nullptr) continue;
          const std::string said = error->message + error->detail + error->param + error->reason;
          // Of base64, what the key alone decides.
          for (const std::string_view part : {std::string_view(form), std::string_view(kKey),
                                              std::string_view("stc2VjcmV0LW9mLXRoZS10"),
                                              std::string_view("rLXNlY3JldC1vZi10aGUt")}) {
            EXPECT_EQ(said.find(part), std::string::npos) << reply << "\n" << said;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace moerge::test
