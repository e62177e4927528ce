// Conversations that stay with their expert.
#include <gtest/gtest.h>

#include "config/base/hash.h"
#include "config/base/json.h"
#include "tests/integration/harness.h"

namespace moerge::test {
namespace {

// clio is declared better at history, ada at algebra, each by far less than the margin of `sticky`.
std::string Config(const ReplayServer& replay, const std::string& keys = "") {
  return "store: \"memory:\"\nbackends: [{name: b, base_url: \"" + UrlOf(replay) +
         "\"}]\nexperts:\n"
         "  - {name: ada, backend: b, model: ada, skills: {algebra: 0.7, history: 0.5}}\n"
         "  - {name: clio, backend: b, model: clio, skills: {history: 0.7, algebra: 0.5}}\n"
         "policies:\n"
         "  - {name: sticky, options: {session.sticky: true, session.margin: 0.9}}\n"
         "  - {name: loose, options: {session.sticky: true, session.margin: 0}}\n" +
         keys + kSmallSkills;
}

class Sessions : public ::testing::Test {
 protected:
  HttpReply Ask(const std::string& policy, const std::string& row, const Headers& headers) {
    return server_.Post(
        "/v1/chat/completions",
        ChatJson("moerge/" + policy, RecordedPrompt(row), R"("moerge": {"explain": true})"),
        headers);
  }

  std::unique_ptr<ReplayServer> replay_ = StartReplay();
  TestServer server_{Config(*replay_)};
};

TEST_F(Sessions, TheExpertKeepsAConversationOfTheSameId) {
  EXPECT_EQ(Ask("sticky", "history-1", {{"x-session-id", "1"}}).At("moerge.expert"), "clio");
  const HttpReply second = Ask("sticky", "algebra-1", {{"x-session-id", "1"}});
  EXPECT_EQ(second.At("moerge.expert"), "clio");
  EXPECT_EQ(second.At("moerge.explanation.signals.session.expert"), "clio");
  EXPECT_EQ(second.At("moerge.explanation.signals.session.turns"), "1");
  EXPECT_EQ(second.At("moerge.explanation.signals.session.kept"), "true");
  EXPECT_NE(second.body.find("conversation: clio answered last and keeps it"), std::string::npos);
  EXPECT_EQ(Ask("sticky", "algebra-1", {{"x-session-id", "2"}}).At("moerge.expert"), "ada");
}

TEST_F(Sessions, ABetterExpertTakesOverWhereTheMarginAllows) {
  EXPECT_EQ(Ask("loose", "history-1", {{"x-session-id", "1"}}).At("moerge.expert"), "clio");
  EXPECT_EQ(Ask("loose", "algebra-1", {{"x-session-id", "1"}}).At("moerge.expert"), "ada");
  EXPECT_EQ(Ask("loose", "algebra-1", {{"x-session-id", "1"}})
                .At("moerge.explanation.signals.session.switches"),
            "1");
}

TEST_F(Sessions, TheFirstTurnsTellAConversationWithoutAnId) {
  const std::string first = RecordedPrompt("history-1");
  EXPECT_EQ(server_.Chat("moerge/sticky", first).At("moerge.expert"), "clio");
  std::string body = R"({"model": "moerge/sticky", "messages": [{"role": "user", "content": )";
  json::AppendQuoted(first, &body);
  body += R"(}, {"role": "assistant", "content": "Augustus."}, {"role": "user", "content": )";
  json::AppendQuoted(RecordedPrompt("algebra-1"), &body);
  const HttpReply later = server_.Post("/v1/chat/completions", body + "}]}");
  EXPECT_EQ(later.At("moerge.expert"), "clio") << later.body;
  EXPECT_EQ(server_.Chat("moerge/sticky", RecordedPrompt("algebra-1")).At("moerge.expert"), "ada");
}

TEST_F(Sessions, ADryRunReadsTheConversationAndLeavesItAlone) {
  EXPECT_EQ(Ask("sticky", "history-1", {{"x-session-id", "1"}}).At("moerge.expert"), "clio");
  const std::string body = ChatJson("moerge/sticky", RecordedPrompt("algebra-1"));
  for (int i = 0; i < 2; ++i) {
    const HttpReply dry = server_.Post("/v1/route", body, {{"x-session-id", "1"}});
    EXPECT_EQ(dry.At("roster.0.expert"), "clio");
    EXPECT_EQ(dry.At("signals.session.turns"), "1");
  }
  const HttpReply alone = server_.Post(
      "/v1/route",
      ChatJson("moerge/sticky", RecordedPrompt("algebra-1"), R"("moerge": {"signals": false})"),
      {{"x-session-id", "1"}});
  EXPECT_EQ(alone.At("roster.0.expert"), "ada");
  EXPECT_EQ(alone.At("signals"), "null");
}

TEST_F(Sessions, AReplayDecidesAsThen) {
  Ask("sticky", "history-1", {{"x-session-id", "1"}});
  const std::string id = Ask("sticky", "algebra-1", {{"x-session-id", "1"}}).At("moerge.decision");
  HttpReply replay;
  EXPECT_TRUE(Eventually([&] {
    replay = server_.Post("/api/v1/decisions/" + id + "/replay", "");
    return replay.status == 200;
  }));
  EXPECT_EQ(replay.At("same_expert"), "true") << replay.body;
  EXPECT_EQ(replay.At("now.roster.0.expert"), "clio");
}

TEST(SessionsOfKeys, AConversationIsNeverAnotherCallers) {
  const auto replay = StartReplay();
  const std::string keys = "keys:\n  - {name: one, role: inference, sha256: " + Sha256Hex("first") +
                           "}\n  - {name: two, role: inference, sha256: " + Sha256Hex("second") +
                           "}\n";
  const TestServer server(Config(*replay, keys));
  const auto ask = [&](const std::string& key, const std::string& row) {
    const Headers headers{{"authorization", "Bearer " + key}, {"x-session-id", "1"}};
    return server
        .Post("/v1/chat/completions", ChatJson("moerge/sticky", RecordedPrompt(row)), headers)
        .At("moerge.expert");
  };
  EXPECT_EQ(ask("first", "history-1"), "clio");
  EXPECT_EQ(ask("second", "algebra-1"), "ada");
  EXPECT_EQ(ask("first", "algebra-1"), "clio");
}

}  // namespace
}  // namespace moerge::test
