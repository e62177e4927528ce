#include "adapters/openai_history.h"

#include "tests/adapters/protocol_fixture.h"

namespace moerge::test {
namespace {

constexpr const char* kTurns =
    R"(,"messages":[{"role":"user","content":"x","reasoning":"mine"},{"role":"assistant","content":[{"type":"thinking","thinking":"a"},{"type":"text","text":"y"}],"reasoning_content":"b","thinking_blocks":[{"type":"thinking","thinking":"c"}],"reasoning_details":[],"tool_calls":null},{"role":"user","content":"z"}])";
constexpr const char* kLess =
    R"("messages":[{"role":"user","content":"x","reasoning":"mine"},{"role":"assistant","content":[{"type":"text","text":"y"}],"tool_calls":null},{"role":"user","content":"z"}])";

TEST(OpenAiHistory, ReasoningOfEarlierTurnsIsLeftOut) {
  const auto body = ChatBody::Parse(R"({"model":"auto")" + std::string(kTurns) + "}");
  ASSERT_TRUE(body.ok());
  const ChatBodyPtr less = WithoutReasoning(**body);
  ASSERT_NE(less, nullptr);
  EXPECT_EQ(less->text(), R"({"model":"auto",)" + std::string(kLess) + "}");
  EXPECT_EQ(WithoutReasoning(*less), nullptr);
}

std::string Refusal(const std::string& why) {
  const std::string body = R"({"error":{"message":")" + why + R"("}})";
  return "HTTP/1.1 422 Unprocessable Entity\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

class PickyServer : public ProtocolFixture {
 protected:
  // Refuses what has reasoning in it, and counts the requests.
  RawServer::Script Picky(const std::string& why, bool always = false) {
    return [this, why, always](RawPeer& peer) {
      for (std::string asked = peer.ReadRequest(); !asked.empty(); asked = peer.ReadRequest()) {
        ++asked_;
        const bool refused = always || asked.find("reasoning_content") != std::string::npos;
        const bool stream = asked.find("\"stream\":true") != std::string::npos;
        const std::string answer = stream ? StreamOf(Events({kHiChunk})) : OkReply(kHiReply);
        if (!peer.Send(refused ? Refusal(why) : answer)) return;
      }
    };
  }
  ChatCall Call(const RawServer& server, const std::string& more) {
    ChatCall call = CallTo(server, Protocol::kOpenAi, "");
    body_ = *ChatBody::Parse(R"({"model":"auto")" + std::string(kTurns) + more + "}");
    call.body = body_.get();
    return call;
  }

  std::atomic<int> asked_ = 0;
};

TEST_F(PickyServer, IsAskedAgainWithoutTheReasoningThatItRefuses) {
  for (const char* why : {"property 'reasoning_content' is unsupported",
                          "Extra inputs are not permitted: thinking"}) {
    RawServer server(Picky(why));
    for (const int requests : {2, 1}) {  // the second time it is known
      asked_ = 0;
      ChatCall call;
      if (requests == 2) {
        call = Call(server, "");
      } else {
        call.body = body_.get();
        call.expert = &expert_;
        call.backend = &backend_;
        call.notes = &notes_;
      }
      const auto reply = RunTask(client_->Chat(call, CallScope()));
      ASSERT_TRUE(reply.ok()) << reply.error().message;
      EXPECT_EQ(asked_, requests) << why;
    }
    EXPECT_EQ(notes_.told.size(), 2u);
    const ChatCall streamed = Call(server, ",\"stream\":true");
    ChunkKeeper keeper;
    ASSERT_TRUE(RunTask(client_->Stream(streamed, keeper, CallScope())).ok());
    EXPECT_EQ(keeper.chunks.size(), 1u);
  }
}

// What is refused without it, too, was not refused for it: it is sent again the next time.
TEST_F(PickyServer, NothingIsLearntFromWhatIsRefusedAnyway) {
  RawServer server(Picky("reasoning_content is missing in message 3", true));
  const ChatCall call = Call(server, "");
  for (int i = 0; i < 2; ++i) {
    asked_ = 0;
    const auto reply = RunTask(client_->Chat(call, CallScope()));
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().code, ErrorCode::kInvalid);
    EXPECT_EQ(asked_, 2);
  }
  EXPECT_TRUE(notes_.told.empty());
}

}  // namespace
}  // namespace moerge::test
