// Both clients, over real sockets: what a well-behaved server does.
#include "tests/adapters/http_client_fixture.h"

namespace moerge::test {
namespace {

INSTANTIATE_TEST_SUITE_P(Clients, HttpClientTest, ::testing::Values("lean", "curl"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(HttpClientTest, SendsBodyInPiecesWithItsLength) {
  std::string seen;
  RawServer server([&](RawPeer& peer) {
    seen = peer.ReadRequest();
    peer.Send(OkReply("{}"));
  });
  const auto fetched = Fetch(Post(server.Url("/v1/x?y=1"), {"{\"a\":", "1", "}"}));
  ASSERT_TRUE(fetched.ok()) << Describe(fetched);
  EXPECT_EQ(fetched->status, 200);
  EXPECT_EQ(fetched->body, "{}");
  EXPECT_EQ(fetched->type, "application/json");
  EXPECT_TRUE(seen.starts_with("POST /v1/x?y=1 HTTP/1.1\r\n")) << seen;
  EXPECT_NE(seen.find("Content-Length: 7\r\n"), seen.npos) << seen;
  EXPECT_NE(seen.find("Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"), seen.npos);
  EXPECT_TRUE(seen.ends_with("\r\n\r\n{\"a\":1}")) << seen;
  EXPECT_EQ(seen.find("Expect:"), seen.npos);
}

TEST_P(HttpClientTest, ReusesTheConnection) {
  RawServer server([](RawPeer& peer) {
    while (!peer.ReadRequest().empty()) peer.Send(OkReply("ok"));
  });
  for (int i = 0; i < 5; ++i) {
    const auto fetched = Fetch(Post(server.Url(), {"x"}));
    ASSERT_TRUE(fetched.ok()) << Describe(fetched);
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_P(HttpClientTest, DoesNotReuseAfterConnectionClose) {
  RawServer server([](RawPeer& peer) {
    while (!peer.ReadRequest().empty()) {
      peer.Send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
    }
  });
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(Fetch(Get(server.Url())).ok());
  EXPECT_EQ(server.connections(), 2);
}

TEST_P(HttpClientTest, ReplacesAStaleConnectionOnce) {
  RawServer server([](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send(OkReply("ok"));
    // The first connection dies with the second request on it, before a byte of an answer.
    if (peer.index() == 0) peer.ReadRequest();
  });
  for (int i = 0; i < 2; ++i) {
    const auto fetched = Fetch(Post(server.Url(), {"x", "y"}));
    ASSERT_TRUE(fetched.ok()) << Describe(fetched);
    EXPECT_EQ(fetched->body, "ok");
  }
  EXPECT_EQ(server.connections(), 2);
}

TEST_P(HttpClientTest, DoesNotRepeatARequestOnAFreshConnection) {
  RawServer server([](RawPeer& peer) { peer.ReadRequest(); });
  const auto fetched = Fetch(Post(server.Url(), {"x"}));
  ASSERT_FALSE(fetched.ok());
  EXPECT_EQ(fetched.error().code, ErrorCode::kUnavailable) << fetched.error().message;
  EXPECT_EQ(server.connections(), 1);
}

TEST_P(HttpClientTest, ReplyCutAtEveryByte) {
  const std::string reply =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;name=\"value\"\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n";
  RawServer server([&](RawPeer& peer) {
    for (std::size_t cut = 0; !peer.ReadRequest().empty(); ++cut) {
      peer.Send(std::string_view(reply).substr(0, cut % reply.size()));
      peer.Send(std::string_view(reply).substr(cut % reply.size()));
    }
  });
  for (std::size_t i = 0; i < reply.size(); ++i) {
    const auto fetched = Fetch(Get(server.Url()));
    ASSERT_TRUE(fetched.ok()) << "cut at " << i << ": " << Describe(fetched);
    ASSERT_EQ(fetched->body, "hello world") << "cut at " << i;
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_P(HttpClientTest, ReadsADripOfSingleBytes) {
  RawServer server([](RawPeer& peer) {
    peer.ReadRequest();
    for (const char c : OkReply("drip by drip")) peer.Send(std::string_view(&c, 1));
  });
  const auto fetched = Fetch(Get(server.Url()));
  ASSERT_TRUE(fetched.ok()) << Describe(fetched);
  EXPECT_EQ(fetched->body, "drip by drip");
}

TEST_P(HttpClientTest, ReadsUntilTheConnectionCloses) {
  RawServer server([](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nas long as it lasts");
  });
  const auto fetched = Fetch(Get(server.Url()));
  ASSERT_TRUE(fetched.ok()) << Describe(fetched);
  EXPECT_EQ(fetched->body, "as long as it lasts");
}

TEST_P(HttpClientTest, SkipsInterimResponses) {
  RawServer server([](RawPeer& peer) {
    peer.ReadUntil("\r\n\r\n");
    peer.Send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
    peer.ReadExactly(4);
    peer.Send(OkReply("final"));
  });
  const auto fetched = Fetch(Post(server.Url(), {"body"}));
  ASSERT_TRUE(fetched.ok()) << Describe(fetched);
  EXPECT_EQ(fetched->status, 200);
  EXPECT_EQ(fetched->body, "final");
}

TEST_P(HttpClientTest, KnowsRepliesWithoutABody) {
  RawServer server([](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    peer.ReadRequest();
    peer.Send("HTTP/1.1 204 No Content\r\n\r\n");
    peer.ReadRequest();
    peer.Send("HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n");
    peer.AwaitEnd();
  });
  OutboundRequest head = Get(server.Url());
  head.method = "HEAD";
  EXPECT_EQ(Describe(Fetch(head)), "200 ");
  EXPECT_EQ(Describe(Fetch(Get(server.Url()))), "204 ");
  EXPECT_EQ(Describe(Fetch(Get(server.Url()))), "304 ");
  EXPECT_EQ(server.connections(), 1);
}

TEST_P(HttpClientTest, LeavesRedirectsToTheCaller) {
  RawServer server([](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
    peer.AwaitEnd();
  });
  EXPECT_EQ(Describe(Fetch(Get(server.Url()))), "302 ");
}

TEST_P(HttpClientTest, TenMegabytesBothWays) {
  const std::string megabyte(1 << 20, 'm');
  RawServer server([&](RawPeer& peer) {
    const std::string request = peer.ReadRequest();
    const std::size_t body = request.size() - request.find("\r\n\r\n") - 4;
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body) + "\r\n\r\n");
    for (std::size_t sent = 0; sent < body; sent += megabyte.size()) peer.Send(megabyte);
    peer.AwaitEnd();
  });
  const auto fetched = Fetch(Post(server.Url(), std::vector<std::string_view>(10, megabyte)));
  ASSERT_TRUE(fetched.ok()) << Describe(fetched);
  EXPECT_EQ(fetched->body.size(), std::size_t{10} << 20);
  EXPECT_EQ(fetched->body.find_first_not_of('m'), std::string::npos);
}

TEST_P(HttpClientTest, TakesAnAnswerThatComesBeforeTheBodyIsRead) {
  const std::string megabyte(1 << 20, 'm');
  RawServer server([&](RawPeer& peer) {
    peer.ReadUntil("\r\n\r\n");
    peer.Send("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig");
    peer.AwaitEnd();
  });
  const auto fetched = Fetch(Post(server.Url(), std::vector<std::string_view>(32, megabyte)));
  EXPECT_EQ(Describe(fetched), "413 big");
}

TEST_P(HttpClientTest, DoesNotReuseAConnectionWithExtraBytes) {
  RawServer server([](RawPeer& peer) {
    while (!peer.ReadRequest().empty()) peer.Send(OkReply("one") + OkReply("smuggled"));
  });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Describe(Fetch(Get(server.Url()))), "200 one");
}

TEST_P(HttpClientTest, ConnectsToIpv6AndToLocalhost) {
  RawServer six(
      [](RawPeer& peer) {
        while (!peer.ReadRequest().empty()) peer.Send(OkReply("six"));
      },
      RawServer::Kind::kIpv6);
  EXPECT_EQ(Describe(Fetch(Get(six.Url()))), "200 six");
  const std::string by_name = "http://localhost:" + std::to_string(six.port()) + "/";
  EXPECT_EQ(Describe(Fetch(Get(by_name))), "200 six");
  RawServer four([](RawPeer& peer) {
    while (!peer.ReadRequest().empty()) peer.Send(OkReply("four"));
  });
  const std::string four_by_name = "http://localhost:" + std::to_string(four.port()) + "/";
  EXPECT_EQ(Describe(Fetch(Get(four_by_name))), "200 four");
}

TEST_P(HttpClientTest, FinishKeepsTheConnectionWhenTheEndComesLate) {
  RawServer server([](RawPeer& peer) {
    while (!peer.ReadRequest().empty()) {
      peer.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nDONE\r\n");
      peer.ReadExactly(0);
      peer.Send("0\r\n\r\n");
    }
  });
  const OutboundRequest request = Get(server.Url());
  const auto read_and_finish = [&]() -> Task<bool> {
    auto response = co_await client_->Send(request, CallScope());
    if (!response) co_return false;
    auto piece = co_await (*response)->Read();
    const bool right = piece.ok() && *piece == "DONE";
    (*response)->Finish();
    co_return right;
  };
  EXPECT_TRUE(RunTask(read_and_finish()));
  // Whether the end had come by then or not, at most one connection is added.
  EXPECT_TRUE(RunTask(read_and_finish()));
  EXPECT_LE(server.connections(), 2);
}

TEST_P(HttpClientTest, ManyAtOnceOverManyConnections) {
  RawServer server([](RawPeer& peer) {
    while (!peer.ReadRequest().empty()) peer.Send(OkReply("ok"));
  });
  const OutboundRequest request = Post(server.Url(), {"x"});
  int done = 0;
  const auto one = [&]() -> Task<void> {
    const CallScope scope;
    for (int i = 0; i < 10; ++i) {
      const auto fetched = co_await FetchTask(request, scope);
      done += fetched.ok() && fetched->body == "ok" ? 1 : 0;
    }
  };
  for (int i = 0; i < 20; ++i) Start(one());
  RunUntil([&] { return done == 200; });
  EXPECT_LE(server.connections(), 20);
}

}  // namespace
}  // namespace moerge::test
