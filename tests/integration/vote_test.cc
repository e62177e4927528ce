// A policy whose experts vote, from the socket to several models and back.
#include <gtest/gtest.h>

#include "tests/integration/harness.h"
#include "tests/integration/scripted_model.h"

namespace moerge::test {
namespace {

// Three models of known strength, asked in the order a, b, c.
class VoteOverHttp : public ::testing::Test {
 protected:
  static std::string Config(const std::vector<std::string>& urls, const std::string& options) {
    std::string yaml = "store: \"memory:\"\ntools: off\nbackends:\n";
    for (std::size_t i = 0; i < urls.size(); ++i) {
      yaml += "  - {name: m" + std::to_string(i) + ", base_url: \"" + urls[i] + "\", retries: 0}\n";
    }
    yaml += "experts:\n";
    for (std::size_t i = 0; i < urls.size(); ++i) {
      yaml += "  - {name: " + std::string(1, static_cast<char>('a' + i)) + ", backend: m" +
              std::to_string(i) + ", model: m, price: {input: 1, output: 2}, skills: {general: " +
              std::to_string(0.6 - 0.01 * static_cast<double>(i)) + "}}\n";
    }
    return yaml +
           "policies:\n  - {name: vote, classifier: none, experts: 3, aggregate: vote, "
           "max_fallbacks: 0, options: {" +
           options + "}}\n" + kSmallSkills;
  }

  HttpReply Ask(TestServer& server, const std::string& more = "") {
    return server.Chat("moerge/vote", "Which is a prime?\nA. 4\nB. 7\nC. 9", more);
  }

  ScriptedModel::Answer Says(std::string text) {
    return [text](const std::string&) { return Completion(text); };
  }
};

TEST_F(VoteOverHttp, TheMajoritysReplyComesWithWhatItTook) {
  ScriptedModel a(Says("The answer is (A).")), b(Says("It is 7: (B).\nThe answer is (B).")),
      c(Says("B"));
  TestServer server(Config({a.Url(), b.Url(), c.Url()}, ""));
  const HttpReply reply = Ask(server, R"("moerge": {"explain": true})");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("choices.0.message.content"), "It is 7: (B).\nThe answer is (B).");
  EXPECT_EQ(reply.At("model"), "b");
  EXPECT_EQ(reply.Header("x-moerge-expert"), "b");
  EXPECT_EQ(reply.At("usage.prompt_tokens"), "30");
  EXPECT_EQ(reply.At("usage.total_tokens"), "36");
  EXPECT_EQ(reply.At("moerge.aggregate.agree"), "2");
  EXPECT_EQ(reply.At("moerge.aggregate.calls"), "3");
  EXPECT_EQ(reply.At("moerge.aggregate.cost_usd"), "0.000042");
  // In the order in which they came in, which is not the one in which they were asked.
  EXPECT_NE(reply.raw.find(R"("answer":"A","weight":)"), std::string::npos);
  EXPECT_NE(reply.raw.find(R"("answer":"B","weight":)"), std::string::npos);
}

TEST_F(VoteOverHttp, TheDecisionIsKeptWithItsVotes) {
  ScriptedModel a(Says("(B)")), b(Says("(B)")), c(Says("(C)"));
  TestServer server(Config({a.Url(), b.Url(), c.Url()}, ""));
  const HttpReply reply = Ask(server);
  EXPECT_EQ(c.asked(), 0) << "two agree and cannot be outvoted";
  HttpReply kept;
  ASSERT_TRUE(Eventually([&] {
    kept = server.Get("/api/v1/decisions/" + reply.At("moerge.decision"));
    return kept.status == 200;
  })) << kept.raw;
  EXPECT_EQ(kept.At("answers.1.answer"), "B");
  EXPECT_EQ(kept.At("answers.1.won"), "true");
  EXPECT_EQ(kept.At("attempts.1.outcome"), "ok");
  EXPECT_EQ(kept.At("usage.prompt_tokens"), "20");
}

TEST_F(VoteOverHttp, ACallThatIsNotNeededIsAborted) {
  ScriptedModel a(Says("(B)")), b(Says("(B)")),
      c([](const std::string&) { return std::optional<std::string>(); });
  TestServer server(Config({a.Url(), b.Url(), c.Url()}, "vote.at_once: \"3\""));
  const HttpReply reply = Ask(server);
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("choices.0.message.content"), "(B)");
}

TEST_F(VoteOverHttp, WithOneBrokenTheOthersDecide) {
  ScriptedModel a([](const std::string&) { return Failing(500); }), b(Says("(B)")), c(Says("(B)"));
  TestServer server(Config({a.Url(), b.Url(), c.Url()}, ""));
  const HttpReply reply = Ask(server, R"("moerge": {"explain": true})");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("choices.0.message.content"), "(B)");
  EXPECT_EQ(reply.At("moerge.aggregate.calls"), "2") << "the third could not outvote the second";
  EXPECT_NE(reply.raw.find(R"({"expert":"a","outcome":"failed")"), std::string::npos);
}

TEST_F(VoteOverHttp, WithAllBrokenTheErrorIsTyped) {
  const auto broken = [](const std::string&) { return Failing(500); };
  ScriptedModel a(broken), b(broken), c(broken);
  TestServer server(Config({a.Url(), b.Url(), c.Url()}, ""));
  const HttpReply reply = Ask(server);
  EXPECT_GE(reply.status, 500) << reply.raw;
  EXPECT_NE(reply.At("error.message"), "(absent)");
}

TEST_F(VoteOverHttp, AStreamIsTheWinnersAndReportsTheSameUsage) {
  ScriptedModel a(Says("(A)")), b(Says("(B)")), c(Says("(B)"));
  TestServer server(Config({a.Url(), b.Url(), c.Url()}, ""));
  const HttpReply reply =
      Ask(server, R"("stream": true, "stream_options": {"include_usage": true})");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_NE(reply.raw.find(R"x("content":"(B)")x"), std::string::npos) << reply.raw;
  EXPECT_NE(reply.raw.find(R"("prompt_tokens":30)"), std::string::npos) << reply.raw;
  EXPECT_NE(reply.raw.find(R"("agree":2)"), std::string::npos);
  EXPECT_NE(reply.raw.find("data: [DONE]"), std::string::npos);
}

TEST_F(VoteOverHttp, TheDeadlineEndsTheRoundWithAnError) {
  const auto silent = [](const std::string&) { return std::optional<std::string>(); };
  ScriptedModel a(silent), b(silent), c(silent);
  TestServer server(Config({a.Url(), b.Url(), c.Url()}, ""));
  const HttpReply reply = Ask(server, R"("moerge": {"max_latency_ms": 50})");
  EXPECT_EQ(reply.status, 504) << reply.raw;
}

TEST_F(VoteOverHttp, WhatAVoteCannotHonourIsA400) {
  ScriptedModel a(Says("(A)")), b(Says("(B)")), c(Says("(B)"));
  TestServer server(Config({a.Url(), b.Url(), c.Url()}, ""));
  const HttpReply reply = Ask(server, R"("n": 2)");
  EXPECT_EQ(reply.status, 400) << reply.raw;
  EXPECT_EQ(reply.At("error.param"), "n");
  EXPECT_EQ(a.asked() + b.asked() + c.asked(), 0);
}

TEST_F(VoteOverHttp, AWrongOptionIsRefusedByName) {
  ScriptedModel a(Says("(A)"));
  TestServer server(Config({a.Url()}, ""));
  const HttpReply reply = server.Post(
      "/api/v1/policies", R"({"name":"p","aggregate":"vote","options":{"answers.minimum":"0"}})");
  EXPECT_EQ(reply.status, 400) << reply.raw;
  EXPECT_NE(reply.raw.find("answers.minimum"), std::string::npos);
}

}  // namespace
}  // namespace moerge::test
