// What a change would do, found out on recorded traffic: another policy, a skill retired.
#include <gtest/gtest.h>

#include "tests/integration/harness.h"

namespace moerge::test {
namespace {

class Recorded : public testing::Test {
 protected:
  // Asks each `count` times under "auto", and once more by name and on paper.
  void MakeTraffic(int count) const {
    for (int i = 0; i < count; ++i) {
      for (const char* id : {"algebra-1", "history-1"}) {
        ASSERT_EQ(server_.Chat("auto", RecordedPrompt(id)).status, 200);
      }
    }
    ASSERT_EQ(server_.Chat("ada", RecordedPrompt("algebra-1")).status, 200);
    ASSERT_EQ(server_.Do("POST", "/v1/route", ChatJson("auto", RecordedPrompt("algebra-1"))).status,
              200);
    const std::string all = std::to_string(2 * count + 2);
    ASSERT_TRUE(Eventually([&] { return Compare(R"(["auto","auto"])").At("looked_at") == all; }));
  }
  HttpReply Compare(const std::string& policies, const std::string& more = "") const {
    return server_.Do("POST", "/api/v1/policies/compare", "{\"policies\":" + policies + more + "}");
  }
  std::string ExpertFor(const char* id) const {
    return server_.Do("POST", "/v1/route", ChatJson("auto", RecordedPrompt(id)))
        .At("roster.0.expert");
  }

  std::unique_ptr<ReplayServer> replay_ = StartReplay();
  TestServer server_{
      "store: \"memory:\"\nbackends:\n  - {name: replay, base_url: \"" + UrlOf(*replay_) +
      "\"}\nexperts:\n"
      "  - {name: ada, backend: replay, model: ada, skills: {algebra: 0.9, history: 0.2}, "
      "price: {input: 1, output: 1}}\n"
      "  - {name: clio, backend: replay, model: clio, skills: {algebra: 0.7, history: 0.9}}\n" +
      kSmallSkills};
};

TEST_F(Recorded, ADraftIsComparedWithWhatIsInForce) {
  MakeTraffic(4);
  const HttpReply same = Compare(R"(["auto","auto"])");
  EXPECT_EQ(same.At("compared"), "8") << same.raw;
  EXPECT_EQ(same.At("changed"), "0");
  EXPECT_EQ(same.At("skipped.direct"), "1");
  EXPECT_EQ(same.At("complete"), "true");
  const HttpReply reply = Compare(R"(["auto",{"price_weight":0.5}])");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("policies.1"), "draft");
  EXPECT_EQ(reply.At("changed"), "4");
  EXPECT_EQ(reply.At("moves.0.from"), "ada");
  EXPECT_EQ(reply.At("moves.0.to"), "clio");
  EXPECT_EQ(reply.At("moves.0.count"), "4");
  EXPECT_EQ(reply.At("moves.1"), "(absent)");
  EXPECT_EQ(reply.At("skills.0.skill"), "algebra");
  EXPECT_EQ(reply.At("skills.0.changed"), "4");
  EXPECT_EQ(reply.At("skills.1.changed"), "0");
  EXPECT_GT(std::stod(reply.At("before.expected")), std::stod(reply.At("after.expected")));
  EXPECT_GT(std::stod(reply.At("before.cost_usd")), 0);
  EXPECT_EQ(std::stod(reply.At("after.cost_usd")), 0);
  const std::string example = reply.At("examples.0.decision");
  EXPECT_EQ(server_.Do("GET", "/api/v1/decisions/" + example).At("expert"), "ada");
  // The draft is nowhere but in the comparison.
  EXPECT_EQ(ExpertFor("algebra-1"), "ada");
  EXPECT_EQ(server_.Do("GET", "/api/v1/policies/draft").status, 404);
}

TEST_F(Recorded, TrafficIsWhatTheFilterSays) {
  MakeTraffic(3);
  const auto looked_at = [&](const std::string& traffic) {
    return Compare(R"(["auto","auto"])", ",\"traffic\":" + traffic).At("looked_at");
  };
  EXPECT_EQ(looked_at(R"({"limit":2})"), "2");
  EXPECT_EQ(looked_at(R"({"expert":"clio"})"), "3");
  EXPECT_EQ(looked_at(R"({"skill":"algebra","policy":"auto"})"), "4");
  EXPECT_EQ(looked_at(R"({"until":"2020-01-01T00:00:00Z"})"), "0");
}

TEST_F(Recorded, WrongComparisonsAreRefused) {
  struct Case {
    const char* policies;
    const char* more;
    int status;
    const char* param;
  };
  for (const Case& one :
       {Case{R"(["auto"])", "", 400, "policies"}, Case{R"(["auto","none"])", "", 404, "name"},
        Case{R"(["auto",7])", "", 400, "policies[1]"},
        Case{R"(["auto",{"recruiter":"none"}])", "", 400, "recruiter"},
        Case{R"(["auto",{"colour":1}])", "", 400, "colour"},
        Case{R"(["auto","auto"])", ",\"trafic\":{}", 400, "trafic"},
        Case{R"(["auto","auto"])", ",\"traffic\":{\"limit\":0}", 400, "traffic.limit"},
        Case{R"(["auto","auto"])", ",\"traffic\":{\"since\":\"x\"}", 400, "traffic.since"}}) {
    const HttpReply reply = Compare(one.policies, one.more);
    EXPECT_EQ(reply.status, one.status) << reply.raw;
    EXPECT_EQ(reply.At("error.param"), one.param) << reply.raw;
  }
}

TEST_F(Recorded, APolicyMayBeCalledCompare) {
  ASSERT_EQ(server_.Do("POST", "/api/v1/policies", R"({"name":"compare"})").status, 201);
  EXPECT_EQ(server_.Do("GET", "/api/v1/policies/compare").At("name"), "compare");
  EXPECT_EQ(server_.Do("DELETE", "/api/v1/policies/compare").status, 200);
}

constexpr const char* kRemy =
    R"({"name":"remy","backend":"replay","model":"remy","skills":{"algebra":0.95,"history":0.95}})";

TEST_F(Recorded, RetiringASkillMovesItsRequestsAndNoOthers) {
  ASSERT_EQ(server_.Do("POST", "/api/v1/experts", kRemy).status, 201);
  MakeTraffic(3);
  ASSERT_EQ(ExpertFor("algebra-1"), "remy");
  ASSERT_EQ(ExpertFor("history-1"), "remy");
  const std::string path = "/api/v1/experts/remy/retire-skill";
  const HttpReply preview = server_.Do("POST", path + "?dry_run=true", R"({"skill":"algebra"})");
  ASSERT_EQ(preview.status, 200) << preview.raw;
  EXPECT_EQ(preview.At("applied"), "false");
  EXPECT_EQ(preview.At("refused"), "null");
  EXPECT_EQ(preview.At("impact.compared"), "6") << preview.raw;
  EXPECT_EQ(preview.At("impact.changed"), "3");
  EXPECT_EQ(preview.At("impact.moves.0.from"), "remy");
  EXPECT_EQ(preview.At("impact.moves.0.to"), "ada");
  EXPECT_EQ(preview.At("impact.skills.1.skill"), "history");
  EXPECT_EQ(preview.At("impact.skills.1.changed"), "0");
  EXPECT_EQ(ExpertFor("algebra-1"), "remy");
  EXPECT_EQ(server_.Do("POST", path, R"({"skill":"algebra"})", {{"If-Match", "\"other\""}}).status,
            412);
  const HttpReply done =
      server_.Do("POST", path, R"({"skill":"algebra"})", {{"If-Match", preview.Header("etag")}});
  ASSERT_EQ(done.status, 200) << done.raw;
  EXPECT_EQ(done.At("applied"), "true");
  EXPECT_EQ(ExpertFor("algebra-1"), "ada");
  EXPECT_EQ(ExpertFor("history-1"), "remy");
  // By its name it answers whatever it is asked.
  EXPECT_EQ(server_.Chat("remy", RecordedPrompt("cooking-1")).status, 200);
  EXPECT_EQ(server_.Do("GET", "/api/v1/experts/remy").At("retired_skills.0"), "algebra");
  EXPECT_EQ(server_.Do("POST", path, R"({"skill":"algebra"})").status, 409);
  EXPECT_EQ(server_.Do("POST", path, R"({"skill":"none"})").At("error.param"), "skill");
  EXPECT_EQ(server_.Do("GET", "/api/v1/audit?limit=1").At("data.0.name"), "remy");
  // And back.
  ASSERT_EQ(server_.Do("PATCH", "/api/v1/experts/remy", R"({"retired_skills":[]})").status, 200);
  EXPECT_EQ(ExpertFor("algebra-1"), "remy");
}

TEST_F(Recorded, OfAnExpertOfTheFileThereIsAPreviewAlone) {
  MakeTraffic(2);
  const std::string path = "/api/v1/experts/ada/retire-skill";
  const HttpReply preview = server_.Do("POST", path + "?dry_run=true", R"({"skill":"algebra"})");
  EXPECT_EQ(preview.At("impact.moves.0.to"), "clio") << preview.raw;
  EXPECT_NE(preview.At("refused"), "null");
  EXPECT_EQ(server_.Do("POST", path, R"({"skill":"algebra"})").status, 409);
  EXPECT_EQ(
      server_.Do("POST", "/api/v1/experts/none/retire-skill", R"({"skill":"algebra"})").status,
      404);
}

TEST_F(Recorded, CreationsCanBeTriedFirst) {
  const HttpReply tried = server_.Do("POST", "/api/v1/experts?dry_run=true", kRemy);
  EXPECT_EQ(tried.status, 200) << tried.raw;
  EXPECT_EQ(tried.At("name"), "remy");
  EXPECT_EQ(tried.Header("x-moerge-dry-run"), "true");
  EXPECT_EQ(server_.Do("GET", "/api/v1/experts/remy").status, 404);
  EXPECT_EQ(server_
                .Do("POST", "/api/v1/experts?dry_run=true",
                    R"({"name":"remy","backend":"none","model":"m"})")
                .At("error.param"),
            "backend");
  EXPECT_EQ(server_.Do("POST", "/api/v1/experts", kRemy, {{"If-Match", "*"}}).status, 412);
  EXPECT_EQ(server_.Do("POST", "/api/v1/experts?dry_run=perhaps", kRemy).At("error.param"),
            "dry_run");
  ASSERT_EQ(server_.Do("POST", "/api/v1/experts", kRemy).status, 201);
  const std::string samples = R"({"samples":[{"prompt":"1+1?","score":1,"skill":"algebra"}]})";
  const std::string teach = "/api/v1/experts/remy/samples";
  EXPECT_EQ(server_.Do("POST", teach + "?dry_run=true", samples).At("trials"), "0");
  EXPECT_EQ(server_.Do("POST", teach, samples, {{"If-Match", "\"other\""}}).status, 412);
  EXPECT_EQ(server_.Do("POST", teach, samples).At("trials"), "1");
  const std::string table =
      "{\"id\":\"1\",\"prompt\":\"a\",\"scores\":{\"ada\":1,\"clio\":0}}\n"
      "{\"id\":\"2\",\"prompt\":\"b\",\"scores\":{\"ada\":1,\"clio\":0}}\n";
  const Headers lines = {{"Content-Type", "application/x-ndjson"}};
  const std::string before = server_.Do("GET", "/api/v1/experts").At("revision");
  EXPECT_EQ(server_.Post("/api/v1/profiles/import?dry_run=true", table, lines).status, 200);
  EXPECT_EQ(server_
                .Do("POST", "/api/v1/tasks?dry_run=true",
                    R"({"name":"sums","samples":[{"prompt":"1+1?","scores":{"ada":1,"clio":0}}]})")
                .status,
            200);
  EXPECT_EQ(server_.Do("GET", "/api/v1/experts").At("revision"), before);
}

TEST_F(Recorded, ABackendIsAskedForItsModels) {
  const HttpReply listed = server_.Do("GET", "/api/v1/backends/replay/models");
  EXPECT_EQ(listed.status, 200) << listed.raw;
  EXPECT_EQ(listed.At("data.0.name"), "ada");
  EXPECT_EQ(server_.Do("GET", "/api/v1/backends/none/models").status, 404);
  const HttpReply probed =
      server_.Do("POST", "/api/v1/backends/probe", "{\"base_url\":\"" + UrlOf(*replay_) + "\"}");
  EXPECT_EQ(probed.At("data.0.name"), "ada") << probed.raw;
  EXPECT_EQ(server_.Do("GET", "/api/v1/backends/probe").status, 404);
  EXPECT_EQ(server_.Do("POST", "/api/v1/backends/probe", R"({"base_url":"http://127.0.0.1:1/v1"})")
                .status,
            424);
  const HttpReply nameless =
      server_.Do("POST", "/api/v1/backends/probe",
                 R"({"base_url":"http://127.0.0.1:1/v1","api_key_env":"HOME"})");
  EXPECT_EQ(nameless.At("error.param"), "api_key_env") << nameless.raw;
}

TEST_F(Recorded, TheDocumentIsAPageToo) {
  const HttpReply page = server_.Get("/docs");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.Header("content-type"), "text/html; charset=utf-8");
  EXPECT_NE(page.Header("content-security-policy").find("default-src 'none'"), std::string::npos);
  for (const char* part : {"/api/v1/policies/compare", "id=\"Policy\"", "href=\"#Error\""}) {
    EXPECT_NE(page.body.find(part), std::string::npos) << part;
  }
  for (const char* part : {"<script", "style=", "http://", "https://"}) {
    EXPECT_EQ(page.body.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(server_.Get("/docs/style.css").Header("content-type"), "text/css; charset=utf-8");
}

}  // namespace
}  // namespace moerge::test
