#include "services/http/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <list>
#include <optional>
#include <thread>

#include "config/base/event.h"
#include "services/http/descriptors.h"
#include "tests/support/raw_client.h"

namespace moerge::http {
namespace {

using test::BodyOf;
using test::HeaderOf;
using test::RawClient;
using test::StatusOf;

// What the handler under test saw, for the test's thread.
struct Seen {
  std::promise<void> waiting;
  std::promise<void> cancelled;
  std::size_t flooded = 0;  // bytes that the kernel took; before `cancelled`
};

class TestHandler final : public Handler {
 public:
  explicit TestHandler(Seen& seen) : seen_(seen) {}

  Task<void> Handle(Exchange& exchange) override {
    const std::string& path = exchange.request().path;
    if (path == "/echo") co_await Echo(exchange);
    if (path == "/stream") co_await Stream(exchange, true);
    if (path == "/cut") co_await Stream(exchange, false);
    if (path == "/throw") throw std::runtime_error("boom");
    if (path == "/wait") co_await WaitForDeparture(exchange);
    if (path == "/flood") co_await Flood(exchange);
    if (path == "/pieces") co_await ReadPieces(exchange);
    if (path == "/unread") co_await Echo(exchange);
  }

  bool StreamsBody(const Request& request) const override {
    return request.path == "/pieces" || request.path == "/unread";
  }

  Reply ErrorReply(int status, std::string_view message) const override {
    Reply reply;
    reply.status = status;
    reply.body = std::string(message);
    return reply;
  }

 private:
  Task<void> Echo(Exchange& exchange) {
    Reply reply;
    reply.body = std::string(exchange.request().method) + " " + exchange.request().path + " " +
                 exchange.request().Query("q") + " " + exchange.TakeBody();
    exchange.SetHeader("x-test", "one\r\ntwo");
    const Status sent = co_await exchange.Send(std::move(reply));
    EXPECT_TRUE(sent.ok());
  }

  // Answers with what it has read, or the status of the error.
  Task<void> ReadPieces(Exchange& exchange) {
    Reply reply;
    EXPECT_TRUE(exchange.TakeBody().empty());
    while (true) {
      const Result<std::string> piece = co_await exchange.ReadBodyPiece();
      if (!piece) reply.status = piece.error().status;
      if (!piece || piece->empty()) break;
      reply.body += *piece;
    }
    if (reply.status != 0) (void)co_await exchange.Send(std::move(reply));
  }

  Task<void> Stream(Exchange& exchange, bool whole) {
    const Status begun = co_await exchange.BeginStream(200, "text/event-stream");
    EXPECT_TRUE(begun.ok());
    for (int i = 0; i < 3; ++i) {
      const std::string piece = "piece " + std::to_string(i) + "\n";
      const Status written = co_await exchange.Write(piece);
      EXPECT_TRUE(written.ok());
    }
    if (!whole) co_return;
    const Status ended = co_await exchange.EndStream();
    EXPECT_TRUE(ended.ok());
  }

  Task<void> WaitForDeparture(Exchange& exchange) {
    Event left(exchange.executor());
    const auto registration = exchange.cancellation().OnCancel([&left] { left.Set(); });
    seen_.waiting.set_value();
    co_await left.Wait();
    seen_.cancelled.set_value();
  }

  // Writes until the client is known to be gone.
  Task<void> Flood(Exchange& exchange) {
    const std::string piece(1 << 20, 'x');
    Status status = co_await exchange.BeginStream(200, "text/plain");
    while (status) status = co_await exchange.Write(piece);
    EXPECT_EQ(status.error().code, ErrorCode::kCancelled);
    seen_.flooded = exchange.bytes_sent();
    seen_.cancelled.set_value();
  }

  Seen& seen_;
};

class ServerTest : public testing::Test {
 protected:
  void Start(ServerOptions options = {}) {
    server_ = std::make_unique<Server>(
        options, [this](const Executor&, int) { return std::make_unique<TestHandler>(seen_); },
        metrics_);
    ASSERT_TRUE(server_->Start().ok());
  }
  void TearDown() override {
    if (server_) server_->Stop(std::chrono::seconds(5));
  }
  // Sends `bytes` on a fresh connection and reads until the server closes.
  std::string Ask(std::string_view bytes) {
    RawClient client(server_->port());
    client.Send(bytes);
    std::string reply = client.ReadToEnd();
    EXPECT_TRUE(client.closed()) << bytes.substr(0, 80);
    return reply;
  }

  Seen seen_;
  Metrics metrics_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
  Start();
  RawClient client(server_->port());
  for (int i = 0; i < 3; ++i) {
    client.Send("POST /echo?q=a%20b+c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
    const std::string reply = client.ReadReply();
    EXPECT_EQ(StatusOf(reply), 200);
    EXPECT_EQ(BodyOf(reply), "POST /echo a b c hello");
    EXPECT_EQ(HeaderOf(reply, "x-test"), "one  two");
  }
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  Start();
  RawClient client(server_->port());
  client.Send(
      "GET /echo?q=1 HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /echo?q=2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
      "GET /echo?q=3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(BodyOf(client.ReadReply()), "GET /echo 1 ");
  EXPECT_EQ(BodyOf(client.ReadReply()), "POST /echo 2 abc");
  const std::string last = client.ReadToEnd();
  EXPECT_EQ(BodyOf(last), "GET /echo 3 ");
  EXPECT_EQ(HeaderOf(last, "connection"), "close");
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, ARequestMayArriveByteByByte) {
  Start();
  RawClient client(server_->port());
  const std::string request =
      "\r\nPOST /echo HTTP/1.1\r\nhOsT:\tx\r\nempty:\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "5;ext=\"1\"\r\nhello\r\n0\r\nTrailer: t\r\n\r\n";
  for (const char byte : request) client.Send(std::string_view(&byte, 1));
  EXPECT_EQ(BodyOf(client.ReadReply()), "POST /echo  hello");
}

// Beyond framing, whose table tests/integration runs.
TEST_F(ServerTest, PathsThatCannotBeDecodedGet400AndAClosedConnection) {
  Start();
  for (const char* target : {"/%zz", "/%", "/%1", "/a%00b"}) {
    const std::string reply = Ask(std::string("GET ") + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(StatusOf(reply), 400) << target;
    EXPECT_EQ(HeaderOf(reply, "connection"), "close") << target;
  }
}

TEST_F(ServerTest, LimitsAreSaid) {
  ServerOptions options;
  options.max_body_bytes = 10;
  options.max_header_bytes = 1000;
  Start(options);
  EXPECT_EQ(StatusOf(Ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello world")),
            413);
  EXPECT_EQ(StatusOf(Ask("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "b\r\nhello world\r\n")),
            413);
  EXPECT_EQ(StatusOf(Ask("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(20'000, 'a'))), 431);
  std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 300; ++i) many += "A:\r\n";
  EXPECT_EQ(StatusOf(Ask(many)), 431);
}

TEST_F(ServerTest, SlowHeadAndSlowBodyGet408) {
  ServerOptions options;
  options.header_timeout = options.body_timeout = std::chrono::milliseconds(50);
  Start(options);
  EXPECT_EQ(StatusOf(Ask("GET / HTTP/1.1\r\nHost")), 408);
  EXPECT_EQ(StatusOf(Ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe")), 408);
  EXPECT_EQ(
      StatusOf(Ask("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe")),
      408);
}

TEST_F(ServerTest, AnIdleConnectionIsClosedWithoutAWord) {
  ServerOptions options;
  options.idle_timeout = std::chrono::milliseconds(50);
  Start(options);
  EXPECT_EQ(Ask(""), "");
}

TEST_F(ServerTest, AStreamIsWholeAndACutOneNeverLooksIt) {
  Start();
  RawClient client(server_->port());
  client.Send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string reply = client.ReadReply();
  EXPECT_TRUE(reply.ends_with("0\r\n\r\n"));
  EXPECT_EQ(BodyOf(reply), "piece 0\npiece 1\npiece 2\n");
  const std::string cut = Ask("GET /cut HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(BodyOf(cut), "piece 0\npiece 1\npiece 2\n");
  EXPECT_FALSE(cut.ends_with("0\r\n\r\n"));
}

TEST_F(ServerTest, AnOldClientGetsAStreamThatEndsWithTheConnection) {
  Start();
  const std::string reply = Ask("GET /stream HTTP/1.0\r\n\r\n");
  EXPECT_EQ(HeaderOf(reply, "transfer-encoding"), "");
  EXPECT_EQ(BodyOf(reply), "piece 0\npiece 1\npiece 2\n");
}

TEST_F(ServerTest, HeadHasNoBodyAndContinueIsInvited) {
  Start();
  const std::string head = Ask("HEAD /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(HeaderOf(head, "content-length"), "12");
  EXPECT_EQ(BodyOf(head), "");
  RawClient client(server_->port());
  client.Send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("ok");
  EXPECT_EQ(BodyOf(client.ReadReply()), "POST /echo  ok");
}

TEST_F(ServerTest, AHandlerThatThrowsOrSaysNothingGivesA500) {
  Start();
  EXPECT_EQ(StatusOf(Ask("GET /throw HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")), 500);
  EXPECT_EQ(StatusOf(Ask("GET /silent HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")), 500);
}

TEST_F(ServerTest, AClientThatNeverReadsIsCutAfterTheWriteTimeout) {
  ServerOptions options;
  options.write_timeout = std::chrono::milliseconds(50);
  Start(options);
  RawClient client(server_->port(), 4096);
  client.Send("GET /flood HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(seen_.cancelled.get_future().wait_for(std::chrono::minutes(1)),
            std::future_status::ready);
}

// How a client leaves that has sent something behind its request, whose reply waits for room or is
// yet to come.
struct Departure {
  const char* name;
  const char* path;
  std::size_t sent_ahead;
  void (RawClient::*leave)();
};

class ServerDepartureTest : public ServerTest, public testing::WithParamInterface<Departure> {};

INSTANTIATE_TEST_SUITE_P(
    Cases, ServerDepartureTest,
    testing::Values(Departure{"flooded_close", "/flood", 0, &RawClient::Close},
                    Departure{"flooded_reset", "/flood", 0, &RawClient::Reset},
                    Departure{"flooded_end", "/flood", 0, &RawClient::FinishSending},
                    Departure{"flooded_ahead_close", "/flood", 10, &RawClient::Close},
                    Departure{"flooded_ahead_end", "/flood", 10, &RawClient::FinishSending},
                    Departure{"flooded_far_ahead_reset", "/flood", 100'000, &RawClient::Reset},
                    Departure{"waiting_close", "/wait", 0, &RawClient::Close},
                    Departure{"waiting_end", "/wait", 0, &RawClient::FinishSending},
                    Departure{"waiting_ahead_close", "/wait", 10, &RawClient::Close},
                    Departure{"waiting_ahead_reset", "/wait", 30'000, &RawClient::Reset},
                    Departure{"waiting_far_ahead_reset", "/wait", 100'000, &RawClient::Reset}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_P(ServerDepartureTest, IsNoticedWithoutAnyTimeout) {
  ServerOptions options;
  options.write_timeout = options.idle_timeout = std::chrono::hours(1);
  Start(options);
  RawClient client(server_->port(), 4096);
  client.Send(std::string("GET ") + GetParam().path + " HTTP/1.1\r\nHost: x\r\n\r\n");
  const bool flooded = GetParam().path == std::string_view("/flood");
  if (flooded) client.ReadUntil("xxxx");
  if (!flooded) seen_.waiting.get_future().wait();
  client.Send(std::string(GetParam().sent_ahead, '\n'));
  (client.*GetParam().leave)();
  EXPECT_EQ(seen_.cancelled.get_future().wait_for(std::chrono::minutes(1)),
            std::future_status::ready);
}

TEST_F(ServerTest, TheKernelHoldsLittleForAClientThatDoesNotRead) {
  ServerOptions options;
  options.write_timeout = std::chrono::milliseconds(200);
  Start(options);
  RawClient client(server_->port());
  client.Send("GET /flood HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_EQ(seen_.cancelled.get_future().wait_for(std::chrono::minutes(1)),
            std::future_status::ready);
  EXPECT_LT(seen_.flooded, std::size_t{1} << 20);
}

TEST_F(ServerTest, ABodyIsReadInPiecesHoweverItIsCut) {
  ServerOptions options;
  options.max_body_bytes = 10;  // does not count
  Start(options);
  const std::string body(300'000, 'b');
  const std::string sized =
      "POST /pieces HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" + body;
  const std::string chunked =
      "POST /pieces HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "7d000\r\n" +
      std::string(512'000, 'c') + "\r\n3\r\nend\r\n0\r\n\r\n";
  const std::string next = "GET /echo?q=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  for (const std::size_t cut : {std::size_t{70'000}, sized.size()}) {
    RawClient client(server_->port());
    for (const std::string& bytes : {sized, chunked}) {
      for (std::size_t at = 0; at < bytes.size(); at += cut) client.Send(bytes.substr(at, cut));
      const std::string reply = client.ReadReply();
      EXPECT_EQ(StatusOf(reply), 200);
      EXPECT_EQ(BodyOf(reply), bytes == sized ? body : std::string(512'000, 'c') + "end");
    }
    client.Send(next);
    EXPECT_EQ(BodyOf(client.ReadToEnd()), "GET /echo 1 ");
  }
}

TEST_F(ServerTest, AReplyBeforeTheBodyClosesTheConnection) {
  Start();
  const std::string reply =
      Ask("POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" +
          std::string(300'000, 'b'));
  EXPECT_EQ(StatusOf(reply), 200);
  EXPECT_EQ(HeaderOf(reply, "connection"), "close");
}

TEST_F(ServerTest, WhatBreaksABodyIsItsReadersError) {
  ServerOptions options;
  options.body_timeout = std::chrono::milliseconds(30);
  Start(options);
  const std::string head = "POST /pieces HTTP/1.1\r\nHost: x\r\n";
  const std::string malformed = Ask(head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX");
  EXPECT_EQ(StatusOf(malformed), 400);
  const std::string slow = Ask(head + "Content-Length: 10\r\n\r\nhello");
  EXPECT_EQ(StatusOf(slow), 408);
  RawClient leaves(server_->port());
  leaves.Send(head + "Content-Length: 10\r\n\r\nhello");
  leaves.Close();
}

TEST_F(ServerTest, AllBodiesTogetherAreBounded) {
  ServerOptions options;
  options.max_pending_body_bytes = 100'000;
  Start(options);
  RawClient first(server_->port());
  const auto post = [](const char* path, std::size_t size) {
    return std::string("POST ") + path +
           " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
           std::string(size, 'b');
  };
  first.Send(post("/wait", 70'000));
  seen_.waiting.get_future().wait();
  const std::string refused = Ask(post("/echo", 60'000));
  EXPECT_EQ(StatusOf(refused), 503);
  EXPECT_EQ(HeaderOf(refused, "retry-after"), "1");
  EXPECT_EQ(StatusOf(Ask("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "9c40\r\n" +
                         std::string(40'000, 'b') + "\r\n0\r\n\r\n")),
            503);
  RawClient small(server_->port());
  for (int i = 0; i < 3; ++i) {
    small.Send(post("/echo", 20'000));
    EXPECT_EQ(StatusOf(small.ReadReply()), 200);
  }
  first.Close();
  seen_.cancelled.get_future().wait();
  int status = 0;
  for (int i = 0; i < 1'000 && status != 200; ++i) {
    RawClient next(server_->port());
    next.Send(post("/echo", 60'000));
    status = StatusOf(next.ReadReply());
  }
  EXPECT_EQ(status, 200);
}

// Whoever has a request under way hears why, also if all of its body comes after the answer.
TEST_F(ServerTest, TooManyConnectionsGet503) {
  ServerOptions options;
  options.max_connections = 1;
  Start(options);
  std::optional<RawClient> first(std::in_place, server_->port());
  first->Send("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(StatusOf(first->ReadReply()), 200);
  for (int i = 0; i < 100; ++i) {
    RawClient next(server_->port());
    next.Send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n");
    next.Send(std::string(300'000, 'b'));
    const std::string reply = next.ReadReply();
    ASSERT_EQ(StatusOf(reply), 503);
    EXPECT_NE(reply.find("max_connections"), std::string::npos) << reply;
    EXPECT_EQ(HeaderOf(reply, "retry-after"), "1");
    EXPECT_EQ(HeaderOf(reply, "connection"), "close");
  }
  first.reset();
  int status = 503;
  for (int i = 0; i < 1'000 && status == 503; ++i) {
    status = StatusOf(Ask("GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  }
  EXPECT_EQ(status, 200);
}

TEST_F(ServerTest, ThoseThatAreTurnedAwayAreBoundedToo) {
  ServerOptions options;
  options.max_connections = 1;
  Start(options);
  std::list<RawClient> silent;
  for (int i = 0; i < 1 + kTurnedAwayAtOnce; ++i) silent.emplace_back(server_->port());
  EXPECT_EQ(StatusOf(Ask("")), 503);
}

TEST_F(ServerTest, WhoeverIsTurnedAwayAndAsksNothingIsClosed) {
  ServerOptions options;
  options.max_connections = 1;
  options.header_timeout = std::chrono::milliseconds(30);
  Start(options);
  const RawClient first(server_->port());
  EXPECT_EQ(Ask(""), "");
}

TEST_F(ServerTest, StopCancelsWhatDoesNotEnd) {
  Start();
  RawClient client(server_->port());
  client.Send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  seen_.waiting.get_future().wait();
  server_->Stop(std::chrono::milliseconds(10));
  EXPECT_EQ(seen_.cancelled.get_future().wait_for(std::chrono::seconds(0)),
            std::future_status::ready);
}

TEST_F(ServerTest, ManyClientsOverSeveralLoops) {
  ServerOptions options;
  options.threads = 3;
  Start(options);
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int c = 0; c < 10; ++c) {
        RawClient client(server_->port());
        for (int i = 0; i < 10; ++i) {
          client.Send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nz");
          good += BodyOf(client.ReadReply()) == "POST /echo  z";
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 800);
}

TEST(ServerStart, AnUsedPortIsAnErrorThatSaysSo) {
  Metrics metrics;
  Seen seen;
  const auto make = [&](const Executor&, int) { return std::make_unique<TestHandler>(seen); };
  Server first(ServerOptions{}, make, metrics);
  ASSERT_TRUE(first.Start().ok());
  ServerOptions same;
  same.port = first.port();
  Server second(same, make, metrics);
  const Status started = second.Start();
  ASSERT_FALSE(started.ok());
  EXPECT_NE(started.error().message.find(std::to_string(first.port())), std::string::npos);
}

}  // namespace
}  // namespace moerge::http
