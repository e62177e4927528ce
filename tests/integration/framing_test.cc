// The framing table and uNetworking/h1spec's cases, over real sockets: a server that echoes.
#include <gtest/gtest.h>

#include <algorithm>

#include "services/http/server.h"
#include "tests/support/framing_cases.h"
#include "tests/support/raw_client.h"

namespace moerge::test {
namespace {

class EchoingHandler final : public http::Handler {
 public:
  // The body alone, or with what else the framing table compares.
  explicit EchoingHandler(bool body_alone) : body_alone_(body_alone) {}

  Task<void> Handle(http::Exchange& exchange) override {
    http::Reply reply;
    reply.body = exchange.TakeBody();
    const http::Request& request = exchange.request();
    if (!body_alone_) {
      reply.body =
          std::string(request.method) + " " + std::string(request.target) + " |" + reply.body + "|";
    }
    const Status sent = co_await exchange.Send(std::move(reply));
    (void)sent;  // a client that has seen enough may be gone
  }

  http::Reply ErrorReply(int status, std::string_view message) const override {
    http::Reply reply;
    reply.status = status;
    reply.body = std::string(message);
    return reply;
  }

 private:
  bool body_alone_;
};

class FramingOverSockets : public ::testing::Test {
 protected:
  void Start(bool body_alone) {
    server_ = std::make_unique<http::Server>(
        http::ServerOptions{},
        [body_alone](const Executor&, int) { return std::make_unique<EchoingHandler>(body_alone); },
        metrics_);
    ASSERT_TRUE(server_->Start().ok());
  }

  // Interim replies are passed over.
  static std::string FinalReply(RawClient& client) {
    std::string reply = client.ReadReply();
    while (StatusOf(reply) == 100) reply = client.ReadReply();
    return reply;
  }

  // What the server makes of `bytes` that are sent in pieces of `size`, as the table writes it, but
  // for what is left.
  std::string Ask(std::string_view bytes, std::size_t size, bool* closed) {
    RawClient client(server_->port());
    for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size()))) {
      client.Send(bytes.substr(0, size));
    }
    const std::string reply = FinalReply(client);
    const int status = StatusOf(reply);
    if (status == 200) return "200 " + BodyOf(reply);
    client.ReadToEnd();
    *closed = client.closed();
    return std::to_string(status);
  }

  Metrics metrics_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(FramingOverSockets, RequestsAreTakenAndRefusedAsTheTableSays) {
  Start(false);
  for (const auto& [bytes, expected] : AllFramingCases()) {
    if (expected == "more") continue;
    const std::string told = expected.substr(0, expected.rfind(" left="));
    for (const std::size_t size : {bytes.size(), std::size_t{1}}) {
      if (size == 1 && bytes.size() > 1000) continue;
      bool closed = false;
      EXPECT_EQ(Ask(bytes, size, &closed), told)
          << "pieces of " << size << ": " << bytes.substr(0, 200);
      EXPECT_TRUE(closed || told.starts_with("200 ")) << bytes.substr(0, 200);
    }
  }
}

// Nothing is said to the beginning of a request, and no answer but 408 to one that does not go on.
TEST_F(FramingOverSockets, UnfinishedRequestsAreWaitedFor) {
  http::ServerOptions options;
  options.header_timeout = options.body_timeout = std::chrono::milliseconds(150);
  options.idle_timeout = options.header_timeout;
  server_ = std::make_unique<http::Server>(
      options, [](const Executor&, int) { return std::make_unique<EchoingHandler>(false); },
      metrics_);
  ASSERT_TRUE(server_->Start().ok());
  for (const FramingCase& each : UnfinishedRequests()) {
    RawClient client(server_->port());
    client.Send(each.bytes);
    const int status = StatusOf(FinalReply(client));
    const bool begun = each.bytes.find_first_not_of("\r\n") != each.bytes.npos;
    EXPECT_EQ(status, begun ? 408 : 0) << each.bytes;
    client.ReadToEnd();
    EXPECT_TRUE(client.closed()) << each.bytes;
  }
}

TEST_F(FramingOverSockets, AllCasesOfH1SpecPass) {
  Start(true);
  int passed = 0;
  const auto cases = H1SpecCases();
  for (const ConformanceCase& each : cases) {
    RawClient client(server_->port());
    client.Send(each.bytes);
    if (each.hundreds.empty()) {
      const std::string early = client.ReadUntil("\r\n\r\n", std::chrono::milliseconds(20));
      EXPECT_TRUE(early.empty() && !client.closed()) << each.what << ": " << early;
      const std::string whole = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
      client.Send(whole.substr(each.bytes.size()));
      const int status = StatusOf(client.ReadReply());
      EXPECT_EQ(status, 200) << each.what;
      passed += early.empty() && status == 200 ? 1 : 0;
      continue;
    }
    const std::string reply = client.ReadReply();
    const int status = StatusOf(reply);
    const bool right = std::ranges::count(each.hundreds, status / 100) == 1 &&
                       (status != 200 || each.body.empty() || BodyOf(reply) == each.body);
    EXPECT_TRUE(right) << each.what << ": " << reply;
    passed += right ? 1 : 0;
  }
  EXPECT_EQ(passed, 33);
}

}  // namespace
}  // namespace moerge::test
