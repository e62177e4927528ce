// An expert on a real socket that says what a test tells it to, and a protocol client that asks it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/protocol.h"
#include "adapters/reply_chunks.h"
#include "tests/adapters/loop_fixture.h"
#include "tests/support/raw_server.h"

namespace moerge::test {

// Keeps what is streamed.
class ChunkKeeper : public ChunkSink {
 public:
  Task<Status> Write(const ChatChunk& chunk) override {
    chunks.emplace_back(chunk.json);
    co_return Ok{};
  }
  // What OpenAI's SDKs put together of it.
  std::string Assembled() const {
    ChunkAssembler assembler;
    for (const std::string& chunk : chunks) {
      EXPECT_TRUE(assembler.Add(chunk).ok()) << chunk;
    }
    return assembler.Finish();
  }
  std::vector<std::string> chunks;
};

class ProtocolFixture : public ::testing::Test, public LoopFixture {
 protected:
  ProtocolFixture() : http_(MakeLeanClient(executor())) {
    backend_.name = "gpu";
    expert_.name = "e";
    expert_.model = "m";
  }

  // Asks an expert that answers every request with these bytes.
  Result<ChatReply> Chat(Protocol protocol, const std::string& bytes,
                         const std::string& more = {}) {
    RawServer server([bytes](RawPeer& peer) { Answer(peer, bytes); });
    const ChatCall call = CallTo(server, protocol, more);
    return RunTask(client_->Chat(call, CallScope()));
  }
  Result<StreamSummary> Stream(Protocol protocol, const std::string& bytes, ChunkKeeper* keeper,
                               const std::string& more = {}) {
    RawServer server([bytes](RawPeer& peer) { Answer(peer, bytes); });
    const ChatCall call = CallTo(server, protocol, more + ",\"stream\":true");
    return RunTask(client_->Stream(call, *keeper, CallScope()));
  }

  ChatCall CallTo(const RawServer& server, Protocol protocol, const std::string& more) {
    backend_.protocol = protocol;
    backend_.base_url = server.Url("");
    client_ = MakeProtocolClient(protocol, *http_);
    auto body = ChatBody::Parse(R"({"model":"auto","messages":[{"role":"user","content":"Hi"}])" +
                                more + "}");
    EXPECT_TRUE(body.ok()) << more;
    body_ = std::move(*body);
    notes_ = {};
    ChatCall call;
    call.body = body_.get();
    call.expert = &expert_;
    call.backend = &backend_;
    call.notes = &notes_;
    return call;
  }

  static void Answer(RawPeer& peer, const std::string& bytes) {
    while (!peer.ReadRequest().empty()) {
      if (!peer.Send(bytes)) return;
    }
  }

  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<ProtocolClient> client_;
  Backend backend_;
  Expert expert_;
  AnswerNotes notes_;
  ChatBodyPtr body_;
};

// An answer that says "Hi", whole and as a stream's only chunk.
inline constexpr const char* kHiReply =
    R"({"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]})";
inline constexpr const char* kHiChunk =
    R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]})";

// A 200 in chunks of `cut` bytes.
inline std::string StreamOf(const std::string& events, const std::string& headers = {},
                            std::size_t cut = 20) {
  return "HTTP/1.1 200 OK\r\n" + headers + "Transfer-Encoding: chunked\r\n\r\n" +
         Chunked(events, cut);
}
inline std::string Events(const std::vector<std::string>& data, bool done = true) {
  std::string out;
  for (const std::string& one : data) out += "data: " + one + "\n\n";
  return out + (done ? "data: [DONE]\n\n" : "");
}
inline std::string Lines(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

}  // namespace moerge::test
