// POST /v1/completions as a stream.
#include <gtest/gtest.h>

#include <future>

#include "tests/integration/harness.h"
#include "tests/support/raw_client.h"
#include "tests/support/raw_server.h"

namespace moerge::test {
namespace {

constexpr std::string_view kBody = R"({"model": "e", "prompt": "Once", "stream": true})";

std::string TextChunk(std::string_view text, std::string_view finish = "null") {
  return R"(data: {"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":")" +
         std::string(text) + R"(","finish_reason":)" + std::string(finish) + "}]}\n\n";
}

std::string Config(const RawServer& backend) {
  return "store: \"memory:\"\nbackends: [{name: b, base_url: \"" + backend.Url("/v1") +
         "\", retries: 0}]\nexperts: [{name: e, backend: b, model: m}]\n" + kSmallSkills;
}

TEST(Completions, PiecesReachTheClientAsTheyCome) {
  std::promise<void> seen;
  std::promise<std::string> asked;
  RawServer backend([&](RawPeer& peer) {
    asked.set_value(peer.ReadRequest());
    peer.Send(kStreamHead);
    peer.Send(TextChunk("upon"));
    seen.get_future().wait();
    peer.Send(TextChunk(" a time", "\"stop\""));
    peer.Send("data: [DONE]\n\n");
    peer.Close();
  });
  const TestServer server(Config(backend));
  RawClient client(server.port());
  client.Send(RequestBytes("POST", "/v1/completions", kBody));
  EXPECT_NE(client.ReadUntil("upon").find("upon"), std::string::npos);
  seen.set_value();
  const std::string rest = client.ReadToEnd();
  EXPECT_NE(rest.find("a time"), std::string::npos);
  EXPECT_NE(rest.find("data: [DONE]"), std::string::npos);
  const std::string request = asked.get_future().get();
  EXPECT_NE(request.find("POST /v1/completions"), std::string::npos);
  EXPECT_NE(request.find(R"("model":"m")"), std::string::npos) << request;
}

// The expert's connection ends inside the answer, with and without a word.
TEST(Completions, ACutStreamNeverLooksComplete) {
  for (const bool reset : {false, true}) {
    RawServer backend([reset](RawPeer& peer) {
      peer.ReadRequest();
      peer.Send(kStreamHead);
      peer.Send(TextChunk("upon"));
      reset ? peer.Reset() : peer.Close();
    });
    const TestServer server(Config(backend));
    const HttpReply reply = server.Post("/v1/completions", kBody);
    EXPECT_EQ(reply.body.find("[DONE]"), std::string::npos) << reply.body;
    if (reply.status == 200) {
      EXPECT_NE(reply.body.find("\"error\""), std::string::npos) << reply.body;
    }
    EXPECT_TRUE(reply.status == 200 || reply.status >= 500);
  }
}

TEST(Completions, AStreamThatNeverBeginsIsAnError) {
  RawServer backend([](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send(OkReply(R"({"error":{"message":"no such prompt"}})"));
  });
  const TestServer server(Config(backend));
  const HttpReply reply = server.Post("/v1/completions", kBody);
  EXPECT_EQ(reply.status, 502);
  EXPECT_NE(reply.At("error.message").find("no such prompt"), std::string::npos) << reply.body;
}

TEST(Completions, AClientThatLeavesEndsTheExpertsWork) {
  std::promise<bool> ended;
  RawServer backend([&ended](RawPeer& peer) {
    peer.ReadRequest();
    peer.Send(kStreamHead);
    peer.Send(TextChunk("upon"));
    ended.set_value(peer.AwaitEnd());
  });
  const TestServer server(Config(backend));
  RawClient client(server.port());
  client.Send(RequestBytes("POST", "/v1/completions", kBody));
  EXPECT_NE(client.ReadUntil("upon").find("upon"), std::string::npos);
  client.Close();
  EXPECT_TRUE(ended.get_future().get());
}

}  // namespace
}  // namespace moerge::test
