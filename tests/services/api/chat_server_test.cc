#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "tests/services/api/api_server_fixture.h"

namespace moerge {
namespace {

using test::BodyOf;
using test::ChatJson;
using test::ChunkEvent;
using test::Completion;
using test::HeaderOf;
using test::OkReply;
using test::Piece;
using test::Post;
using test::RawClient;
using test::RawPeer;
using test::RawServer;
using test::StatusOf;

constexpr std::string_view kPath = "/v1/chat/completions";

// Answers every request with the same bytes.
RawServer::Script Always(std::string bytes) {
  return [bytes = std::move(bytes)](RawPeer& peer) {
    while (!peer.ReadRequest().empty()) peer.Send(bytes);
  };
}

// An expert that behaves badly in front of one that answers "spare".
struct TwoExperts : testing::Test {
  void Begin(RawServer::Script first) {
    first_ = std::make_unique<RawServer>(std::move(first));
    BeginAt(first_->port());
  }
  void BeginAt(int port) {
    api.AddExpert("first", port);
    api.AddExpert("spare", spare.port());
    api.Start();
  }
  std::string Chat(std::string_view fields = "", std::string_view options = "") {
    return test::Exchange(api.port(), Post(kPath, ChatJson(fields, "Solve x = 1", options)));
  }
  void ExpectSpareAnswered(const std::string& reply, std::string_view attempts = "2") {
    EXPECT_EQ(StatusOf(reply), 200) << reply;
    EXPECT_EQ(HeaderOf(reply, "x-moerge-expert"), "spare");
    EXPECT_EQ(HeaderOf(reply, "x-moerge-attempts"), attempts);
    EXPECT_NE(BodyOf(reply).find("from spare"), std::string::npos);
  }

  RawServer spare{[](RawPeer& peer) {
    for (std::string request; !(request = peer.ReadRequest()).empty();) {
      const bool stream = request.find(R"("stream":true)") != request.npos;
      if (!stream) {
        peer.Send(OkReply(Completion("from spare")));
        continue;
      }
      peer.Send(test::StreamHead() +
                Piece(ChunkEvent("from spare") + ChunkEvent("", "\"stop\"") + "data: [DONE]\n\n") +
                "0\r\n\r\n");
    }
  }};
  std::unique_ptr<RawServer> first_;
  test::ApiServer api;
};

TEST_F(TwoExperts, TheReplyNamesTheExpertAndSaysWhatWasDecided) {
  Begin(Always(OkReply(Completion("four"))));
  const std::string reply = Chat();
  ASSERT_EQ(StatusOf(reply), 200);
  const std::string body = BodyOf(reply);
  const auto document = json::Document::Parse(body);
  ASSERT_TRUE(document.ok()) << body;
  const json::Value root = document->root();
  EXPECT_EQ(root.Find("model").AsString(), "first");
  const json::Value moerge = root.Find("moerge");
  EXPECT_EQ(moerge.Find("expert").AsString(), "first");
  EXPECT_EQ(moerge.Find("skill").AsString(), "algebra");
  EXPECT_EQ(moerge.Find("policy").AsString(), "auto");
  EXPECT_EQ(moerge.Find("attempts").AsInt(), 1);
  EXPECT_FALSE(moerge.Find("explanation"));
  EXPECT_EQ(HeaderOf(reply, "x-moerge-decision"), moerge.Find("decision").AsString());
  EXPECT_EQ(HeaderOf(reply, "x-moerge-skill"), "algebra");
  EXPECT_EQ(HeaderOf(reply, "x-moerge-policy"), "auto");
  EXPECT_NE(HeaderOf(reply, "x-moerge-confidence"), "");
  EXPECT_NE(HeaderOf(reply, "x-moerge-overhead-ms"), "");
}

TEST_F(TwoExperts, ExplainAddsTheWholeDecision) {
  Begin(Always(OkReply(Completion("four"))));
  const std::string body = BodyOf(Chat("", R"(,"explain":true)"));
  const auto document = json::Document::Parse(body);
  ASSERT_TRUE(document.ok()) << body;
  const json::Value whole = document->root().Find("moerge").Find("explanation");
  EXPECT_EQ(whole.Find("candidates").size(), 2u);
  EXPECT_EQ(whole.Find("attempts").size(), 1u);
  EXPECT_EQ(whole.Find("expert").AsString(), "first");
}

TEST_F(TwoExperts, TheExpertGetsTheClientsFieldsAndItsOwnModelName) {
  std::promise<std::string> told;
  Begin([&told](RawPeer& peer) {
    told.set_value(peer.ReadRequest());
    peer.Send(OkReply(Completion("four")));
  });
  ASSERT_EQ(StatusOf(Chat(R"(,"tomorrow":{"x":[1]},"seed":7)")), 200);
  const std::string seen = told.get_future().get();
  EXPECT_NE(seen.find(R"("tomorrow":{"x":[1]})"), std::string::npos);
  EXPECT_NE(seen.find(R"("seed":7)"), std::string::npos);
  EXPECT_NE(seen.find(R"("model":"upstream")"), std::string::npos);
  EXPECT_EQ(seen.find("moerge\":{"), std::string::npos);
}

TEST_F(TwoExperts, A500FallsBack) {
  Begin(Always(test::StatusOnly(500)));
  ExpectSpareAnswered(Chat());
}

TEST_F(TwoExperts, A500IsRetriedOnTheSameExpertFirst) {
  auto calls = std::make_shared<std::atomic<int>>(0);
  first_ = std::make_unique<RawServer>([calls](RawPeer& peer) {
    while (!peer.ReadRequest().empty()) {
      peer.Send((*calls)++ == 0 ? test::StatusOnly(500) : OkReply(Completion("second try")));
    }
  });
  api.AddExpert("first", first_->port()).retries = 1;
  api.Start();
  const std::string reply = Chat();
  EXPECT_EQ(StatusOf(reply), 200);
  EXPECT_EQ(HeaderOf(reply, "x-moerge-attempts"), "2");
  EXPECT_NE(reply.find("second try"), std::string::npos);
}

TEST_F(TwoExperts, GarbageFallsBack) {
  Begin(Always(OkReply("<html>hello</html>", "text/html")));
  ExpectSpareAnswered(Chat());
}

TEST_F(TwoExperts, ABrokenHeadFallsBack) {
  Begin(Always("this is not HTTP\r\n\r\n"));
  ExpectSpareAnswered(Chat());
}

TEST_F(TwoExperts, ARefusedConnectionFallsBack) {
  int port = 0;
  {
    port = RawServer([](RawPeer&) {}).port();
  }
  BeginAt(port);
  ExpectSpareAnswered(Chat());
}

TEST_F(TwoExperts, ABusyExpertThatAsksForTooMuchTimeIsLeft) {
  Begin(Always(test::StatusOnly(429, "Retry-After: 3600\r\n")));
  ExpectSpareAnswered(Chat());
}

TEST_F(TwoExperts, AStreamCutBeforeItsFirstEventFallsBack) {
  Begin([](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send(test::StreamHead());
    peer.Close();
  });
  const std::string reply = Chat(R"(,"stream":true)");
  ExpectSpareAnswered(reply);
  EXPECT_TRUE(BodyOf(reply).ends_with("data: [DONE]\n\n"));
}

TEST_F(TwoExperts, AStreamCutInsideEndsWithOneErrorAndNoDone) {
  Begin([](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send(test::StreamHead() + Piece(ChunkEvent("begins")));
    peer.Close();
  });
  const std::string reply = Chat(R"(,"stream":true)");
  EXPECT_EQ(StatusOf(reply), 200);
  EXPECT_TRUE(reply.ends_with("0\r\n\r\n"));  // the body itself ends properly
  const std::string body = BodyOf(reply);
  EXPECT_NE(body.find("begins"), std::string::npos);
  EXPECT_EQ(body.find("from spare"), std::string::npos);
  EXPECT_EQ(body.find("[DONE]"), std::string::npos);
  const std::size_t error = body.find("data: {\"error\":{");
  ASSERT_NE(error, std::string::npos) << body;
  EXPECT_EQ(body.find("data: {\"error\":{", error + 1), std::string::npos);
  EXPECT_EQ(body.find("\n\n", error), body.size() - 2);
}

TEST_F(TwoExperts, AStreamsFirstChunkCarriesTheSummaryAndEachTheExpertsName) {
  Begin([](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send(test::StreamHead() + Piece(ChunkEvent("one")) +
              Piece(ChunkEvent("two", "\"stop\"") + "data: [DONE]\n\n") + "0\r\n\r\n");
  });
  const std::string reply = Chat(R"(,"stream":true)");
  EXPECT_EQ(HeaderOf(reply, "content-type"), "text/event-stream; charset=utf-8");
  EXPECT_EQ(HeaderOf(reply, "x-moerge-expert"), "first");
  const std::string body = BodyOf(reply);
  EXPECT_EQ(body.find("upstream"), std::string::npos);
  const std::size_t first = body.find(R"("model":"first")");
  const std::size_t second = body.find(R"("model":"first")", first + 1);
  EXPECT_NE(second, std::string::npos);
  EXPECT_LT(body.find(R"("moerge":{)"), second);
  EXPECT_EQ(body.find(R"("moerge":{)", second), std::string::npos);
  EXPECT_TRUE(body.ends_with("data: [DONE]\n\n"));
}

TEST_F(TwoExperts, AClientThatLeavesCancelsTheExpertsTransfer) {
  std::promise<bool> ended;
  Begin([&ended](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send(test::StreamHead() + Piece(ChunkEvent("begins")));
    ended.set_value(peer.AwaitEnd());
  });
  RawClient client(api.port());
  client.Send(Post(kPath, ChatJson(R"(,"stream":true)")));
  client.ReadUntil("begins");
  client.Close();
  EXPECT_TRUE(ended.get_future().get());
}

TEST_F(TwoExperts, AClientThatLeavesBeforeTheAnswerCancelsToo) {
  std::promise<void> asked;
  std::promise<bool> ended;
  Begin([&](RawPeer& peer) {
    peer.ReadRequest();
    asked.set_value();
    ended.set_value(peer.AwaitEnd());
  });
  RawClient client(api.port());
  client.Send(Post(kPath, ChatJson()));
  asked.get_future().wait();
  client.Close();
  EXPECT_TRUE(ended.get_future().get());
}

TEST_F(TwoExperts, ASlowClientSlowsTheExpert) {
  std::promise<std::size_t> taken;
  Begin([&taken](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send(test::StreamHead());
    const std::string piece = Piece(ChunkEvent(std::string(8192, 'x')));
    taken.set_value(peer.SendUntilStalled(piece, 256u << 20));
  });
  RawClient client(api.port(), 4096);
  client.Send(Post(kPath, ChatJson(R"(,"stream":true)")));
  // What sockets and bounded buffers hold, a small part of what the expert would send.
  EXPECT_LT(taken.get_future().get(), 64u << 20);
}

TEST_F(TwoExperts, TheDeadlineEndsARequestThatNobodyAnswers) {
  Begin([](RawPeer& peer) { peer.ReadRequest(), peer.AwaitEnd(); });
  const std::string reply = Chat("", R"(,"max_latency_ms":50,"experts":["first"])");
  EXPECT_EQ(StatusOf(reply), 504);
  EXPECT_NE(BodyOf(reply).find("timeout_error"), std::string::npos);
}

TEST_F(TwoExperts, TheClientsHeaderMayShortenTheDeadline) {
  Begin([](RawPeer& peer) { peer.ReadRequest(), peer.AwaitEnd(); });
  const std::string body = R"({"model":"first","messages":[{"role":"user","content":"Hi"}]})";
  const std::string reply =
      test::Exchange(api.port(), Post(kPath, body, "X-Moerge-Timeout-Ms: 50\r\n"));
  EXPECT_EQ(StatusOf(reply), 504);
}

TEST_F(TwoExperts, ASilentExpertLeavesTheNextOneItsShareOfTheTime) {
  Begin([](RawPeer& peer) { peer.ReadRequest(), peer.AwaitEnd(); });
  ExpectSpareAnswered(
      test::Exchange(api.port(), Post(kPath, ChatJson(), "X-Moerge-Timeout-Ms: 2000\r\n")));
}

TEST_F(TwoExperts, DecisionsAreKeptWithTheirAttempts) {
  Begin(Always(test::StatusOnly(500)));
  const std::string reply = Chat();
  const auto kept = api.Decisions();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].id, HeaderOf(reply, "x-moerge-decision"));
  EXPECT_EQ(kept[0].request_id, HeaderOf(reply, "x-request-id"));
  EXPECT_EQ(kept[0].expert, "spare");
  EXPECT_EQ(kept[0].skill, "algebra");
  EXPECT_EQ(kept[0].outcome, "ok");
  const auto document = json::Document::Parse(kept[0].json);
  ASSERT_TRUE(document.ok());
  const json::Value attempts = document->root().Find("attempts");
  ASSERT_EQ(attempts.size(), 2u);
  const json::Value failed = *attempts.children().begin();
  EXPECT_EQ(failed.Find("expert").AsString(), "first");
  EXPECT_EQ(failed.Find("outcome").AsString(), "failed");
  EXPECT_EQ(failed.Find("code").AsString(), "unavailable");
}

TEST_F(TwoExperts, RequestsAreCountedByPolicyExpertSkillAndOutcome) {
  Begin(Always(OkReply(Completion("four"))));
  Chat();
  const std::string series =
      R"(moerge_requests_total{expert="first",outcome="ok",policy="auto",skill="algebra"} 1)";
  EXPECT_NE(api.MetricsText().find(series), std::string::npos);
}

TEST_F(TwoExperts, ASaneRequestIdIsTakenOverAndTraceparentPassedOn) {
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  std::promise<std::string> told;
  Begin([&told](RawPeer& peer) {
    told.set_value(peer.ReadRequest());
    peer.Send(OkReply(Completion("four")));
  });
  const std::string reply = test::Exchange(
      api.port(),
      Post(kPath, ChatJson(), "X-Request-Id: my-id.1\r\nTraceparent: " + trace + "\r\n"));
  EXPECT_EQ(HeaderOf(reply, "x-request-id"), "my-id.1");
  EXPECT_NE(told.get_future().get().find(trace), std::string::npos);
}

TEST_F(TwoExperts, AnInsaneRequestIdIsReplaced) {
  Begin(Always(OkReply(Completion("four"))));
  const std::string reply =
      test::Exchange(api.port(), Post(kPath, ChatJson(), "X-Request-Id: a b\"c\r\n"));
  EXPECT_EQ(HeaderOf(reply, "x-request-id").size(), 32u);
}

TEST_F(TwoExperts, AFullQueueIsA429WithRetryAfter) {
  std::promise<void> asked;
  first_ = std::make_unique<RawServer>([&asked](RawPeer& peer) {
    peer.ReadRequest();
    asked.set_value();
    peer.AwaitEnd();
  });
  Backend& backend = api.AddExpert("first", first_->port());
  backend.max_concurrency = 1;
  backend.max_queue = 0;
  api.Start();
  RawClient holder(api.port());
  holder.Send(Post(kPath, ChatJson()));
  asked.get_future().wait();
  const std::string reply = Chat();
  EXPECT_EQ(StatusOf(reply), 429);
  EXPECT_NE(HeaderOf(reply, "retry-after"), "");
  EXPECT_NE(BodyOf(reply).find("rate_limit_error"), std::string::npos);
}

TEST_F(TwoExperts, AQueueThatMovesTooSlowlyIsA503) {
  std::promise<void> asked;
  first_ = std::make_unique<RawServer>([&asked](RawPeer& peer) {
    peer.ReadRequest();
    asked.set_value();
    peer.AwaitEnd();
  });
  Backend& backend = api.AddExpert("first", first_->port());
  backend.max_concurrency = 1;
  backend.max_queue = 1;
  backend.queue_timeout = std::chrono::milliseconds(20);
  api.Start();
  RawClient holder(api.port());
  holder.Send(Post(kPath, ChatJson()));
  asked.get_future().wait();
  EXPECT_EQ(StatusOf(Chat()), 503);
}

TEST_F(TwoExperts, EmbeddingsArePassedThroughToAnExpertByName) {
  std::promise<std::string> told;
  Begin([&told](RawPeer& peer) {
    told.set_value(peer.ReadRequest());
    peer.Send(OkReply(R"({"data":[]})"));
  });
  const std::string reply =
      test::Exchange(api.port(), Post("/v1/embeddings", R"({"model":"first","input":"hi"})"));
  EXPECT_EQ(StatusOf(reply), 200);
  EXPECT_EQ(BodyOf(reply), R"({"data":[]})");
  const std::string seen = told.get_future().get();
  EXPECT_NE(seen.find("/v1/embeddings"), std::string::npos);
  EXPECT_NE(seen.find(R"("model":"upstream")"), std::string::npos);
  EXPECT_EQ(StatusOf(test::Exchange(api.port(), Post("/v1/completions", R"({"model":"auto"})"))),
            400);
}

}  // namespace
}  // namespace moerge
