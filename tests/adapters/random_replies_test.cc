// Replies of random legal shapes through each protocol, whole and streamed, in pieces cut anywhere:
// none is lost, changed, or whole though it was cut. MOERGE_RANDOM_REPLIES and MOERGE_RANDOM_CUTS
// say how many of them, MOERGE_RANDOM_SEED which.
#include <algorithm>
#include <cstdlib>
#include <deque>

#include "adapters/anthropic_request.h"
#include "adapters/ollama_request.h"
#include "config/base/text.h"
#include "tests/adapters/protocol_fixture.h"
#include "tests/adapters/random_reply.h"
#include "tests/support/strict_apis.h"

namespace moerge::test {
namespace {

constexpr Protocol kProtocols[] = {Protocol::kOpenAi, Protocol::kAnthropic, Protocol::kOllama};

std::size_t CountFrom(const char* variable, std::size_t usual) {
  const char* text = std::getenv(variable);
  const auto count = text == nullptr ? std::nullopt : ParseInt(text);
  return count && *count > 0 ? static_cast<std::size_t>(*count) : usual;
}

// Answers with given pieces, without a socket.
class PieceClient : public HttpClient {
 public:
  std::deque<std::string> pieces;
  std::string type;
  bool breaks = false;  // the connection does, behind the last piece

  Task<Result<std::unique_ptr<InboundResponse>>> Send(const OutboundRequest&,
                                                      const CallScope&) override {
    std::unique_ptr<InboundResponse> response = std::make_unique<PieceResponse>(*this);
    co_return response;
  }

 private:
  class PieceResponse : public InboundResponse {
   public:
    explicit PieceResponse(PieceClient& client) : client_(client) {}
    int status() const override { return 200; }
    std::string_view Header(std::string_view name) const override {
      return name == "content-type" ? std::string_view(client_.type) : std::string_view();
    }
    Task<Result<std::string_view>> Read() override {
      if (client_.pieces.empty()) {
        if (client_.breaks) co_return Error{ErrorCode::kUpstream, "the connection was lost"};
        co_return std::string_view();
      }
      piece_ = std::move(client_.pieces.front());
      client_.pieces.pop_front();
      co_return std::string_view(piece_);
    }
    void SetIdleTimeout(std::chrono::milliseconds) override {}

   private:
    PieceClient& client_;
    std::string piece_;
  };
};

class RandomReplies : public ::testing::Test, public LoopFixture {
 protected:
  RandomReplies() {
    expert_.name = "e";
    expert_.model = "m";
    for (const Protocol protocol : kProtocols) {
      clients_.push_back(MakeProtocolClient(protocol, http_));
    }
    body_ = *ChatBody::Parse(
        R"({"model":"auto","messages":[{"role":"user","content":"Hi"}],"stream_options":{"include_usage":true}})");
  }

  ChatCall CallOf(Protocol protocol) {
    backend_.name = "b";
    backend_.base_url = "http://127.0.0.1:1/v1";
    backend_.protocol = protocol;
    ChatCall call;
    call.body = body_.get();
    call.expert = &expert_;
    call.backend = &backend_;
    return call;
  }

  // In pieces of random sizes.
  void Serve(std::string_view bytes, Protocol protocol, bool stream) {
    http_.pieces.clear();
    http_.type = !stream                         ? "application/json"
                 : protocol == Protocol::kOllama ? "application/x-ndjson"
                                                 : "text/event-stream";
    const std::size_t most = maker_.Chance(5) ? 7 : 900;
    while (!bytes.empty()) {
      const std::size_t size = 1 + maker_.Below(std::min(bytes.size(), most));
      http_.pieces.emplace_back(bytes.substr(0, size));
      bytes.remove_prefix(size);
    }
  }

  ProtocolClient& ClientOf(Protocol protocol) {
    return *clients_[static_cast<std::size_t>(protocol)];
  }
  Result<ChatReply> AskWhole(Protocol protocol) {
    const ChatCall call = CallOf(protocol);
    return RunTask(ClientOf(protocol).Chat(call, CallScope()));
  }
  Result<StreamSummary> AskStream(Protocol protocol, ChunkKeeper* keeper) {
    const ChatCall call = CallOf(protocol);
    return RunTask(ClientOf(protocol).Stream(call, *keeper, CallScope()));
  }

  static bool Same(const RandomReply& reply, const std::string& json) {
    const auto document = json::Document::Parse(json);
    if (!document || document->root().Find("choices").size() != 1) return false;
    const json::Value choice = *document->root().Find("choices").children().begin();
    const json::Value message = choice.Find("message");
    const json::Value calls = message.Find("tool_calls");
    bool same = message.Find("content").AsString().value_or("") == reply.text &&
                message.Find("reasoning_content").AsString().value_or("") == reply.reasoning &&
                choice.Find("finish_reason").AsString() == reply.finish &&
                calls.size() == reply.calls.size();
    auto wanted = reply.calls.begin();
    for (const json::Value call : calls.children()) {
      if (!same) return false;
      const json::Value function = call.Find("function");
      same = call.Find("id").AsString() == wanted->id &&
             function.Find("name").AsString() == wanted->name &&
             function.Find("arguments").AsString() == wanted->arguments;
      ++wanted;
    }
    return same;
  }

  static bool SameUsage(const RandomReply& reply, const Usage& usage) {
    return !usage.estimated && usage.prompt_tokens == reply.prompt_tokens &&
           usage.completion_tokens == reply.completion_tokens;
  }

  // Served whole or as a stream, asked for whole and as a stream.
  bool ArrivesUnchanged(Protocol protocol, const RandomReply& reply, const std::string& bytes,
                        bool stream) {
    Serve(bytes, protocol, stream);
    const auto whole = AskWhole(protocol);
    if (!whole || !Same(reply, whole->json) || !SameUsage(reply, whole->usage)) {
      ADD_FAILURE() << "asked for whole: " << (whole ? whole->json : whole.error().message);
      return false;
    }
    Serve(bytes, protocol, stream);
    ChunkKeeper keeper;
    const auto summary = AskStream(protocol, &keeper);
    if (summary && Same(reply, keeper.Assembled()) && SameUsage(reply, summary->usage)) return true;
    ADD_FAILURE() << "asked for as a stream: "
                  << (summary ? keeper.Assembled() : summary.error().message);
    return false;
  }

  PieceClient http_;
  std::vector<std::unique_ptr<ProtocolClient>> clients_;
  Backend backend_;
  Expert expert_;
  ChatBodyPtr body_;
  ReplyMaker maker_{CountFrom("MOERGE_RANDOM_SEED", 1)};
};

TEST_F(RandomReplies, ArriveWholeAndUnchanged) {
  const std::size_t count = CountFrom("MOERGE_RANDOM_REPLIES", 400);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < count && wrong < 5; ++i) {
    const RandomReply reply = maker_.Make();
    for (const Protocol protocol : kProtocols) {
      const std::string whole = maker_.Whole(protocol, reply);
      const std::string stream = maker_.Stream(protocol, reply).bytes;
      for (const std::string* bytes : {&whole, &stream}) {
        if (ArrivesUnchanged(protocol, reply, *bytes, bytes == &stream)) continue;
        ++wrong;
        ADD_FAILURE() << "reply " << i << ", " << ProtocolName(protocol) << ":\n" << *bytes;
      }
    }
  }
  RecordProperty("replies", static_cast<int>(count));
}

// The conversation goes on: the answer, results of its calls, another turn.
std::string NextTurn(const std::string& json) {
  const auto document = json::Document::Parse(json);
  const json::Value choice = *document->root().Find("choices").children().begin();
  const json::Value message = choice.Find("message");
  std::string body =
      R"({"model":"m","messages":[{"role":"user","content":"Hi"},)" + std::string(message.raw());
  for (const json::Value call : message.Find("tool_calls").children()) {
    body += R"(,{"role":"tool","content":"r","tool_call_id":)" +
            std::string(call.Find("id").raw()) + "}";
  }
  return body + R"(,{"role":"user","content":"Go on."}]})";
}

TEST_F(RandomReplies, AreTakenBackByEveryProtocol) {
  const std::size_t count = CountFrom("MOERGE_RANDOM_REPLIES", 400);
  for (std::size_t i = 0; i < count && !HasFailure(); ++i) {
    const RandomReply reply = maker_.Make();
    const Protocol protocol = kProtocols[i % std::size(kProtocols)];
    Serve(maker_.Whole(protocol, reply), protocol, false);
    const auto answer = AskWhole(protocol);
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    const std::string next = NextTurn(answer->json);
    const auto body = json::Document::Parse(next);
    ASSERT_TRUE(body.ok()) << next;
    const auto claude = ToAnthropicRequest(body->root(), expert_, i % 2 == 0);
    ASSERT_TRUE(claude.ok()) << claude.error().message << next;
    EXPECT_EQ(RefusedByAnthropic(claude->body), "") << claude->body << "\n" << next;
    const auto llama = ToOllamaRequest(body->root(), expert_, i % 2 == 0);
    ASSERT_TRUE(llama.ok()) << llama.error().message << next;
    EXPECT_EQ(RefusedByOllama(llama->body), "") << llama->body << "\n" << next;
  }
}

TEST_F(RandomReplies, ThatAreCutNeverLookWhole) {
  const std::size_t count = CountFrom("MOERGE_RANDOM_CUTS", 400);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < count && wrong < 5; ++i) {
    const Protocol protocol = kProtocols[i % std::size(kProtocols)];
    const RandomReply reply = maker_.Make();
    const RandomStream stream = maker_.Stream(protocol, reply);
    // The last byte of the event that ends the answer is its closing brace.
    const std::size_t cut = maker_.Below(stream.finished);
    http_.breaks = maker_.Chance(5);
    Serve(std::string_view(stream.bytes).substr(0, cut), protocol, true);
    ChunkKeeper keeper;
    const auto summary = AskStream(protocol, &keeper);
    if (!summary) continue;
    ++wrong;
    ADD_FAILURE() << ProtocolName(protocol) << " cut at " << cut << ":\n"
                  << stream.bytes.substr(0, cut);
  }
  RecordProperty("cuts", static_cast<int>(count));
}

}  // namespace
}  // namespace moerge::test
