// A version of a policy for a share of its requests: who gets it, what it is compared by, the
// alarm, and both ways out.
#include <gtest/gtest.h>

#include <set>

#include "tests/integration/harness.h"

namespace moerge::test {
namespace {

constexpr const char* kTrial = "/api/v1/policies/auto/trial";

class Trials : public testing::Test {
 protected:
  // By default ada answers; a candidate with this would rather ask clio.
  static std::string Other(const char* share) {
    return std::string(R"({"share":)") + share + R"(,"candidate":{"price_weight":0.5}})";
  }
  HttpReply Ask(int session) const {
    return server_.Post("/v1/chat/completions", ChatJson("auto", RecordedPrompt("algebra-1")),
                        {{"x-session-id", std::to_string(session)}});
  }
  // The decision for a request, but for what each has of its own.
  std::string Decided(int session) const {
    const HttpReply reply = server_.Post("/v1/route", ChatJson("auto", RecordedPrompt("algebra-1")),
                                         {{"x-session-id", std::to_string(session)}});
    std::string all;
    for (const char* part : {"policy", "demand", "considered", "candidates", "roster", "fallbacks",
                             "reasons", "expert"}) {
      all += reply.At(part) + "\n";
    }
    return all;
  }
  void Judge(const HttpReply& answer, double score) const {
    const std::string body = R"({"decision":")" + answer.Header("x-moerge-decision") +
                             R"(","score":)" + std::to_string(score) + "}";
    const HttpReply reply = server_.Do("POST", "/api/v1/feedback", body);
    EXPECT_EQ(reply.status, 200) << reply.raw;
  }

  std::unique_ptr<ReplayServer> replay_ = StartReplay();
  TestServer server_{"store: \"memory:\"\nbackends:\n  - {name: replay, base_url: \"" +
                     UrlOf(*replay_) +
                     "\"}\nexperts:\n"
                     "  - {name: ada, backend: replay, model: ada, skills: {algebra: 0.9}, "
                     "price: {input: 1, output: 1}}\n"
                     "  - {name: clio, backend: replay, model: clio, skills: {algebra: 0.8}}\n" +
                     kSmallSkills};
};

TEST_F(Trials, AShareOfConversationsGetsTheOtherVersionAndRollbackRestoresEveryDecision) {
  std::vector<std::string> before;
  for (int i = 0; i < 20; ++i) before.push_back(Decided(i));
  ASSERT_EQ(server_.Do("GET", kTrial).status, 404);
  ASSERT_EQ(server_.Do("PUT", kTrial, R"({"share":0.5})").At("error.param"), "candidate");
  const HttpReply tried = server_.Do("PUT", std::string(kTrial) + "?dry_run=true", Other("0.5"));
  EXPECT_EQ(tried.status, 200) << tried.raw;
  EXPECT_EQ(server_.Do("GET", kTrial).status, 404);
  const HttpReply begun = server_.Do("PUT", kTrial, Other("0.5"));
  ASSERT_EQ(begun.status, 200) << begun.raw;
  EXPECT_EQ(begun.At("candidate.price_weight"), "0.5");
  int changed = 0;
  for (int i = 0; i < 20; ++i) {
    const HttpReply answer = Ask(i);
    const bool on_trial = answer.Header("x-moerge-policy") == "auto@candidate";
    EXPECT_EQ(answer.Header("x-moerge-expert"), on_trial ? "clio" : "ada") << answer.raw;
    EXPECT_EQ(Ask(i).Header("x-moerge-policy"), answer.Header("x-moerge-policy"));
    EXPECT_EQ(Decided(i) != before[static_cast<std::size_t>(i)], on_trial);
    changed += on_trial;
  }
  EXPECT_GT(changed, 2);
  EXPECT_LT(changed, 18);
  const HttpReply shown = server_.Do("GET", kTrial);
  EXPECT_EQ(shown.At("arms.candidate.requests"), std::to_string(2 * changed)) << shown.raw;
  EXPECT_EQ(shown.At("arms.stable.requests"), std::to_string(2 * (20 - changed)));
  EXPECT_EQ(shown.At("arms.candidate.success.mean"), "1.000000");
  EXPECT_EQ(shown.At("comparison.0.enough"), "false");
  EXPECT_EQ(server_.Do("DELETE", kTrial, "", {{"If-Match", "\"another\""}}).status, 412);
  EXPECT_EQ(server_.Do("DELETE", kTrial, "", {{"If-Match", shown.Header("etag")}}).status, 200);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Decided(i), before[static_cast<std::size_t>(i)]);
  EXPECT_EQ(server_.Do("GET", "/api/v1/audit?limit=1").At("data.0.name"), "auto@candidate");
  EXPECT_EQ(server_.Do("GET", "/api/v1/audit?limit=1").At("data.0.action"), "remove");
}

TEST_F(Trials, ADecisionOfTheCandidateIsReplayedByIt) {
  ASSERT_EQ(server_.Do("PUT", kTrial, Other("1")).status, 200);
  const HttpReply answer = Ask(1);
  ASSERT_EQ(answer.Header("x-moerge-policy"), "auto@candidate");
  const std::string replay = "/api/v1/decisions/" + answer.Header("x-moerge-decision") + "/replay";
  ASSERT_TRUE(Eventually([&] { return server_.Do("POST", replay).status == 200; }));
  EXPECT_EQ(server_.Do("POST", replay).At("now.policy"), "auto@candidate");
  ASSERT_EQ(server_.Do("DELETE", kTrial).status, 200);
  const HttpReply gone = server_.Do("POST", replay);
  EXPECT_EQ(gone.status, 404) << gone.raw;
  EXPECT_TRUE(gone.body.find("auto@candidate") != std::string::npos) << gone.body;
}

TEST_F(Trials, PromotingPutsTheVersionInForceForAll) {
  ASSERT_EQ(server_.Do("PUT", kTrial, Other("0")).status, 200);
  EXPECT_EQ(Ask(1).Header("x-moerge-expert"), "ada");
  const std::string promote = std::string(kTrial) + "/promote";
  EXPECT_EQ(server_.Do("POST", promote + "?dry_run=true").At("price_weight"), "0.5");
  EXPECT_EQ(Ask(1).Header("x-moerge-expert"), "ada");
  const HttpReply promoted = server_.Do("POST", promote);
  ASSERT_EQ(promoted.status, 200) << promoted.raw;
  EXPECT_EQ(promoted.At("name"), "auto");
  EXPECT_EQ(promoted.At("trial"), "null");
  EXPECT_EQ(Ask(1).Header("x-moerge-expert"), "clio");
  EXPECT_EQ(Ask(1).Header("x-moerge-policy"), "auto");
  EXPECT_EQ(server_.Do("GET", kTrial).status, 404);
  EXPECT_EQ(server_.Do("POST", promote).status, 404);
  EXPECT_EQ(server_.Do("GET", "/api/v1/policies/auto").Header("etag"), promoted.Header("etag"));
}

TEST_F(Trials, ANewShareGoesOnCountingAndANewVersionBeginsAgain) {
  const std::string since = server_.Do("PUT", kTrial, Other("0.1")).At("since");
  EXPECT_EQ(server_.Do("PUT", kTrial, R"({"share":0.5})").At("since"), since);
  EXPECT_EQ(server_.Do("PUT", kTrial, Other("0.2")).At("since"), since);
  const HttpReply fresh =
      server_.Do("PUT", kTrial, R"({"share":0.2,"candidate":{"min_score":0.1}})");
  EXPECT_NE(fresh.At("since"), since) << fresh.raw;
  EXPECT_EQ(server_.Do("GET", kTrial).At("candidate.price_weight"), "0");
}

TEST_F(Trials, WrongOnesAreRefused) {
  struct Case {
    const char* body;
    const char* param;
  };
  for (const Case& one :
       {Case{R"({"share":1.5,"candidate":{}})", "share"}, Case{R"({"candidate":{}})", "share"},
        Case{R"({"share":1,"candidate":{"recruiter":"none"}})", "recruiter"},
        Case{R"({"share":1,"candidate":{"colour":1}})", "colour"},
        Case{R"({"share":1,"candidate":[]})", "candidate"},
        Case{R"({"share":1,"shares":1})", "shares"}}) {
    const HttpReply reply = server_.Do("PUT", kTrial, one.body);
    EXPECT_EQ(reply.status, 400) << one.body;
    EXPECT_EQ(reply.At("error.param"), one.param) << reply.raw;
  }
  EXPECT_EQ(server_.Do("PUT", "/api/v1/policies/none/trial", Other("1")).status, 404);
  ASSERT_EQ(server_.Do("PUT", kTrial, Other("1")).status, 200);
  EXPECT_EQ(server_.Do("PATCH", "/api/v1/policies/auto@candidate", R"({"experts":2})").status, 409);
  EXPECT_EQ(server_.Do("PUT", "/api/v1/policies/auto@candidate", R"({"experts":2})").status, 400);
  EXPECT_EQ(server_.Do("PUT", "/api/v1/policies/auto@candidate/trial", Other("1")).status, 409);
  EXPECT_EQ(server_.Do("GET", "/v1/models").body.find("@candidate"), std::string::npos);
}

// A version whose expert gives answers that clients find wrong.
TEST_F(Trials, AnAlarmTellsOfAWorseVersionAndOfAWorseExpert) {
  ASSERT_EQ(server_.Do("GET", "/api/v1/alarms").At("data"), "[]");
  // Whatever is learnt of it, clio answers.
  const char* other = R"({"share":0.5,"candidate":{"price_weight":5}})";
  ASSERT_EQ(server_.Do("PUT", kTrial, other).status, 200);
  int stable = 0;
  int worse = 0;
  for (int i = 0; i < 400 && (stable < 40 || worse < 40); ++i) {
    const HttpReply answer = Ask(i);
    const bool on_trial = answer.Header("x-moerge-policy") == "auto@candidate";
    int& count = on_trial ? worse : stable;
    if (count++ < 40) Judge(answer, on_trial ? 0.2 : 1);
  }
  const HttpReply alarms = server_.Do("GET", "/api/v1/alarms");
  EXPECT_EQ(alarms.At("data.0.kind"), "policy") << alarms.raw;
  EXPECT_EQ(alarms.At("data.0.name"), "auto");
  EXPECT_EQ(alarms.At("data.0.measure"), "feedback");
  EXPECT_EQ(alarms.At("data.0.before"), "1.000000");
  EXPECT_EQ(alarms.At("data.0.after"), "0.200000");
  EXPECT_EQ(alarms.At("data.1.kind"), "(absent)");
  EXPECT_EQ(server_.Do("GET", kTrial).At("alarms.0.measure"), "feedback");
  const std::string metric =
      R"(moerge_success_alarm{kind="policy",measure="feedback",name="auto"})";
  EXPECT_NE(server_.Get("/metrics").body.find(metric + " 1"), std::string::npos);
  ASSERT_EQ(server_.Do("DELETE", kTrial).status, 200);
  EXPECT_EQ(server_.Do("GET", "/api/v1/alarms").At("data"), "[]");
  EXPECT_NE(server_.Get("/metrics").body.find(metric + " 0"), std::string::npos);
  // ada, judged well 40 times, now badly.
  for (int i = 1000; i < 1030; ++i) Judge(Ask(i), 0);
  const HttpReply fallen = server_.Do("GET", "/api/v1/alarms");
  EXPECT_EQ(fallen.At("data.0.kind"), "expert") << fallen.raw;
  EXPECT_EQ(fallen.At("data.0.name"), "ada");
  EXPECT_EQ(fallen.At("data.0.before"), "1.000000");
}

}  // namespace
}  // namespace moerge::test
