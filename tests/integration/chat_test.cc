// Chat requests from the socket to the expert and back.
#include <gtest/gtest.h>

#include "tests/integration/harness.h"
#include "tests/support/raw_server.h"

namespace moerge::test {
namespace {

std::string Experts(const std::string& url) {
  return "store: \"memory:\"\nbackends: [{name: replay, base_url: \"" + url +
         "\"}]\nexperts:\n"
         "  - {name: ada, backend: replay, model: ada, skills: {algebra: 0.9, chemistry: 0.8}}\n"
         "  - {name: clio, backend: replay, model: clio, skills: {history: 0.9}}\n"
         "  - {name: remy, backend: replay, model: remy, skills: {cooking: 0.9}}\n" +
         kSmallSkills;
}

class Chat : public ::testing::Test {
 protected:
  std::unique_ptr<ReplayServer> replay_ = StartReplay();
  TestServer server_{Experts(UrlOf(*replay_))};
};

TEST_F(Chat, EachRequestGoesToTheExpertOfItsSkill) {
  const std::vector<std::pair<std::string, std::string>> kWanted = {
      {"algebra-1", "ada"}, {"history-2", "clio"}, {"cooking-2", "remy"}, {"chemistry-2", "ada"}};
  for (const auto& [id, expert] : kWanted) {
    const HttpReply reply = server_.Chat("auto", RecordedPrompt(id));
    ASSERT_EQ(reply.status, 200) << reply.raw;
    EXPECT_EQ(reply.Header("x-moerge-expert"), expert) << id;
    EXPECT_EQ(reply.At("model"), expert);
    EXPECT_EQ(reply.At("choices.0.message.content"), RecordedReply(id, expert));
  }
}

TEST_F(Chat, TheReplyTellsItsDecision) {
  const Headers id = {{"X-Request-Id", "my-id.1"}};
  const HttpReply reply =
      server_.Post("/v1/chat/completions", ChatJson("auto", RecordedPrompt("history-1")), id);
  EXPECT_EQ(reply.Header("x-request-id"), "my-id.1");
  EXPECT_EQ(reply.Header("x-moerge-skill"), "history");
  EXPECT_EQ(reply.Header("x-moerge-policy"), "auto");
  EXPECT_EQ(reply.Header("x-moerge-attempts"), "1");
  EXPECT_EQ(reply.Header("x-moerge-decision"), reply.At("moerge.decision"));
  EXPECT_EQ(reply.At("moerge.expert"), "clio");
  EXPECT_EQ(reply.At("moerge.explanation"), "(absent)");
}

TEST_F(Chat, ExplainBringsTheWholeDecision) {
  const HttpReply reply =
      server_.Chat("auto", RecordedPrompt("history-1"), R"("moerge": {"explain": true})");
  EXPECT_EQ(reply.At("moerge.explanation.id"), reply.At("moerge.decision"));
  EXPECT_EQ(reply.At("moerge.explanation.demand.skills.0.skill"), "history");
  EXPECT_EQ(reply.At("moerge.explanation.attempts.0.outcome"), "ok");
}

TEST_F(Chat, AStreamAddsUpToTheWholeReplyAndEndsWithDone) {
  const HttpReply reply = server_.Chat("auto", RecordedPrompt("history-2"), R"("stream": true)");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_TRUE(reply.Header("content-type").starts_with("text/event-stream"));
  const std::vector<std::string> events = reply.Events();
  ASSERT_GT(events.size(), 5u);
  EXPECT_EQ(events.back(), "[DONE]");
  EXPECT_EQ(JsonAt(events.front(), "moerge.expert"), "clio");
  std::string text;
  for (std::size_t i = 0; i + 1 < events.size(); ++i) {
    const std::string piece = JsonAt(events[i], "choices.0.delta.content");
    if (piece != "(absent)") text += piece;
  }
  EXPECT_EQ(text, RecordedReply("history-2", "clio"));
}

TEST_F(Chat, UsageOfAStreamIsSentWhenAskedFor) {
  const HttpReply reply =
      server_.Chat("clio", RecordedPrompt("history-2"),
                   R"("stream": true, "stream_options": {"include_usage": true})");
  const std::vector<std::string> events = reply.Events();
  ASSERT_GE(events.size(), 2u);
  EXPECT_NE(JsonAt(events[events.size() - 2], "usage.total_tokens"), "(absent)");
}

TEST_F(Chat, AnExpertsNameGoesStraightToIt) {
  const HttpReply reply = server_.Chat("remy", RecordedPrompt("algebra-1"));
  EXPECT_EQ(reply.Header("x-moerge-policy"), "direct");
  EXPECT_EQ(reply.At("choices.0.message.content"), RecordedReply("algebra-1", "remy"));
}

TEST_F(Chat, UnknownModelsGetCloseNames) {
  const HttpReply reply = server_.Chat("clia", "Hello");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.At("error.code"), "model_not_found");
  EXPECT_NE(reply.At("error.message").find("clio"), std::string::npos);
}

TEST_F(Chat, ADryRunCallsNoExpert) {
  const HttpReply reply = server_.Post("/v1/route", ChatJson("auto", RecordedPrompt("history-1")));
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("roster.0.expert"), "clio");
  EXPECT_EQ(reply.At("outcome"), "dry_run");
  EXPECT_EQ(replay_->requests(), 0u);
}

TEST(ChatAlone, ToolsAnswerExactlyWithoutAnyModel) {
  const auto replay = StartReplay();
  const TestServer server(Experts(UrlOf(*replay)) + kArithmeticSkill);
  const HttpReply reply = server.Chat("auto", "What is 123456789 * 987654321?");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("moerge.expert"), "arithmetic");
  std::string text = reply.At("choices.0.message.content");
  std::erase(text, ',');
  EXPECT_NE(text.find("121932631112635269"), std::string::npos) << text;
  EXPECT_EQ(replay->requests(), 0u);
}

TEST(ChatAlone, AToolThatDeclinesIsFollowedByAModel) {
  const auto replay = StartReplay();
  const TestServer server(Experts(UrlOf(*replay)) + kArithmeticSkill);
  const std::string more = R"("moerge": {"explain": true})";
  const HttpReply reply = server.Chat("auto", RecordedPrompt("algebra-2"), more);
  EXPECT_EQ(reply.At("moerge.expert"), "ada") << reply.raw;
  EXPECT_EQ(reply.At("moerge.explanation.attempts.0.expert"), "arithmetic");
  EXPECT_EQ(reply.At("moerge.explanation.attempts.0.outcome"), "declined");
}

TEST(ChatAlone, WithoutAnExpertTheErrorNamesTheSkillAndHowToAddOne) {
  const TestServer server(std::string("store: \"memory:\"\n") + kSmallSkills);
  const HttpReply reply = server.Chat("auto", RecordedPrompt("history-1"));
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.At("error.code"), "no_expert");
  EXPECT_NE(reply.At("error.message").find("`history`"), std::string::npos);
  EXPECT_NE(reply.At("error.message").find("moerge experts add"), std::string::npos);
}

TEST(ChatAlone, EmbeddingsPassThroughToAnExpertByName) {
  std::string received;
  RawServer backend([&received](RawPeer& peer) {
    received = peer.ReadRequest();
    peer.Send(OkReply(R"({"object":"list","data":[{"embedding":[0.5]}]})"));
  });
  const TestServer server("store: \"memory:\"\nbackends: [{name: b, base_url: \"" +
                          backend.Url("/v1") +
                          "\"}]\nexperts: [{name: e, backend: b, model: e-1}]\n" + kSmallSkills);
  const HttpReply reply = server.Post("/v1/embeddings", R"({"model":"e","input":"x","own":[1]})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.At("data.0.embedding.0"), "0.5");
  EXPECT_TRUE(received.starts_with("POST /v1/embeddings ")) << received;
  EXPECT_NE(received.find(R"("model":"e-1")"), std::string::npos) << received;
  EXPECT_NE(received.find(R"("own":[1])"), std::string::npos) << received;
}

TEST(ChatAlone, EmbeddingsOfAPolicyAreRefused) {
  const TestServer server(std::string("store: \"memory:\"\n") + kSmallSkills);
  const HttpReply reply = server.Post("/v1/embeddings", R"({"model":"auto","input":"x"})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.At("error.param"), "model");
}

}  // namespace
}  // namespace moerge::test
