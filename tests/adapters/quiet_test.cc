// How long an expert may say nothing: until there is something of an answer as long as the call
// allows, from then on as long as its backend's idle_timeout.
#include <deque>
#include <optional>

#include "tests/adapters/protocol_fixture.h"

namespace moerge::test {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kOwnIdle{1234};

// Gives pieces; remembers what it was asked, and behind which piece the limit was set.
class WatchedClient : public HttpClient {
 public:
  std::deque<std::string> pieces;
  std::optional<std::size_t> limited_after;
  milliseconds first_byte_timeout{-1};
  milliseconds idle_timeout{-1};

  Task<Result<std::unique_ptr<InboundResponse>>> Send(const OutboundRequest& request,
                                                      const CallScope&) override {
    first_byte_timeout = request.first_byte_timeout;
    idle_timeout = request.idle_timeout;
    std::unique_ptr<InboundResponse> response = std::make_unique<WatchedResponse>(*this);
    co_return response;
  }

 private:
  class WatchedResponse : public InboundResponse {
   public:
    explicit WatchedResponse(WatchedClient& client) : client_(client) {}
    int status() const override { return 200; }
    std::string_view Header(std::string_view) const override { return {}; }
    Task<Result<std::string_view>> Read() override {
      if (client_.pieces.empty()) co_return std::string_view();
      piece_ = std::move(client_.pieces.front());
      client_.pieces.pop_front();
      ++read_;
      co_return std::string_view(piece_);
    }
    void SetIdleTimeout(milliseconds limit) override {
      EXPECT_EQ(limit, kOwnIdle);
      if (!client_.limited_after) client_.limited_after = read_;
    }

   private:
    WatchedClient& client_;
    std::string piece_;
    std::size_t read_ = 0;
  };
};

struct QuietCase {
  const char* name;
  Protocol protocol;
  bool stream;
  std::deque<std::string> pieces;
  std::size_t begun;  // the answer has, behind so many pieces
};

std::string QuietChunk(const char* delta, const char* finish = "null") {
  return R"(data: {"id":"c","model":"m","choices":[{"index":0,"delta":)" + std::string(delta) +
         R"(,"finish_reason":)" + finish + "}]}\n\n";
}
constexpr const char* kClaudeStart =
    "data: {\"type\":\"message_start\",\"message\":{\"id\":\"c\",\"model\":\"m\"}}\n\n";
constexpr const char* kClaudeBlock =
    "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\","
    "\"text\":\"\"}}\n\n";
constexpr const char* kClaudeText =
    "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\","
    "\"text\":\"Hi\"}}\n\n";
constexpr const char* kClaudeEnd =
    "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{"
    "\"output_tokens\":1}}\n\ndata: {\"type\":\"message_stop\"}\n\n";

std::vector<QuietCase> QuietCases() {
  const std::string stop = QuietChunk("{}", "\"stop\"");
  const std::string role = QuietChunk(R"({"role":"assistant","content":""})");
  const std::string text = QuietChunk(R"({"content":"Hi"})");
  return {
      {"comments, then text", Protocol::kOpenAi, true, {": a\n\n", ": b\n\n", text, stop}, 3},
      {"the role, then text", Protocol::kOpenAi, true, {role, text, stop}, 2},
      {"pings, then text",
       Protocol::kOpenAi,
       true,
       {"data: {\"type\":\"ping\"}\n\n", text, stop},
       2},
      {"thoughts",
       Protocol::kOpenAi,
       true,
       {role, QuietChunk(R"({"reasoning_content":"hm"})"), text, stop},
       2},
      {"a call",
       Protocol::kOpenAi,
       true,
       {role,
        QuietChunk(
            R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]})"),
        QuietChunk("{}", "\"tool_calls\"")},
       2},
      {"blank lines, then a whole reply",
       Protocol::kOpenAi,
       false,
       {"\n", " \n", R"({"choices":[{"message":{"content":"Hi"},)", R"("finish_reason":"stop"}]})"},
       3},
      {"a whole reply to a stream",
       Protocol::kOpenAi,
       true,
       {"\n", R"({"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]})"},
       2},
      {"Anthropic's frame, then text",
       Protocol::kAnthropic,
       true,
       {kClaudeStart, kClaudeBlock, kClaudeText, kClaudeEnd},
       3},
      {"Anthropic's whole reply",
       Protocol::kAnthropic,
       false,
       {R"({"type":"message","content":[{"type":"text","text":"Hi"}],)",
        R"("stop_reason":"end_turn"})"},
       1},
      {"Ollama's lines",
       Protocol::kOllama,
       true,
       {"{\"message\":{\"content\":\"Hi\"},\"done\":false}\n",
        "{\"message\":{\"content\":\"\"},\"done\":true}\n"},
       1},
  };
}

class Quiet : public ::testing::Test, public LoopFixture {
 protected:
  Quiet() {
    backend_.name = "b";
    backend_.base_url = "http://127.0.0.1:1/v1";
    backend_.idle_timeout = kOwnIdle;
    expert_.model = "m";
    body_ = *ChatBody::Parse(R"({"messages":[{"role":"user","content":"Hi"}]})");
  }
  void Ask(const QuietCase& each, milliseconds patience = milliseconds(0)) {
    http_.pieces = each.pieces;
    http_.limited_after.reset();
    backend_.protocol = each.protocol;
    const auto client = MakeProtocolClient(each.protocol, http_);
    ChatCall call;
    call.body = body_.get();
    call.expert = &expert_;
    call.backend = &backend_;
    call.patience = patience;
    ChunkKeeper keeper;
    Status asked = Ok{};
    if (each.stream) {
      if (auto summary = RunTask(client->Stream(call, keeper, CallScope())); !summary) {
        asked = summary.error();
      }
    } else if (auto reply = RunTask(client->Chat(call, CallScope())); !reply) {
      asked = reply.error();
    }
    EXPECT_TRUE(asked.ok()) << asked.error().message;
  }

  WatchedClient http_;
  Backend backend_;
  Expert expert_;
  ChatBodyPtr body_;
};

TEST_F(Quiet, IsLimitedFromTheBeginningOfTheAnswerOn) {
  for (const QuietCase& each : QuietCases()) {
    SCOPED_TRACE(each.name);
    Ask(each);
    EXPECT_EQ(http_.limited_after, each.begun);
    EXPECT_EQ(http_.first_byte_timeout.count(), 0) << "a head may come as late as the answer";
    EXPECT_EQ(http_.idle_timeout.count(), 0);
  }
}

TEST_F(Quiet, BeforeThatLastsAsLongAsTheCallIsWaitedFor) {
  struct Row {
    int set;  // first_byte_timeout
    int patience;
    int first_byte;
  };
  for (const Row row :
       {Row{0, 0, 0}, {500, 0, 500}, {0, 300, 300}, {500, 300, 300}, {200, 300, 200}}) {
    backend_.first_byte_timeout = milliseconds(row.set);
    for (const QuietCase& each : QuietCases()) {
      Ask(each, milliseconds(row.patience));
      EXPECT_EQ(http_.first_byte_timeout.count(), row.first_byte) << each.name;
      EXPECT_EQ(http_.idle_timeout.count(), row.patience) << each.name;
    }
  }
}

}  // namespace
}  // namespace moerge::test
