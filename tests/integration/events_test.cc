// Watching a server: decisions and sums as server-sent events.
#include <gtest/gtest.h>

#include "config/base/hash.h"
#include "services/live/live_feed.h"
#include "tests/integration/harness.h"
#include "tests/support/raw_client.h"

namespace moerge::test {
namespace {

struct LiveEvents : testing::Test {
  std::unique_ptr<ReplayServer> replay = StartReplay();
};

std::string Watching(const std::string& more = "") {
  return "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}

TEST_F(LiveEvents, ADecisionArrivesAsItsRow) {
  const TestServer server(OneExpert(*replay));
  RawClient client(server.port());
  client.Send(Watching());
  const std::string head = client.ReadUntil("event: status\n");
  EXPECT_EQ(StatusOf(head), 200) << head;
  EXPECT_EQ(HeaderOf(head, "content-type"), "text/event-stream; charset=utf-8");
  EXPECT_EQ(HeaderOf(head, "cache-control"), "no-store");
  EXPECT_EQ(server.Chat("ada", RecordedPrompt("algebra-1")).status, 200);
  client.ReadUntil("event: decision\n");
  const std::string event = client.ReadUntil("\n\n");
  const std::string row = event.substr(event.find("data: ") + 6);
  EXPECT_EQ(JsonAt(row, "expert"), "ada");
  EXPECT_EQ(JsonAt(row, "outcome"), "ok");
  const std::string kept = server.Get("/api/v1/decisions").At("data.0.id");
  EXPECT_EQ(JsonAt(row, "id"), kept);
  const std::string sums = client.ReadUntil("\"requests\":1,");
  EXPECT_NE(sums.find("event: status"), std::string::npos) << sums;
}

TEST_F(LiveEvents, TheServerEndsThemWhenItStops) {
  auto server = std::make_unique<TestServer>(OneExpert(*replay));
  RawClient client(server->port());
  client.Send(Watching());
  client.ReadUntil("event: status\n");
  server->app().Stop();
  const std::string rest = client.ReadToEnd();
  EXPECT_TRUE(client.closed());
  EXPECT_TRUE(rest.ends_with("0\r\n\r\n")) << rest;  // whole, not cut
}

TEST_F(LiveEvents, OnlyThoseThatMayReadWatchAndNotLongerThanTheyMay) {
  const std::string keys = "keys: [{name: boss, role: admin, sha256: " + Sha256Hex(kAdmin) +
                           "}, {name: app, sha256: " + Sha256Hex(kInference) + "}]\n";
  const TestServer server(keys + OneExpert(*replay));
  EXPECT_EQ(server.Get("/api/v1/events").status, 401);
  EXPECT_EQ(server.Get("/api/v1/events", Bearer(kInference)).status, 403);
  const HttpReply made =
      server.Post("/api/v1/keys", R"({"name":"eye","role":"read"})", Bearer(kAdmin));
  ASSERT_EQ(made.status, 201) << made.raw;
  RawClient client(server.port());
  client.Send(Watching("Authorization: Bearer " + made.At("secret") + "\r\n"));
  client.ReadUntil("event: status\n");
  EXPECT_EQ(Call(server.port(), "DELETE", "/api/v1/keys/eye", {}, Bearer(kAdmin)).status, 200);
  EXPECT_TRUE(client.ReadToEnd().ends_with("0\r\n\r\n"));
}

TEST_F(LiveEvents, WatchersAreBounded) {
  const TestServer server(OneExpert(*replay));
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < LiveFeed::kListeners; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.port()));
    clients.back()->Send(Watching());
    EXPECT_EQ(StatusOf(clients.back()->ReadUntil("event: status\n")), 200) << i;
  }
  const HttpReply full = server.Get("/api/v1/events");
  EXPECT_EQ(full.status, 503);
  EXPECT_NE(full.Header("retry-after"), "");
  clients.pop_back();
  EXPECT_TRUE(Eventually([&] {
    RawClient client(server.port());
    client.Send(Watching());
    return StatusOf(client.ReadUntil("\r\n\r\n")) == 200;
  }));
}

}  // namespace
}  // namespace moerge::test
