// Kept connections, over real sockets: whatever a server does to an idle connection, each request
// gets the answer that was made for it. Every answer carries the body of its request.
#include <atomic>
#include <cstdlib>
#include <thread>

#include "tests/adapters/http_client_fixture.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tls_identity.h"

namespace moerge::test {
namespace {

using std::chrono::milliseconds;

// A way to reach a server: a client, and whether TLS lies between.
struct Path {
  const char* name;
  const char* client;
  RawServer::Kind kind;
};

constexpr Path kPaths[] = {{"lean", "lean", RawServer::Kind::kIpv4},
                           {"curl", "curl", RawServer::Kind::kIpv4},
                           {"curl_tls", "curl", RawServer::Kind::kTls}};

std::string BodyOf(std::string_view request) {
  return std::string(request.substr(request.find("\r\n\r\n") + 4));
}

std::string AnswerTo(std::string_view request, bool streamed) {
  const std::string body = "answer to " + BodyOf(request);
  if (!streamed) return OkReply(body);
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: "
         "chunked\r\n\r\n" +
         Chunked(body, 5);
}

class KeptConnectionFixture : public HttpClientFixture {
 protected:
  explicit KeptConnectionFixture(const Path& path)
      : HttpClientFixture(path.client), kind_(path.kind) {}

  // Asks `count` times, one after another; each answer must be that of its own request.
  void AskAndCompare(const RawServer& server, int count) {
    for (int i = 0; i < count; ++i) {
      const std::string nonce = "request " + std::to_string(asked_++);
      OutboundRequest request = Post(server.Url(), {nonce});
      request.verify_tls = false;
      ASSERT_EQ(Describe(Fetch(request)), "200 answer to " + nonce);
    }
  }

  RawServer::Kind kind_;
  int asked_ = 0;
};

// Whom OpenSSL's variables name is trusted: a company's own authority.
TEST(TrustedCertificates, AreThoseThatTheEnvironmentNames) {
  struct Asker : HttpClientFixture {
    Asker() : HttpClientFixture("curl") {}
    std::string Ask(const std::string& url) { return Describe(Fetch(Post(url, {"x"}))); }
  };
  RawServer server(
      [](RawPeer& peer) {
        while (!peer.ReadRequest().empty()) peer.Send(OkReply("trusted"));
      },
      RawServer::Kind::kTls);
  const TempFolder folder;
  const std::string file = folder.Write("authority.pem", TlsCertificate());
  for (const bool named : {false, true, false}) {
    if (named) setenv("SSL_CERT_FILE", file.c_str(), 1);
    const std::string said = Asker().Ask(server.Url());
    unsetenv("SSL_CERT_FILE");
    EXPECT_EQ(said == "200 trusted", named) << said;
  }
}

// What a server says behind its first answer, and when.
struct SurplusCase {
  Path path;
  bool streamed;
  bool loop_runs;  // while the surplus arrives; else only the look before the next use can see it
  int delay_ms;
};

class SurplusAnswerTest : public ::testing::TestWithParam<SurplusCase>,
                          public KeptConnectionFixture {
 protected:
  SurplusAnswerTest() : KeptConnectionFixture(GetParam().path) {}
};

std::vector<SurplusCase> SurplusCases() {
  std::vector<SurplusCase> cases;
  for (const Path& path : kPaths) {
    for (const bool streamed : {false, true}) {
      for (const bool loop_runs : {false, true}) {
        for (const int delay : {1, 2, 5, 20, 100, 700}) {
          cases.push_back({path, streamed, loop_runs, delay});
        }
      }
    }
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Cases, SurplusAnswerTest, ::testing::ValuesIn(SurplusCases()),
                         [](const auto& info) {
                           return std::string(info.param.path.name) +
                                  (info.param.streamed ? "_streamed" : "_whole") +
                                  (info.param.loop_runs ? "_watched_" : "_looked_at_") +
                                  std::to_string(info.param.delay_ms) + "ms";
                         });

TEST_P(SurplusAnswerTest, IsNeverGivenToTheNextRequest) {
  const SurplusCase& now = GetParam();
  std::atomic<bool> surplus_sent = false;
  RawServer server(
      [&](RawPeer& peer) {
        for (std::string request; !(request = peer.ReadRequest()).empty();) {
          const std::string answer = AnswerTo(request, now.streamed);
          peer.Send(answer);
          if (peer.index() > 0 || surplus_sent) continue;
          std::this_thread::sleep_for(milliseconds(now.delay_ms));  // the delay is the case
          peer.Send(answer);
          surplus_sent = true;
        }
      },
      kind_);
  AskAndCompare(server, 1);
  const auto sent = [&] { return surplus_sent.load(); };
  if (now.loop_runs) RunUntil(sent);
  while (!sent()) std::this_thread::yield();
  AskAndCompare(server, 20);
  if (now.path.client == std::string_view("curl")) {
    // libcurl drops what it reads together with the end of an answer, and goes on.
    EXPECT_LE(server.connections(), 2);
  } else {
    EXPECT_EQ(server.connections(), 21);  // the server is in doubt
  }
}

// What an idle server may do to a connection; none of it may reach the next request.
struct IdleCase {
  const char* name;
  std::string_view bytes;
  bool closes;
};

constexpr std::string_view kStaleTimeout =
    "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
const IdleCase kIdleCases[] = {
    {"closes", "", true},
    {"one_byte", "H", false},
    {"line_break", "\r\n", false},
    {"junk", "\x01 no answer \xff", false},
    {"interim_response", "HTTP/1.1 100 Continue\r\n\r\n", false},
    {"early_hints", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", false},
    {"half_a_head", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n", false},
    {"stale_timeout", kStaleTimeout, false},
    {"stale_timeout_and_end", kStaleTimeout, true},
    {"answer_and_end", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong", true},
    {"answer_without_an_end", "HTTP/1.1 200 OK\r\n\r\nwrong", false},
    {"last_chunk_again", "0\r\n\r\n", false},
};

class IdleConnectionTest : public ::testing::TestWithParam<std::tuple<Path, IdleCase, bool>>,
                           public KeptConnectionFixture {
 protected:
  IdleConnectionTest() : KeptConnectionFixture(std::get<Path>(GetParam())) {}
};

INSTANTIATE_TEST_SUITE_P(Cases, IdleConnectionTest,
                         ::testing::Combine(::testing::ValuesIn(kPaths),
                                            ::testing::ValuesIn(kIdleCases), ::testing::Bool()),
                         [](const auto& info) {
                           return std::string(std::get<Path>(info.param).name) + "_" +
                                  std::get<IdleCase>(info.param).name +
                                  (std::get<bool>(info.param) ? "_watched" : "_looked_at");
                         });

TEST_P(IdleConnectionTest, IsReplacedBeforeItsNextUse) {
  const IdleCase& now = std::get<IdleCase>(GetParam());
  std::atomic<bool> said = false;
  std::atomic<int> requests = 0;
  RawServer server(
      [&](RawPeer& peer) {
        for (std::string request; !(request = peer.ReadRequest()).empty();) {
          ++requests;
          peer.Send(AnswerTo(request, false));
          if (peer.index() > 0) continue;
          if (!now.bytes.empty()) peer.Send(now.bytes);
          if (now.closes) peer.Close();
          said = true;
        }
      },
      kind_);
  AskAndCompare(server, 1);
  if (std::get<bool>(GetParam())) RunUntil([&] { return said.load(); });
  while (!said) std::this_thread::yield();
  AskAndCompare(server, 3);
  // A server that says what nobody asked for is in doubt; an end and what announces it are in
  // order.
  const bool lean = std::get<Path>(GetParam()).client == std::string_view("lean");
  const bool doubt = lean && !now.bytes.empty() && now.bytes != kStaleTimeout;
  EXPECT_EQ(server.connections(), doubt ? 4 : 2);
  EXPECT_EQ(requests, 4);  // none was sent twice
}

class LeanDoubtTest : public ::testing::Test, public KeptConnectionFixture {
 protected:
  LeanDoubtTest() : KeptConnectionFixture(kPaths[0]) {}
};

class KeptConnectionTest : public ::testing::TestWithParam<Path>, public KeptConnectionFixture {
 protected:
  KeptConnectionTest() : KeptConnectionFixture(GetParam()) {}
};

INSTANTIATE_TEST_SUITE_P(Paths, KeptConnectionTest, ::testing::ValuesIn(kPaths),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(KeptConnectionTest, ServesAllRequestsWhileItsServerBehaves) {
  RawServer server(
      [](RawPeer& peer) {
        for (std::string request; !(request = peer.ReadRequest()).empty();) {
          peer.Send(AnswerTo(request, false));
        }
      },
      kind_);
  AskAndCompare(server, 10);
  EXPECT_EQ(server.connections(), 1);
}

// Over TLS the surplus shares a record with the end of the answer, so that no byte is left in the
// socket.
TEST_P(KeptConnectionTest, IsNotUsedAfterASurplusBehindTheBody) {
  RawServer server(
      [](RawPeer& peer) {
        for (std::string request; !(request = peer.ReadRequest()).empty();) {
          const std::string answer = AnswerTo(request, false);
          const std::size_t head = answer.find("\r\n\r\n") + 4;
          peer.Send(std::string_view(answer).substr(0, head));
          peer.Send(answer.substr(head) + answer);
        }
      },
      kind_);
  AskAndCompare(server, 10);
  EXPECT_EQ(server.connections(), 10);
}

// A surplus that comes while the next request is under way cannot be told from its answer: a server
// that was caught once gets no connection to say another on.
TEST_F(LeanDoubtTest, AServerThatAnswersUnaskedIsAskedOnNewConnections) {
  std::atomic<int> surplus = 0;
  RawServer server([&](RawPeer& peer) {
    for (std::string request; !(request = peer.ReadRequest()).empty();) {
      peer.Send(AnswerTo(request, false));
      // Later than the client's next request, where it could be sent.
      if (peer.index() > 0) std::this_thread::sleep_for(milliseconds(5));
      peer.Send(OkReply("answer to somebody else"));
      ++surplus;
    }
  });
  AskAndCompare(server, 1);
  while (surplus == 0) std::this_thread::yield();
  AskAndCompare(server, 40);
  EXPECT_EQ(server.connections(), 41);
}

// The watch closes the connection without a further request.
TEST_P(KeptConnectionTest, IsClosedWhenSomethingArrivesWhileItIsIdle) {
  for (const std::string_view surplus : {"", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}) {
    std::atomic<bool> ended = false;
    RawServer server(
        [&](RawPeer& peer) {
          peer.Send(AnswerTo(peer.ReadRequest(), false));
          peer.Send(surplus);
          if (surplus.empty()) peer.EndSending();
          ended = peer.AwaitEnd();
        },
        kind_);
    AskAndCompare(server, 1);
    RunUntil([&] { return ended.load(); });
  }
}

}  // namespace
}  // namespace moerge::test
