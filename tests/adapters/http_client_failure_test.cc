// Both clients, over real sockets: what servers and callers do wrong.
#include "tests/adapters/http_client_fixture.h"

namespace moerge::test {
namespace {

using HttpClientFailureTest = HttpClientTest;
using std::chrono::milliseconds;

INSTANTIATE_TEST_SUITE_P(Clients, HttpClientFailureTest, ::testing::Values("lean", "curl"),
                         [](const auto& info) { return std::string(info.param); });

// A server that answers every connection with `bytes` and closes it.
RawServer::Script Saying(std::string bytes) {
  return [bytes](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send(bytes);
  };
}

ErrorCode CodeOf(const Result<Fetched>& fetched) {
  EXPECT_FALSE(fetched.ok()) << Describe(fetched);
  return fetched.ok() ? ErrorCode::kInternal : fetched.error().code;
}

TEST_P(HttpClientFailureTest, NoServerListens) {
  int port = 0;
  {
    port = RawServer([](RawPeer&) {}).port();
  }
  const auto fetched = Fetch(Get("http://127.0.0.1:" + std::to_string(port) + "/"));
  EXPECT_EQ(CodeOf(fetched), ErrorCode::kUnavailable);
  EXPECT_NE(fetched.error().message.find("127.0.0.1"), std::string::npos)
      << fetched.error().message;
}

TEST_P(HttpClientFailureTest, UnknownHostName) {
  EXPECT_EQ(CodeOf(Fetch(Get("http://nowhere.invalid/"))), ErrorCode::kUnavailable);
}

TEST_P(HttpClientFailureTest, UrlsThatAreNone) {
  for (const char* url : {"", "ftp://a/", "http://", "http://a b/", "http://a:0/", "http://a:x/",
                          "http://[::1/", "http://u:p@a/"}) {
    EXPECT_EQ(CodeOf(Fetch(Get(url))), ErrorCode::kInvalid) << url;
  }
}

TEST_P(HttpClientFailureTest, LineBreaksInAHeaderAreRefused) {
  OutboundRequest request = Get("http://127.0.0.1:9/");
  request.headers = {{"x-request-id", "a\r\nX-Other: b"}};
  EXPECT_EQ(CodeOf(Fetch(request)), ErrorCode::kInvalid);
}

TEST_P(HttpClientFailureTest, ConnectionLostAtEveryByteOfTheReply) {
  const std::string length = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  for (const std::string& reply : {length, chunked}) {
    const std::size_t head = reply.find("\r\n\r\n") + 4;
    RawServer server([&](RawPeer& peer) {
      peer.ReadRequest();
      peer.Send(std::string_view(reply).substr(0, static_cast<std::size_t>(peer.index())));
    });
    for (std::size_t cut = 0; cut < reply.size(); ++cut) {
      const auto fetched = Fetch(Get(server.Url()));
      const auto expected = cut < head ? ErrorCode::kUnavailable : ErrorCode::kUpstream;
      EXPECT_EQ(CodeOf(fetched), expected) << "cut at " << cut << " of " << reply;
    }
  }
}

TEST_P(HttpClientFailureTest, HeadOver64KiB) {
  RawServer server([](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\n");
    const std::string line = "X-Filler: " + std::string(1000, 'x') + "\r\n";
    while (peer.Send(line)) {
    }
  });
  const auto fetched = Fetch(Get(server.Url()));
  EXPECT_EQ(CodeOf(fetched), ErrorCode::kUpstream);
  EXPECT_NE(fetched.error().message.find("64 KiB"), std::string::npos) << fetched.error().message;
}

TEST_P(HttpClientFailureTest, OneEndlessHeaderLine) {
  RawServer server([](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nX-Endless: ");
    while (peer.Send(std::string(4096, 'x'))) {
    }
  });
  EXPECT_EQ(CodeOf(Fetch(Get(server.Url()))), ErrorCode::kUpstream);
}

TEST_P(HttpClientFailureTest, BodyOverTheReadersLimit) {
  RawServer server(Saying(OkReply(std::string(1000, 'x'))));
  const OutboundRequest request = Get(server.Url());
  const auto read = [&]() -> Task<Result<std::string>> {
    auto response = co_await client_->Send(request, CallScope());
    if (!response) co_return std::move(response).error();
    auto body = co_await ReadAll(**response, 999);
    co_return body;
  };
  const auto body = RunTask(read());
  ASSERT_FALSE(body.ok());
  EXPECT_EQ(body.error().code, ErrorCode::kUpstream);
}

TEST_P(HttpClientFailureTest, NoFirstByteInTime) {
  RawServer server([](RawPeer& peer) { peer.AwaitEnd(); });
  OutboundRequest request = Post(server.Url(), {"x"});
  request.connect_timeout = milliseconds(20);
  request.first_byte_timeout = milliseconds(30);
  EXPECT_EQ(CodeOf(Fetch(request)), ErrorCode::kTimeout);
}

TEST_P(HttpClientFailureTest, StallInsideTheBody) {
  RawServer server([](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
    peer.AwaitEnd();
  });
  OutboundRequest request = Get(server.Url());
  request.idle_timeout = milliseconds(30);
  EXPECT_EQ(CodeOf(Fetch(request)), ErrorCode::kTimeout);
}

TEST_P(HttpClientFailureTest, WithoutLimitsOfItsOwnTheDeadlineHolds) {
  RawServer silent([](RawPeer& peer) { peer.AwaitEnd(); });
  RawServer stalling([](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
    peer.AwaitEnd();
  });
  for (const RawServer* server : {&silent, &stalling}) {
    OutboundRequest request = Get(server->Url());
    request.first_byte_timeout = request.idle_timeout = milliseconds(0);
    CallScope scope;
    scope.deadline = Deadline::After(milliseconds(60));
    const auto fetched = Fetch(request, scope);
    EXPECT_EQ(CodeOf(fetched), ErrorCode::kTimeout);
    EXPECT_NE(fetched.error().message.find("deadline"), std::string::npos);
  }
}

TEST_P(HttpClientFailureTest, AReaderMaySetTheLimitOnTheWay) {
  RawServer server([](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
    peer.AwaitEnd();
  });
  OutboundRequest request = Get(server.Url());
  request.idle_timeout = milliseconds(0);
  const auto read = [&]() -> Task<Result<std::string>> {
    auto response = co_await client_->Send(request, CallScope());
    if (!response) co_return std::move(response).error();
    auto piece = co_await (*response)->Read();
    if (!piece) co_return std::move(piece).error();
    (*response)->SetIdleTimeout(milliseconds(30));
    auto body = co_await ReadAll(**response, 999);
    co_return body;
  };
  const auto body = RunTask(read());
  ASSERT_FALSE(body.ok());
  EXPECT_EQ(body.error().code, ErrorCode::kTimeout);
}

TEST_P(HttpClientFailureTest, DeadlinePassesWhileWaiting) {
  bool ended = false;
  {
    RawServer server([&](RawPeer& peer) { ended = peer.AwaitEnd(); });
    CallScope scope;
    scope.deadline = Deadline::After(milliseconds(40));
    const auto fetched = Fetch(Get(server.Url()), scope);
    EXPECT_EQ(CodeOf(fetched), ErrorCode::kTimeout);
    EXPECT_NE(fetched.error().message.find("deadline"), std::string::npos);
  }
  EXPECT_TRUE(ended);
}

TEST_P(HttpClientFailureTest, DeadlineAlreadyPassed) {
  CallScope scope;
  scope.deadline = Deadline::After(milliseconds(0));
  EXPECT_EQ(CodeOf(Fetch(Get("http://127.0.0.1:9/"), scope)), ErrorCode::kTimeout);
}

TEST_P(HttpClientFailureTest, CancelledBeforeItBegan) {
  Cancellation cancellation;
  cancellation.Cancel();
  CallScope scope;
  scope.cancellation = &cancellation;
  EXPECT_EQ(CodeOf(Fetch(Get("http://127.0.0.1:9/"), scope)), ErrorCode::kCancelled);
}

TEST_P(HttpClientFailureTest, CancelClosesTheConnectionAtOnce) {
  for (const std::string_view said : {"", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"}) {
    std::atomic<bool> received = false;
    std::atomic<bool> ended = false;
    RawServer server([&](RawPeer& peer) {
      peer.ReadRequest();
      peer.Send(said);
      received = true;
      ended = peer.AwaitEnd();
    });
    Cancellation cancellation;
    CallScope scope;
    scope.cancellation = &cancellation;
    const OutboundRequest request = Get(server.Url());
    std::optional<ErrorCode> code;
    const auto fetch = [&]() -> Task<void> {
      const auto fetched = co_await FetchTask(request, scope);
      code = fetched.ok() ? ErrorCode::kInternal : fetched.error().code;
    };
    Start(fetch());
    RunUntil([&] { return received.load(); });
    cancellation.Cancel();
    // The server sees the end although this loop does not run.
    while (!ended) std::this_thread::yield();
    RunUntil([&] { return code.has_value(); });
    EXPECT_EQ(*code, ErrorCode::kCancelled);
  }
}

TEST_P(HttpClientFailureTest, DroppingAResponseClosesItsConnection) {
  std::atomic<bool> ended = false;
  RawServer server([&](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
    ended = peer.AwaitEnd();
  });
  const OutboundRequest request = Get(server.Url());
  const auto drop = [&]() -> Task<bool> {
    auto response = co_await client_->Send(request, CallScope());
    co_return response.ok();
  };
  EXPECT_TRUE(RunTask(drop()));
  while (!ended) std::this_thread::yield();
}

TEST_P(HttpClientFailureTest, AReaderThatDoesNotReadStopsTheSender) {
  constexpr std::size_t kLimit = 64 << 20;
  std::atomic<std::size_t> sent = 0;
  RawServer server([&](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
    sent = peer.SendUntilStalled(std::string(64 << 10, 'x'), kLimit);
    peer.AwaitEnd();
  });
  const OutboundRequest request = Get(server.Url());
  const auto stall = [&]() -> Task<bool> {
    auto response = co_await client_->Send(request, CallScope());
    if (!response) co_return false;
    auto piece = co_await (*response)->Read();
    while (sent == 0) co_await SleepFor(milliseconds(1));
    auto next = co_await (*response)->Read();
    co_return piece.ok() && next.ok() && !next->empty();
  };
  EXPECT_TRUE(RunTask(stall()));
  EXPECT_LT(sent, kLimit / 2);  // what the kernel's buffers of both sides hold, and 256 KiB
}

TEST_P(HttpClientFailureTest, ResumesAfterAPause) {
  constexpr std::size_t kSize = 8 << 20;
  RawServer server([&](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kSize) + "\r\n\r\n");
    for (std::size_t i = 0; i < kSize; i += 1 << 16) peer.Send(std::string(1 << 16, 'x'));
    peer.AwaitEnd();
  });
  const OutboundRequest request = Get(server.Url());
  const auto slow = [&]() -> Task<std::size_t> {
    auto response = co_await client_->Send(request, CallScope());
    std::size_t size = 0;
    for (int i = 0; response.ok(); ++i) {
      if (i % 8 == 0) co_await SleepFor(milliseconds(1));
      auto piece = co_await (*response)->Read();
      if (!piece || piece->empty()) break;
      EXPECT_LE(piece->size(), std::size_t{256} << 10);
      size += piece->size();
    }
    co_return size;
  };
  EXPECT_EQ(RunTask(slow()), kSize);
}

TEST_P(HttpClientFailureTest, AResetConnectionIsAnError) {
  RawServer server([](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\n\r\nbegun");
    peer.Reset();
  });
  const auto code = CodeOf(Fetch(Get(server.Url())));
  EXPECT_TRUE(code == ErrorCode::kUpstream || code == ErrorCode::kUnavailable);
}

TEST_P(HttpClientFailureTest, ClientGoesBeforeItsResponse) {
  RawServer server([](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    peer.Send("ok");
  });
  const OutboundRequest request = Get(server.Url());
  const auto outlive = [&]() -> Task<std::string> {
    auto response = co_await client_->Send(request, CallScope());
    if (!response) co_return response.error().message;
    client_.reset();
    auto body = co_await ReadAll(**response, 100);
    co_return body.ok() ? *body : body.error().message;
  };
  EXPECT_EQ(RunTask(outlive()), "ok");
}

}  // namespace
}  // namespace moerge::test
