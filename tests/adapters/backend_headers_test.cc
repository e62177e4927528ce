// What the operator has every request to a backend carry, as the backend sees it.
#include "adapters/backend_headers.h"

#include <cstdlib>

#include "adapters/model_fetch.h"
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
  ::setenv("MOERGE_TEST_VERSION", "2024-10-21\n", 1);
  ::setenv("MOERGE_TEST_BLANK", " ", 1);
  backend_.headers["x-tail"] = "v ${MOERGE_TEST_VERSION}";
  backend_.headers["x-blank"] = "${MOERGE_TEST_BLANK}";
  backend_.query = {{"api-version", "${MOERGE_TEST_VERSION}"},
                    {"a b", "c&d/é"},
                    {"gone", "${MOERGE_TEST_UNSET}"}};
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
      EXPECT_NE(head.find("x-tail: v 2024-10-21\r\n"), std::string::npos) << head;
      EXPECT_EQ(head.find("x-gone"), std::string::npos) << head;
      EXPECT_EQ(head.find("x-blank"), std::string::npos) << head;
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

// Wherever a backend says them.
class SecretsOfBackends : public BackendHeaders {
 protected:
  SecretsOfBackends() {
    ::setenv("MOERGE_TEST_PARAMETER", kParameter, 1);
    backend_.api_key_env = "MOERGE_TEST_OPENAI";
    backend_.headers = {{"x-token", "Token ${MOERGE_TEST_AZURE}"}};
    backend_.query = {{"key", "${MOERGE_TEST_PARAMETER}"}};
  }

  static void ExpectNone(const std::string& shown) {
    for (const std::string_view secret :
         {std::string_view(kAzureKey), std::string_view(kParameter),
          std::string_view("openai-key-0123456789"), std::string_view("par%26meter-0123456789")}) {
      EXPECT_EQ(shown.find(secret), std::string::npos) << shown;
    }
  }

  static constexpr const char* kParameter = "par&meter-0123456789";
  const std::string echo_ = std::string("openai-key-0123456789 Token ") + kAzureKey +
                            " par%26meter-0123456789 " + kParameter;
};

TEST_F(SecretsOfBackends, AreNotShownInErrors) {
  const std::string body =
      R"({"error":{"message":"bad header )" + echo_ + R"(","code":")" + echo_ + "\"}}";
  const auto reply =
      Chat(Protocol::kOpenAi, "HTTP/1.1 400 Bad\r\nContent-Length: " + std::to_string(body.size()) +
                                  "\r\n\r\n" + body);
  ASSERT_FALSE(reply.ok());
  ExpectNone(reply.error().message + reply.error().reason + reply.error().detail);
  EXPECT_NE(reply.error().message.find("bad header"), std::string::npos);
}

TEST_F(SecretsOfBackends, AreNotShownInAContentType) {
  const std::string body = R"({"object":"list","data":[{"index":0,"embedding":[1]}],"model":"m"})";
  RawServer server([&](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Type: text/" + echo_ +
              "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  });
  const ChatCall call = CallTo(server, Protocol::kOpenAi, "");
  const auto reply = RunTask(client_->Forward(call, "/embeddings", CallScope()));
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(reply->content_type.find("text/***"), 0u) << reply->content_type;
  ExpectNone(reply->content_type);
}

TEST_F(SecretsOfBackends, AreNotShownInNamesOfModels) {
  const std::string body = R"({"data":[{"id":"a"},{"id":")" + echo_ + R"("}]})";
  RawServer server([&](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send(OkReply(body));
  });
  backend_.base_url = server.Url("");
  const auto names = RunTask(FetchModelNames(*http_, backend_, CallScope(), 10));
  ASSERT_TRUE(names.ok()) << names.error().message;
  ASSERT_EQ(names->size(), 2u);
  ExpectNone((*names)[0] + (*names)[1]);
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

TEST_F(BackendHeaders, ControlCharactersGoToNoServer) {
  ::setenv("MOERGE_TEST_BELL",
           "a\x07"
           "b",
           1);
  backend_.headers = {{"x-bell", "${MOERGE_TEST_BELL}"}};
  const auto reply = Chat(Protocol::kOpenAi, OkReply(kAnyCompletion));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kForbidden);
  EXPECT_NE(reply.error().message.find("x-bell holds a line break or another control character"),
            std::string::npos)
      << reply.error().message;
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
