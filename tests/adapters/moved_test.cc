#include "adapters/moved.h"

#include "tests/adapters/protocol_fixture.h"

namespace moerge::test {
namespace {

TEST(Moved, OnlyToTheSameServer) {
  struct Row {
    const char* url;
    const char* location;
    const char* there;
  };
  for (const Row& row : {
           Row{"http://h:81/v1/chat", "/v2/chat/", "http://h:81/v2/chat/"},
           Row{"http://h:81/v1/chat?a=1", "chat/", "http://h:81/v1/chat/"},
           Row{"http://h:81", "x", "http://h:81/x"},
           Row{"http://h:81/v1/chat", "http://H:81/y?b=2#there", "http://H:81/y?b=2"},
           Row{"http://h/v1/chat", "http://h:80/y", "http://h:80/y"},
           Row{"https://h/v1/chat", "//h/y", "https://h/y"},
           Row{"https://h/v1/chat", "http://h/y", ""},
           Row{"http://h:81/v1/chat", "http://h:82/y", ""},
           Row{"http://h:81/v1/chat", "http://other:81/y", ""},
           Row{"http://h:81/v1/chat", "//other:81/y", ""},
           Row{"http://h:81/v1/chat", "http://h:81@other/y", ""},
           Row{"http://h:81/v1/chat", "ftp://h:81/y", ""},
           Row{"http://h:81/v1/chat", "", ""},
           Row{"http://h:81/v1/chat", "/a b", ""},
       }) {
    EXPECT_EQ(SameServer(row.url, row.location), row.there) << row.location;
  }
}

std::string Redirect(int status, const std::string& location) {
  return "HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " + location +
         "\r\nContent-Length: 0\r\n\r\n";
}

class MovedServer : public ProtocolFixture {
 protected:
  // A server that sends on what does not end in a slash.
  RawServer::Script Sending(int status, std::string location, std::string answer) {
    return [=](RawPeer& peer) {
      for (std::string asked = peer.ReadRequest(); !asked.empty(); asked = peer.ReadRequest()) {
        const bool there = asked.find("/chat/completions/ HTTP") != std::string::npos;
        EXPECT_NE(asked.find(R"("content":"Hi")"), std::string::npos);
        if (!peer.Send(there ? answer : Redirect(status, location))) return;
      }
    };
  }
};

TEST_F(MovedServer, IsAskedThere) {
  for (const int status : {307, 308}) {
    RawServer server(Sending(status, "/chat/completions/", OkReply(kHiReply)));
    const ChatCall call = CallTo(server, Protocol::kOpenAi, "");
    const auto reply = RunTask(client_->Chat(call, CallScope()));
    ASSERT_TRUE(reply.ok()) << reply.error().message;
    EXPECT_EQ(reply->content, "Hi");
    RawServer streams(Sending(status, "completions/", StreamOf(Events({kHiChunk}))));
    const ChatCall streamed = CallTo(streams, Protocol::kOpenAi, ",\"stream\":true");
    ChunkKeeper keeper;
    const auto summary = RunTask(client_->Stream(streamed, keeper, CallScope()));
    ASSERT_TRUE(summary.ok()) << summary.error().message;
    EXPECT_EQ(keeper.chunks.size(), 1u);
  }
}

// Where it is not followed, the operator reads where it points; no key goes there.
TEST_F(MovedServer, ElsewhereIsNamed) {
  const std::pair<int, const char*> rows[] = {{307, "http://127.0.0.2:1/x"},
                                              {301, "/chat/completions/"},
                                              {302, "https://elsewhere.example/login"},
                                              {308, "/chat/completions"}};
  for (const auto& [status, location] : rows) {
    RawServer server(Sending(status, location, OkReply(kHiReply)));
    const ChatCall call = CallTo(server, Protocol::kOpenAi, "");
    const auto reply = RunTask(client_->Chat(call, CallScope()));
    ASSERT_FALSE(reply.ok()) << location;
    EXPECT_EQ(reply.error().code, ErrorCode::kUpstream);
    EXPECT_NE(reply.error().message.find(location), std::string::npos) << reply.error().message;
    EXPECT_EQ(server.connections(), 1);
  }
}

}  // namespace
}  // namespace moerge::test
