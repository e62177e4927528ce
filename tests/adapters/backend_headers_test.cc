// What the operator has every request to a backend carry, as the backend sees it.
#include "adapters/backend_headers.h"

#include <cstdlib>

#include "tests/adapters/protocol_fixture.h"

namespace moerge::test {
namespace {

constexpr const char* kAzureKey = "azure-key-0123456789";
constexpr const char* kAnyCompletion =
    R"({"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]})";

class BackendHeaders : public ProtocolFixture {
 protected:
  BackendHeaders() {
    ::setenv("MOERGE_TEST_AZURE", kAzureKey, 1);
    ::setenv("MOERGE_TEST_OPENAI", "openai-key-0123456789", 1);
    ::unsetenv("MOERGE_TEST_UNSET");
  }

  // The head of what such a backend is asked, in lower case but for its first line.
  std::string Asked(Protocol protocol, bool stream = false) {
    std::string head;
    RawServer server([&head](RawPeer& peer) {
      head = peer.ReadRequest();
      peer.Send(OkReply(kAnyCompletion));
    });
    const ChatCall call = CallTo(server, protocol, stream ? R"(,"stream":true)" : "");
    ChunkKeeper keeper;
    if (stream) {
      (void)RunTask(client_->Stream(call, keeper, CallScope()));
    } else {
      (void)RunTask(client_->Chat(call, CallScope()));
    }
    return head.substr(0, head.find("\r\n\r\n"));
  }

  static std::size_t Times(std::string_view text, std::string_view what) {
    std::size_t times = 0;
    for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++times;
    return times;
  }
};

TEST_F(BackendHeaders, GoWithEveryRequest) {
  backend_.headers = {{"api-key", "${MOERGE_TEST_AZURE}"},
                      {"x-team", "research"},
                      {"x-gone", "${MOERGE_TEST_UNSET}"},
                      {"x-else", "${MOERGE_TEST_UNSET:-y}"}};
  backend_.query = {{"api-version", "2024-10-21"}, {"a b", "c&d/é"}};
  for (const Protocol protocol : {Protocol::kOpenAi, Protocol::kAnthropic, Protocol::kOllama}) {
    for (const bool stream : {false, true}) {
      SCOPED_TRACE(ProtocolName(protocol));
      const std::string head = Asked(protocol, stream);
      EXPECT_NE(head.find("?a%20b=c%26d%2F%C3%A9&api-version=2024-10-21 HTTP/1.1"),
                std::string::npos)
          << head;
      EXPECT_NE(head.find("api-key: " + std::string(kAzureKey)), std::string::npos) << head;
      EXPECT_NE(head.find("x-team: research"), std::string::npos) << head;
      EXPECT_NE(head.find("x-else: y"), std::string::npos) << head;
      EXPECT_EQ(head.find("x-gone"), std::string::npos) << head;
    }
  }
}

TEST_F(BackendHeaders, StandInPlaceOfMoergesOwn) {
  backend_.api_key_env = "MOERGE_TEST_OPENAI";
  backend_.headers = {{"authorization", "Basic abc"},
                      {"USER-AGENT", "ours"},
                      {"Anthropic-Version", "2030-01-01"},
                      {"X-Api-Key", "mine"}};
  const std::string openai = Asked(Protocol::kOpenAi);
  EXPECT_NE(openai.find("authorization: Basic abc"), std::string::npos) << openai;
  EXPECT_EQ(openai.find("Bearer"), std::string::npos) << openai;
  EXPECT_EQ(openai.find("moerge/"), std::string::npos) << openai;
  const std::string anthropic = Asked(Protocol::kAnthropic);
  EXPECT_EQ(Times(anthropic, "nthropic-"), 1u) << anthropic;
  EXPECT_NE(anthropic.find("X-Api-Key: mine"), std::string::npos) << anthropic;
  EXPECT_EQ(anthropic.find("openai-key"), std::string::npos) << anthropic;
}

TEST_F(BackendHeaders, TheirSecretsAreNotShown) {
  backend_.headers = {{"authorization", "Token ${MOERGE_TEST_AZURE}"}};
  const std::string echo = R"({"error":{"message":"bad header Token )" + std::string(kAzureKey) +
                           R"(","code":")" + kAzureKey + "\"}}";
  const auto reply =
      Chat(Protocol::kOpenAi, "HTTP/1.1 400 Bad\r\nContent-Length: " + std::to_string(echo.size()) +
                                  "\r\n\r\n" + echo);
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ((reply.error().message + reply.error().reason).find(kAzureKey), std::string::npos)
      << reply.error().message;
  EXPECT_NE(reply.error().message.find("bad header"), std::string::npos);
}

TEST_F(BackendHeaders, OnesOfTwoLinesAreTheOperatorsToMend) {
  ::setenv("MOERGE_TEST_LINES", "a\r\nx-evil: 1", 1);
  backend_.api_key_env = "MOERGE_TEST_LINES";
  for (const Protocol protocol : {Protocol::kOpenAi, Protocol::kAnthropic, Protocol::kOllama}) {
    const auto reply = Chat(protocol, OkReply(kAnyCompletion));
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().code, ErrorCode::kForbidden);
    EXPECT_NE(reply.error().message.find("line break"), std::string::npos);
    EXPECT_EQ(reply.error().message.find("evil"), std::string::npos);
  }
}

TEST_F(BackendHeaders, AKeyFromAFileGoesWithoutItsLineEnd) {
  ::setenv("MOERGE_TEST_TAIL", "key-of-a-file-0123\n", 1);
  backend_.api_key_env = "MOERGE_TEST_TAIL";
  EXPECT_NE((Asked(Protocol::kOpenAi) + "\r\n").find("Bearer key-of-a-file-0123\r\n"),
            std::string::npos);
}

TEST_F(BackendHeaders, WhatIsNotThereIsSaidWithTheAddressAsked) {
  backend_.query = {{"key", "hidden"}};
  const auto reply = Chat(Protocol::kOpenAi, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kNotFound);
  EXPECT_NE(reply.error().message.find("/chat/completions)"), std::string::npos)
      << reply.error().message;
  EXPECT_EQ(reply.error().message.find("hidden"), std::string::npos);
}

}  // namespace
}  // namespace moerge::test
