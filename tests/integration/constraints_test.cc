// What a request needs or allows decides who may be asked.
#include <gtest/gtest.h>

#include "tests/integration/harness.h"

namespace moerge::test {
namespace {

class Constraints : public ::testing::Test {
 protected:
  // The stronger an expert, the less it can do.
  static std::string Config(const std::string& url) {
    return "store: \"memory:\"\nbackends: [{name: replay, base_url: \"" + url +
           "\"}]\nexperts:\n"
           "  - {name: strong, backend: replay, model: ada, skills: {general: 0.9},\n"
           "     context: 200, function_calling: false, price: {input: 10, output: 10}}\n"
           "  - {name: middling, backend: replay, model: clio, skills: {general: 0.6}}\n"
           "  - {name: seeing, backend: replay, model: remy, skills: {general: 0.3}, vision: "
           "true}\n"
           "policies:\n"
           "  - {name: thrifty, price_weight: 1}\n"
           "  - {name: choosy, min_score: 0.99}\n"
           "  - {name: alone, max_fallbacks: 0}\n" +
           kSmallSkills;
  }
  std::string First(const std::string& body) const {
    const HttpReply reply = server_.Post("/v1/route", body);
    EXPECT_EQ(reply.status, 200) << reply.raw;
    return reply.At("roster.0.expert");
  }
  std::string FirstFor(std::string_view more) const {
    return First(ChatJson("auto", RecordedPrompt("history-1"), more));
  }

  std::unique_ptr<ReplayServer> replay_ = StartReplay();
  TestServer server_{Config(UrlOf(*replay_))};
};

TEST_F(Constraints, NoneMeansTheStrongest) { EXPECT_EQ(FirstFor(""), "strong"); }

TEST_F(Constraints, FunctionsWantAnExpertThatTakesThem) {
  EXPECT_EQ(FirstFor(R"("tools": [{"type": "function", "function": {"name": "f"}}])"), "middling");
  EXPECT_EQ(FirstFor(R"("tools": [])"), "strong");
}

TEST_F(Constraints, ImagesWantAnExpertThatSees) {
  const std::string image =
      R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}})";
  EXPECT_EQ(First(R"({"model":"auto","messages":[{"role":"user","content":[)" + image + "]}]}"),
            "seeing");
}

TEST_F(Constraints, LongPromptsWantAContextThatHoldsThem) {
  EXPECT_EQ(First(ChatJson("auto", std::string(4000, 'a'))), "middling");
  EXPECT_EQ(FirstFor(R"("max_tokens": 1000)"), "middling");
}

TEST_F(Constraints, ARequestMayNameItsExperts) {
  EXPECT_EQ(FirstFor(R"("moerge": {"experts": ["seeing", "middling"]})"), "middling");
}

TEST_F(Constraints, ARequestMayNameItsSkills) {
  const HttpReply reply =
      server_.Post("/v1/route", ChatJson("auto", "Hi", R"("moerge": {"skills": ["cooking"]})"));
  EXPECT_EQ(reply.At("demand.skills.0.skill"), "cooking") << reply.body;
}

TEST_F(Constraints, ACostLimitPassesOverTheExpensive) {
  const std::string more = R"("max_tokens": 100, "moerge": {"max_cost_usd": 0.0005})";
  const HttpReply reply = server_.Chat("auto", RecordedPrompt("history-1"), more);
  EXPECT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("moerge.expert"), "middling");
}

TEST_F(Constraints, AnExpertOverTheCostLimitIsNotRecruited) {
  const std::string prompt = RecordedPrompt("history-1");
  const auto route = [&](const char* ceiling) {
    const std::string more = R"("max_tokens": 100, "moerge": {"max_cost_usd": )";
    return server_.Post("/v1/route", ChatJson("auto", prompt, more + ceiling + "}"));
  };
  const HttpReply some = route("0.0005");
  EXPECT_EQ(some.At("roster.0.expert"), "middling") << some.body;
  EXPECT_NE(some.body.find(R"("excluded":"cost_limit")"), std::string::npos) << some.body;
  EXPECT_NE(some.At("reasons").find("leaves out strong"), std::string::npos) << some.body;
  HttpReply again;
  const std::string path = "/api/v1/decisions/" + some.At("id") + "/replay";
  EXPECT_TRUE(Eventually([&] {  // kept in the background
    again = server_.Post(path, "");
    return again.status == 200;
  }));
  EXPECT_EQ(again.At("same_expert"), "true") << again.body;
  const HttpReply none =
      server_.Chat("auto", prompt,
                   R"("max_tokens": 100, "moerge": {"max_cost_usd": 1e-9, "experts": ["strong"]})");
  EXPECT_EQ(none.status, 503);
  EXPECT_EQ(none.At("error.code"), "cost_limit") << none.body;
  EXPECT_NE(none.At("error.message").find("the cheapest that fits is"), std::string::npos)
      << none.body;
}

TEST_F(Constraints, PoliciesWeighPricesAndSetBars) {
  const std::string prompt = RecordedPrompt("history-1");
  EXPECT_EQ(First(ChatJson("moerge/thrifty", prompt)), "middling");
  EXPECT_EQ(First(ChatJson("auto", prompt, R"("moerge": {"policy": "thrifty"})")), "middling");
  EXPECT_EQ(server_.Chat("moerge/choosy", prompt).At("error.code"), "no_expert");
  EXPECT_EQ(server_.Chat("moerge/nobody", prompt).At("error.code"), "model_not_found");
  const HttpReply alone = server_.Post("/v1/route", ChatJson("moerge/alone", prompt));
  EXPECT_EQ(alone.At("fallbacks"), "[]");
}

TEST_F(Constraints, ADisabledExpertIsNotAskedByNameEither) {
  ASSERT_EQ(server_
                .Post("/api/v1/experts",
                      R"({"name":"off","backend":"replay","model":"ada","enabled":false})")
                .status,
            201);
  const HttpReply reply = server_.Chat("off", RecordedPrompt("algebra-1"));
  EXPECT_GE(reply.status, 400) << reply.raw;
  EXPECT_EQ(replay_->requests(), 0u);
  EXPECT_EQ(server_.Get("/v1/models").body.find("\"off\""), std::string::npos);
}

}  // namespace
}  // namespace moerge::test
