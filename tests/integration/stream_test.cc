// Streams whose ends go away: a client that leaves, a server that stops, an expert that is slow.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "tests/integration/harness.h"
#include "tests/support/raw_client.h"
#include "tests/support/raw_server.h"

namespace moerge::test {
namespace {

std::string Chunk(std::string_view content, std::string_view finish = "null") {
  return "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\","
         "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" +
         std::string(content) + "\"},\"finish_reason\":" + std::string(finish) + "}]}\n\n";
}

std::string Config(const RawServer& backend, const char* limits = "") {
  return "store: \"memory:\"\nbackends: [{name: b, base_url: \"" + backend.Url("/v1") + "\"" +
         limits + "}]\nexperts: [{name: e, backend: b, model: m}]\n" + kSmallSkills;
}

std::string StreamRequest() {
  return RequestBytes("POST", "/v1/chat/completions", ChatJson("e", "Hi", R"("stream": true)"));
}

TEST(Streams, AClientThatLeavesEndsTheExpertsWork) {
  std::promise<bool> ended;
  RawServer backend([&ended](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send(kStreamHead);
    peer.Send(Chunk("one"));
    ended.set_value(peer.AwaitEnd());
  });
  const TestServer server(Config(backend));
  RawClient client(server.port());
  client.Send(StreamRequest());
  EXPECT_NE(client.ReadUntil("one").find("one"), std::string::npos);
  client.Close();
  EXPECT_TRUE(ended.get_future().get());
}

TEST(Streams, AClientThatLeavesBeforeTheFirstByteEndsTheExpertsWorkToo) {
  std::promise<void> asked;
  std::promise<bool> ended;
  RawServer backend([&](RawPeer& peer) {
    peer.ReadRequest();
    asked.set_value();
    ended.set_value(peer.AwaitEnd());
  });
  const TestServer server(Config(backend));
  RawClient client(server.port());
  client.Send(RequestBytes("POST", "/v1/chat/completions", ChatJson("e", "Hi")));
  asked.get_future().get();
  client.Close();
  EXPECT_TRUE(ended.get_future().get());
}

std::string WaitingConfig(const RawServer& backend) {
  return "store: \"memory:\"\nbackends: [{name: b, base_url: \"" + backend.Url("/v1") +
         "\", retries: 0}]\nexperts: [{name: e, backend: b, model: m, skills: {general: 0.5}}]\n"
         "policies: [{name: auto, options: {stream.comment_ms: 20}}]\n" +
         kSmallSkills;
}

std::string StreamedRequest() {
  return RequestBytes("POST", "/v1/chat/completions", ChatJson("auto", "Hi", R"("stream": true)"));
}

TEST(Streams, AClientThatWaitsForTheFirstWordGetsComments) {
  std::promise<void> heard;
  RawServer backend([&heard](RawPeer& peer) {
    peer.ReadRequest();
    heard.get_future().wait();
    peer.Send(kStreamHead);
    peer.Send(Chunk("at last", "\"stop\""));
    peer.Send("data: [DONE]\n\n");
    peer.Close();
  });
  const TestServer server(WaitingConfig(backend));
  RawClient client(server.port());
  client.Send(StreamedRequest());
  EXPECT_NE(client.ReadUntil(": experts are at work").find("200 OK"), std::string::npos);
  heard.set_value();
  const std::string rest = client.ReadToEnd();
  EXPECT_NE(rest.find("at last"), std::string::npos) << rest;
  EXPECT_NE(rest.find("[DONE]"), std::string::npos);
}

TEST(Streams, AnErrorAfterCommentsIsAnEventAndNeverLooksComplete) {
  std::promise<void> heard;
  RawServer backend([&heard](RawPeer& peer) {
    peer.ReadRequest();
    heard.get_future().wait();
    peer.Send("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n");
    peer.Close();
  });
  const TestServer server(WaitingConfig(backend));
  RawClient client(server.port());
  client.Send(StreamedRequest());
  client.ReadUntil(": experts are at work");
  heard.set_value();
  const std::string rest = client.ReadToEnd();
  EXPECT_NE(rest.find("data: {\"error\""), std::string::npos) << rest;
  EXPECT_EQ(rest.find("[DONE]"), std::string::npos) << rest;
}

TEST(Streams, AClientThatLeavesAfterCommentsEndsTheExpertsWork) {
  std::promise<bool> ended;
  RawServer backend([&ended](RawPeer& peer) {
    peer.ReadRequest();
    ended.set_value(peer.AwaitEnd());
  });
  const TestServer server(WaitingConfig(backend));
  RawClient client(server.port());
  client.Send(StreamedRequest());
  client.ReadUntil(": experts are at work");
  client.Close();
  EXPECT_TRUE(ended.get_future().get());
}

TEST(Streams, FirstWordsReachTheClientBeforeTheExpertHasFinished) {
  std::promise<void> seen;
  RawServer backend([&seen](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send(kStreamHead);
    peer.Send(Chunk("early"));
    seen.get_future().wait();
    peer.Send(Chunk("late", "\"stop\""));
    peer.Send("data: [DONE]\n\n");
    peer.Close();
  });
  const TestServer server(Config(backend));
  RawClient client(server.port());
  client.Send(StreamRequest());
  EXPECT_NE(client.ReadUntil("early").find("early"), std::string::npos);
  seen.set_value();
  EXPECT_NE(client.ReadToEnd().find("[DONE]"), std::string::npos);
}

TEST(Streams, AServerThatStopsFinishesWhatRuns) {
  std::promise<void> stopping;
  RawServer backend([&stopping](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send(kStreamHead);
    peer.Send(Chunk("before"));
    stopping.get_future().wait();
    peer.Send(Chunk("after", "\"stop\""));
    peer.Send("data: [DONE]\n\n");
    peer.Close();
  });
  TestServer server(Config(backend));
  const std::uint16_t port = server.port();
  RawClient client(port);
  client.Send(StreamRequest());
  client.ReadUntil("before");
  std::jthread stop([&server] { server.app().Stop(); });
  // Once no client is let in, the server is on its way down.
  const auto refused = [port] {
    try {
      RawClient late(port);
      late.Send(RequestBytes("GET", "/health", ""));
      return StatusOf(late.ReadReply()) != 200;
    } catch (const std::runtime_error&) {
      return true;
    }
  };
  while (!refused()) {
  }
  stopping.set_value();
  const std::string rest = client.ReadToEnd();
  EXPECT_NE(rest.find("after"), std::string::npos) << rest;
  EXPECT_NE(rest.find("[DONE]"), std::string::npos);
}

TEST(Streams, AServerThatStopsDoesNotWaitForEver) {
  RawServer backend([](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send(kStreamHead);
    peer.Send(Chunk("before"));
    peer.AwaitEnd();
  });
  TestServer server(Config(backend), "shutdown_grace: 100ms");
  RawClient client(server.port());
  client.Send(StreamRequest());
  client.ReadUntil("before");
  server.app().Stop();
  EXPECT_EQ(client.ReadToEnd().find("[DONE]"), std::string::npos);
  EXPECT_TRUE(client.closed());
}

TEST(Streams, ASlowClientHoldsTheExpertBackSoThatMemoryStaysBounded) {
  std::promise<std::size_t> taken;
  RawServer backend([&taken](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send(kStreamHead);
    taken.set_value(peer.SendUntilStalled(Chunk(std::string(4000, 'x')), 256u << 20));
  });
  const TestServer server(Config(backend));
  RawClient client(server.port(), 4096);
  client.Send(StreamRequest());
  client.ReadUntil("xxx");
  EXPECT_LT(taken.get_future().get(), 64u << 20);
}

TEST(Streams, TheQueueOfABackendHasAnEndAndAnAnswer) {
  std::promise<void> asked;
  std::promise<void> answer;
  RawServer backend([&](RawPeer& peer) {
    peer.ReadRequest();
    if (peer.index() > 0) return;
    asked.set_value();
    answer.get_future().wait();
    peer.Send(
        OkReply(R"({"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,)"
                R"("message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}]})"));
  });
  const TestServer server(Config(backend, ", max_concurrency: 1, max_queue: 0"));
  auto first = std::async(std::launch::async, [&server] { return server.Chat("e", "Hi"); });
  asked.get_future().wait();
  const HttpReply second = server.Chat("e", "Hi");
  EXPECT_EQ(second.status, 429) << second.raw;
  EXPECT_FALSE(second.Header("retry-after").empty());
  answer.set_value();
  EXPECT_EQ(first.get().status, 200);
}

TEST(Streams, ADeadlineOfTheRequestIsKept) {
  RawServer backend([](RawPeer& peer) {
    peer.ReadRequest();
    peer.AwaitEnd();
  });
  const TestServer server(Config(backend));
  const HttpReply reply = server.Chat("e", "Hi", R"("moerge": {"max_latency_ms": 100})");
  EXPECT_EQ(reply.status, 504) << reply.raw;
  EXPECT_EQ(reply.At("error.type"), "timeout_error");
}

}  // namespace
}  // namespace moerge::test
