// A policy that asks the cheapest expert first, from the socket to several models and back.
#include <gtest/gtest.h>

#include "tests/integration/harness.h"
#include "tests/integration/scripted_model.h"
#include "tests/support/raw_client.h"

namespace moerge::test {
namespace {

// Three models: a is the cheapest and weakest, c the most expensive and strongest.
class CascadeOverHttp : public ::testing::Test {
 protected:
  static constexpr const char* kQuestion = "Which is a prime?\nA. 4\nB. 7\nC. 9";

  static std::string Config(const std::vector<const ScriptedModel*>& models,
                            const std::string& options = "") {
    std::string yaml = "store: \"memory:\"\ntools: off\nbackends:\n";
    std::string experts = "experts:\n";
    double price = 0.1;
    for (std::size_t i = 0; i < models.size(); ++i, price *= 10) {
      const std::string number = std::to_string(i);
      yaml += "  - {name: m" + number + ", base_url: \"" + models[i]->Url() + "\", retries: 0}\n";
      experts += "  - {name: " + std::string(1, static_cast<char>('a' + i)) + ", backend: m" +
                 number + ", model: m, price: {input: " + std::to_string(price) +
                 ", output: " + std::to_string(price) +
                 "}, skills: {general: " + std::to_string(0.6 + 0.05 * static_cast<double>(i)) +
                 "}}\n";
    }
    return yaml + experts +
           "policies:\n  - {name: cheap, classifier: none, aggregate: cascade, options: {" +
           options + "}}\n" + kSmallSkills;
  }
  static HttpReply Ask(const TestServer& server, const std::string& more = "") {
    return server.Chat("moerge/cheap", kQuestion, more);
  }
  static ScriptedModel::Answer Says(const std::string& text) {
    return [text](const std::string&) { return Completion(text); };
  }
  static std::optional<std::string> Hangs(const std::string&) { return std::nullopt; }
};

TEST_F(CascadeOverHttp, TwoCheapExpertsThatAgreeSpareTheExpensiveOne) {
  const ScriptedModel a(Says("(B)")), b(Says("The answer is (B).")), c(Says("(C)"));
  const TestServer server(Config({&a, &b, &c}));
  const HttpReply reply = Ask(server, R"("moerge": {"explain": true})");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("choices.0.message.content"), "The answer is (B).");
  EXPECT_EQ(reply.At("moerge.aggregate.name"), "cascade");
  EXPECT_EQ(reply.At("moerge.aggregate.calls"), "2");
  EXPECT_EQ(reply.At("usage.prompt_tokens"), "20");
  EXPECT_EQ(c.asked(), 0);
}

TEST_F(CascadeOverHttp, AStreamReportsTheSameFigures) {
  const ScriptedModel a(Says("(B)")), b(Says("(B)")), c(Says("(C)"));
  const TestServer server(Config({&a, &b, &c}));
  const HttpReply reply =
      Ask(server, R"("stream": true, "stream_options": {"include_usage": true})");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_NE(reply.raw.find(R"x("content":"(B)")x"), std::string::npos) << reply.raw;
  EXPECT_NE(reply.raw.find(R"("prompt_tokens":20)"), std::string::npos) << reply.raw;
  EXPECT_NE(reply.raw.find("data: [DONE]"), std::string::npos);
}

TEST_F(CascadeOverHttp, OneThatFailsIsFollowedByTheNext) {
  const ScriptedModel a([](const std::string&) { return Failing(500); });
  const ScriptedModel b(Says("(B)")), c(Says("(B)"));
  const TestServer server(Config({&a, &b, &c}));
  const HttpReply reply = Ask(server);
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("choices.0.message.content"), "(B)");
  EXPECT_EQ(reply.At("moerge.aggregate.failed.0"), "a");
}

TEST_F(CascadeOverHttp, WithAllBrokenTheErrorIsTyped) {
  const auto broken = [](const std::string&) { return Failing(500); };
  const ScriptedModel a(broken), b(broken), c(broken);
  const TestServer server(Config({&a, &b, &c}));
  EXPECT_GE(Ask(server).status, 500);
  EXPECT_EQ(a.asked() + b.asked() + c.asked(), 3);
}

TEST_F(CascadeOverHttp, ACeilingOfCallsEndsItWithWhatThereIs) {
  const ScriptedModel a(Says("(A)")), b(Says("(B)")), c(Says("(C)"));
  const TestServer server(Config({&a, &b, &c}));
  const HttpReply reply = Ask(server, R"("moerge": {"max_calls": 1})");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("choices.0.message.content"), "(A)");
  EXPECT_EQ(reply.At("moerge.aggregate.limit"), "calls");
}

TEST_F(CascadeOverHttp, TheDeadlineLeavesWhatThereIs) {
  const ScriptedModel a(Says("(A)")), b(Hangs), c(Hangs);
  const TestServer server(Config({&a, &b, &c}));
  const HttpReply reply = Ask(server, R"("moerge": {"max_latency_ms": 1500})");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("choices.0.message.content"), "(A)");
  EXPECT_EQ(reply.At("moerge.aggregate.limit"), "time");
}

TEST_F(CascadeOverHttp, AClientThatLeavesEndsTheCall) {
  const ScriptedModel a(Hangs), b(Says("(B)")), c(Says("(B)"));
  const TestServer server(Config({&a, &b, &c}));
  RawClient client(server.port());
  client.Send(RequestBytes("POST", "/v1/chat/completions",
                           ChatJson("moerge/cheap", kQuestion, R"("stream": true)")));
  ASSERT_TRUE(Eventually([&] { return a.asked() == 1; }));
  client.Close();
  EXPECT_TRUE(Eventually([&] { return a.aborted() == 1; }));
  EXPECT_EQ(b.asked() + c.asked(), 0);
}

TEST_F(CascadeOverHttp, AWrongTargetIsRefusedByName) {
  const ScriptedModel a(Says("(A)"));
  const TestServer server(Config({&a}));
  const HttpReply reply = server.Post(
      "/api/v1/policies", R"({"name":"p","aggregate":"cascade","options":{"cascade.target":"3"}})");
  EXPECT_EQ(reply.status, 400) << reply.raw;
  EXPECT_NE(reply.raw.find("cascade.target"), std::string::npos);
}

}  // namespace
}  // namespace moerge::test
