// Both clients read the same responses, over real sockets, and send a request as often as they may.
#include <atomic>

#include "tests/adapters/http_client_fixture.h"
#include "tests/support/response_cases.h"

namespace moerge::test {
namespace {

using ResponseFramingTest = HttpClientTest;

INSTANTIATE_TEST_SUITE_P(Clients, ResponseFramingTest, ::testing::Values("lean", "curl"),
                         [](const auto& info) { return std::string(info.param); });

// Sends the cases in turn, one to a connection.
RawServer::Script SayingInTurn(const std::vector<ResponseCase>& cases) {
  return [&cases](RawPeer& peer) {
    if (peer.ReadRequest().empty()) return;
    peer.Send(cases[static_cast<std::size_t>(peer.index())].bytes);
  };
}

TEST_P(ResponseFramingTest, TakesWhatIsRight) {
  const auto cases = TakenResponses();
  RawServer server(SayingInTurn(cases));
  for (const ResponseCase& each : cases) {
    EXPECT_EQ(Describe(Fetch(Get(server.Url()))), each.expected) << each.bytes;
    client_ = MakeClient();  // whatever it kept, the next case has a connection of its own
  }
}

TEST_P(ResponseFramingTest, RefusesWhatIsMalformed) {
  const auto cases = RefusedResponses();
  RawServer server(SayingInTurn(cases));
  for (const ResponseCase& each : cases) {
    const auto fetched = Fetch(Get(server.Url()));
    ASSERT_FALSE(fetched.ok()) << each.bytes.substr(0, 200) << Describe(fetched);
    EXPECT_EQ(fetched.error().code, ErrorCode::kUpstream)
        << each.bytes.substr(0, 200) << Describe(fetched);
  }
  EXPECT_EQ(server.connections(), static_cast<int>(cases.size()));
}

TEST_P(ResponseFramingTest, RefusesWhatIsIncomplete) {
  const auto cases = IncompleteResponses();
  RawServer server(SayingInTurn(cases));
  for (const ResponseCase& each : cases) {
    const auto fetched = Fetch(Get(server.Url()));
    ASSERT_FALSE(fetched.ok()) << each.bytes << Describe(fetched);
    const bool has_head = each.bytes.find("200 OK") != each.bytes.npos &&
                          each.bytes.find("\r\n\r\n") != each.bytes.npos;
    EXPECT_EQ(fetched.error().code, has_head ? ErrorCode::kUpstream : ErrorCode::kUnavailable)
        << each.bytes << Describe(fetched);
  }
}

// What a server does with the second request on a connection.
enum class Drop { kEnd, kReset };

class DroppedRequestTest
    : public ::testing::TestWithParam<std::tuple<const char*, Drop, bool, const char*>>,
      public HttpClientFixture {
 protected:
  DroppedRequestTest() : HttpClientFixture(std::get<0>(GetParam())) {}
};

INSTANTIATE_TEST_SUITE_P(Cases, DroppedRequestTest,
                         ::testing::Combine(::testing::Values("lean", "curl"),
                                            ::testing::Values(Drop::kEnd, Drop::kReset),
                                            ::testing::Bool(), ::testing::Values("GET", "POST")),
                         [](const auto& info) {
                           return std::string(std::get<0>(info.param)) +
                                  (std::get<1>(info.param) == Drop::kEnd ? "_end_" : "_reset_") +
                                  (std::get<2>(info.param) ? "resend_" : "once_") +
                                  std::get<3>(info.param);
                         });

TEST_P(DroppedRequestTest, IsSentAgainOnlyIfItMayBe) {
  const auto& [name, drop, resend, method] = GetParam();
  std::atomic<int> dropped = 0;
  RawServer server([&, drop = drop](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send(OkReply("ok"));
    if (peer.ReadRequest().empty()) return;
    ++dropped;
    if (drop == Drop::kReset) peer.Reset();
  });
  OutboundRequest request = Post(server.Url(), {"x", "y"});
  request.method = method;
  if (request.method == "GET") request.body.clear();
  request.resend = resend;
  ASSERT_EQ(Describe(Fetch(request)), "200 ok");
  const auto fetched = Fetch(request);
  EXPECT_EQ(dropped, 1);
  if (resend) {
    EXPECT_EQ(Describe(fetched), "200 ok");
  } else {
    ASSERT_FALSE(fetched.ok());
    EXPECT_EQ(fetched.error().code, ErrorCode::kUnavailable) << Describe(fetched);
  }
}

// A connection that ended while it lay idle has not seen the request: that is sent all the same.
TEST_P(DroppedRequestTest, NothingIsLostWithAConnectionThatEndedBefore) {
  const auto& [name, drop, resend, method] = GetParam();
  std::atomic<int> requests = 0;
  std::atomic<bool> ended = false;
  RawServer server([&, drop = drop](RawPeer& peer) {
    if (!peer.ReadRequest().empty()) ++requests;
    peer.Send(OkReply("ok"));
    if (peer.index() > 0) return;
    if (drop == Drop::kReset) peer.Reset();
    if (drop == Drop::kEnd) peer.Close();
    ended = true;
  });
  OutboundRequest request = Post(server.Url(), {"x"});
  request.resend = resend;
  const auto first = Fetch(request);  // a reset may overtake the answer
  while (!ended) std::this_thread::yield();
  requests = 0;
  EXPECT_EQ(Describe(Fetch(request)), "200 ok") << Describe(first);
  EXPECT_EQ(requests, 1);
}

}  // namespace
}  // namespace moerge::test
