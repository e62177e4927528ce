// The registry through the admin API: what is added serves the next request, what belongs to the
// file or to moerge itself stays as it is, and keys decide who may do what.
#include <gtest/gtest.h>
#include <stdlib.h>

#include "config/base/hash.h"
#include "tests/integration/harness.h"

namespace moerge::test {
namespace {

class Admin : public ::testing::Test {
 protected:
  HttpReply Put(std::string_view method, std::string_view path, std::string_view body) const {
    return Call(server_.port(), method, path, body);
  }

  std::unique_ptr<ReplayServer> replay_ = StartReplay();
  TestServer server_{OneExpert(*replay_, "algebra: 0.9")};
};

TEST_F(Admin, AnExpertAddedServesTheVeryNextRequest) {
  EXPECT_NE(server_.Chat("auto", RecordedPrompt("history-1")).At("moerge.expert"), "clio");
  const HttpReply added =
      server_.Post("/api/v1/experts",
                   R"({"name":"clio","backend":"replay","model":"clio","skills":{"history":0.9}})");
  ASSERT_EQ(added.status, 201) << added.raw;
  EXPECT_EQ(added.At("origin"), "store");
  const HttpReply reply = server_.Chat("auto", RecordedPrompt("history-1"));
  EXPECT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("choices.0.message.content"), RecordedReply("history-1", "clio"));
}

TEST_F(Admin, ListsAreSearchedByWhatPeopleKnow) {
  ASSERT_EQ(server_
                .Post("/api/v1/experts",
                      R"({"name":"clio","backend":"replay","model":"m7","description":"Letters",)"
                      R"("tags":["Museum"],"skills":{"history":0.9}})")
                .status,
            201);
  const std::pair<const char*, const char*> cases[] = {
      {"experts?find=CLI", "clio"},
      {"experts?find=m7%20letters", "clio"},
      {"experts?find=m7%20nothing", "(absent)"},
      {"experts?find=letters", "clio"},
      {"experts?find=museum", "clio"},
      {"experts?find=history", "clio"},
      {"profiles?find=clio", "clio"},
      {"experts?find=nothing-has-this", "(absent)"},
      {"backends?find=127.0.0.1", "replay"},
      {"skills?find=HISTORY", "history"},
      {"policies?find=auto", "auto"}};
  for (const auto& [path, name] : cases) {
    const HttpReply list = server_.Get(std::string("/api/v1/") + path);
    ASSERT_EQ(list.status, 200) << path;
    const bool profiles = std::string_view(path).starts_with("profiles");
    EXPECT_EQ(list.At(profiles ? "data.0.expert" : "data.0.name"), name) << path << list.body;
  }
  EXPECT_EQ(server_.Get("/api/v1/experts?find=clio").At("has_more"), "false");
}

TEST_F(Admin, ADisabledExpertIsPassedOverAndAnEnabledOneIsBack) {
  ASSERT_EQ(server_
                .Post("/api/v1/experts",
                      R"({"name":"g","backend":"replay","model":"remy","skills":{"general":0.5}})")
                .status,
            201);
  EXPECT_EQ(server_.Chat("auto", RecordedPrompt("history-1")).At("moerge.expert"), "g");
  EXPECT_EQ(Put("PATCH", "/api/v1/experts/g", R"({"enabled":false})").status, 200);
  EXPECT_NE(server_.Chat("auto", RecordedPrompt("history-1")).At("moerge.expert"), "g");
  EXPECT_EQ(Put("PATCH", "/api/v1/experts/g", R"({"enabled":true})").status, 200);
  EXPECT_EQ(server_.Chat("auto", RecordedPrompt("history-1")).At("moerge.expert"), "g");
}

TEST_F(Admin, AMappingTellsWhichExpertEachSkillGoesToAndWhatOtherBudgetsBuy) {
  ASSERT_EQ(
      server_
          .Post("/api/v1/experts", R"({"name":"costly","backend":"replay","model":"remy",)"
                                   R"("price":{"input":8,"output":8},"skills":{"general":0.95}})")
          .status,
      201);
  const auto add = [&](std::string_view name, std::string_view budget) {
    return server_
        .Post("/api/v1/policies", R"({"name":")" + std::string(name) +
                                      R"(","recruiter":"mapping","options":{"mapping.budget":")" +
                                      std::string(budget) + R"("}})")
        .status;
  };
  ASSERT_EQ(add("thrifty", "0"), 201);
  ASSERT_EQ(add("rich", "100"), 201);
  EXPECT_EQ(add("odd", "-1"), 400);
  const HttpReply rich = server_.Get("/api/v1/policies/rich/mapping");
  ASSERT_EQ(rich.status, 200) << rich.raw;
  EXPECT_EQ(rich.At("object"), "moerge.mapping");
  EXPECT_EQ(rich.At("skills.0.skill"), "algebra");
  EXPECT_EQ(rich.At("skills.0.expert"), "costly");
  EXPECT_EQ(rich.At("exact"), "true");
  const HttpReply thrifty = server_.Get("/api/v1/policies/thrifty/mapping");
  EXPECT_EQ(thrifty.status, 400) << thrifty.raw;
  EXPECT_EQ(thrifty.At("error.param"), "options.mapping.budget");
  EXPECT_EQ(server_.Get("/api/v1/policies/auto/mapping").status, 409);
  EXPECT_EQ(server_.Get("/api/v1/policies/gone/mapping").status, 404);
}

TEST_F(Admin, ARemovedExpertIsGoneAtOnce) {
  ASSERT_EQ(
      server_.Post("/api/v1/experts", R"({"name":"g","backend":"replay","model":"remy"})").status,
      201);
  EXPECT_EQ(server_.Chat("g", RecordedPrompt("history-1")).status, 200);
  EXPECT_EQ(Put("DELETE", "/api/v1/experts/g", "").status, 200);
  EXPECT_EQ(server_.Chat("g", RecordedPrompt("history-1")).status, 404);
  EXPECT_EQ(Put("DELETE", "/api/v1/experts/g", "").status, 404);
}

TEST_F(Admin, WhatBelongsToTheFileIsShownAndNotChanged) {
  EXPECT_EQ(server_.Get("/api/v1/experts/ada").At("origin"), "file");
  for (const char* path : {"/api/v1/experts/ada", "/api/v1/backends/replay"}) {
    for (const char* method : {"PATCH", "DELETE"}) {
      const HttpReply refused = Put(method, path, R"({})");
      EXPECT_EQ(refused.status, 409) << method << " " << path << refused.raw;
      EXPECT_NE(refused.At("error.message").find("file"), std::string::npos) << refused.body;
    }
  }
  EXPECT_EQ(Put("PATCH", "/api/v1/experts/arithmetic", R"({"enabled":false})").status, 409);
}

TEST_F(Admin, ABackendInUseIsNotRemoved) {
  ASSERT_EQ(server_
                .Post("/api/v1/backends",
                      R"({"name":"b2","protocol":"openai","base_url":"http://127.0.0.1:1/v1"})")
                .status,
            201);
  ASSERT_EQ(server_.Post("/api/v1/experts", R"({"name":"e","backend":"b2","model":"m"})").status,
            201);
  const HttpReply refused = Put("DELETE", "/api/v1/backends/b2", "");
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.At("error.message").find("`e`"), std::string::npos) << refused.body;
}

TEST_F(Admin, MistakesAreNamedByTheirField) {
  struct Mistake {
    const char* body;
    const char* param;
  };
  for (const Mistake& mistake :
       {Mistake{R"({"name":"x","backend":"replay","model":"m","skils":{}})", "skils"},
        Mistake{R"({"name":"x","backend":"replay","model":"m","context":-1})", "context"},
        Mistake{R"({"name":"x","backend":"replay","model":"m","enabled":"yes"})", "enabled"},
        Mistake{R"({"name":"auto","backend":"replay","model":"m"})", "name"},
        Mistake{R"({"name":"x","backend":"nowhere","model":"m"})", "backend"}}) {
    const HttpReply refused = server_.Post("/api/v1/experts", mistake.body);
    EXPECT_EQ(refused.status, 400) << mistake.body << refused.raw;
    EXPECT_EQ(refused.At("error.param"), mistake.param) << refused.body;
  }
}

TEST_F(Admin, TheRevisionCountsChanges) {
  const std::string before = server_.Get("/api/v1/experts").At("revision");
  ASSERT_EQ(
      server_.Post("/api/v1/experts", R"({"name":"g","backend":"replay","model":"remy"})").status,
      201);
  EXPECT_NE(server_.Get("/api/v1/experts").At("revision"), before);
}

TEST_F(Admin, DecisionsAreListedFetchedAndReplayed) {
  const HttpReply reply = server_.Chat("auto", RecordedPrompt("algebra-2"));
  const std::string id = reply.Header("x-moerge-decision");
  ASSERT_EQ(id.size(), 32u);
  HttpReply listed;
  EXPECT_TRUE(Eventually([&] {  // written in the background
    listed = server_.Get("/api/v1/decisions?expert=ada");
    return listed.At("data.0.id") == id;
  }));
  EXPECT_EQ(listed.At("data.0.outcome"), "ok");
  EXPECT_EQ(server_.Get("/api/v1/decisions?expert=nobody").At("data.0"), "(absent)");
  EXPECT_EQ(server_.Get("/api/v1/decisions/" + id).At("request.user"), RecordedPrompt("algebra-2"));
  const HttpReply again = server_.Post("/api/v1/decisions/" + id + "/replay", "");
  EXPECT_EQ(again.status, 200) << again.raw;
  EXPECT_EQ(again.At("now.roster.0.expert"), "ada") << again.body;
  EXPECT_EQ(server_.Get("/api/v1/decisions/0123456789abcdef0123456789abcdef").status, 404);
  const HttpReply nowhere = server_.Get("/api/v1/decisions?before=0123456789abcdef");
  EXPECT_EQ(nowhere.status, 404);
  EXPECT_EQ(nowhere.At("error.param"), "before");
}

TEST_F(Admin, DecisionsOfEveryAggregateAreReplayed) {
  for (const char* policy : {"vote", "best_of", "synthesize", "panel", "debate", "layers",
                             "cascade", "race", "refine", "consult"}) {
    SCOPED_TRACE(policy);
    const HttpReply reply =
        server_.Chat("moerge/" + std::string(policy), RecordedPrompt("algebra-2"));
    const std::string id = reply.Header("x-moerge-decision");
    ASSERT_EQ(id.size(), 32u) << reply.raw;
    HttpReply again;
    EXPECT_TRUE(Eventually([&] {  // written in the background
      again = server_.Post("/api/v1/decisions/" + id + "/replay", "");
      return again.status == 200;
    })) << again.raw;
    EXPECT_EQ(again.At("now.policy"), policy) << again.body;
  }
}

TEST_F(Admin, AnImportedTableChangesWhoIsAsked) {
  for (const char* name : {"clio", "remy"}) {
    const std::string body = R"({"name":")" + std::string(name) +
                             R"(","backend":"replay","model":")" + name +
                             R"(","skills":{"general":0.5}})";
    ASSERT_EQ(server_.Post("/api/v1/experts", body).status, 201);
  }
  std::string table;
  for (int i = 0; i < 30; ++i) {
    table +=
        R"({"id":")" + std::to_string(i) +
        R"(","prompt":"Who ruled the old empire?","category":"history","scores":{"clio":0,"remy":1}})" +
        "\n";
  }
  const HttpReply report = server_.Post("/api/v1/profiles/import?source=test", table);
  ASSERT_EQ(report.status, 200) << report.raw;
  EXPECT_EQ(report.At("rows"), "30");
  EXPECT_EQ(server_.Chat("auto", RecordedPrompt("history-1")).At("moerge.expert"), "remy");
}

class Keys : public ::testing::Test {
 protected:
  std::unique_ptr<ReplayServer> replay_ = StartReplay();
  TestServer server_{OneExpert(*replay_, "algebra: 0.9") +
                     "keys:\n  - {name: root, role: admin, sha256: " + Sha256Hex(kAdmin) +
                     "}\n  - {name: app, role: inference, sha256: " + Sha256Hex(kInference) +
                     "}\n"};
};

TEST_F(Keys, WithoutOrWithAWrongKeyNothingButProbesAnswers) {
  for (const char* path : {"/v1/models", "/api/v1/experts", "/metrics"}) {
    EXPECT_EQ(server_.Get(path).status, 401) << path;
    EXPECT_EQ(server_.Get(path, Bearer("a-key-that-nobody-was-given")).status, 401) << path;
  }
  EXPECT_EQ(server_.Get("/v1/models").Header("www-authenticate"), "Bearer");
  EXPECT_EQ(server_.Get("/health").status, 200);
  EXPECT_EQ(server_.Get("/ready").status, 200);
}

TEST_F(Keys, AnInferenceKeyAsksAndDoesNotAdminister) {
  EXPECT_EQ(server_.Get("/v1/models", Bearer(kInference)).status, 200);
  const HttpReply refused = server_.Get("/api/v1/experts", Bearer(kInference));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(server_.Post("/api/v1/vocabulary/proposals", R"({"labels":["a"]})", Bearer(kInference))
                .status,
            403);
  EXPECT_EQ(refused.At("error.type"), "permission_error");
}

TEST_F(Keys, AnAdminKeyDoesBoth) {
  EXPECT_EQ(server_.Get("/api/v1/experts", Bearer(kAdmin)).status, 200);
  const std::string chat = ChatJson("ada", RecordedPrompt("algebra-1"));
  EXPECT_EQ(server_.Post("/v1/chat/completions", chat, Bearer(kAdmin)).status, 200);
}

TEST_F(Admin, WhatPoliciesMayBeMadeOfIsListedWithRangesAndAxes) {
  const HttpReply reply = Call(server_.port(), "GET", "/api/v1/policy-kinds");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("classifiers.0.name"), "lexical");
  EXPECT_NE(reply.At("classifiers.0.summary"), "");
  EXPECT_EQ(reply.At("classifiers.0.axes.input_granularity"), "example");
  EXPECT_EQ(reply.At("recruiters.0.name"), "expected");
  int at = 0;
  while (at < 200 && reply.At("options." + std::to_string(at) + ".name") != "tools.threshold") ++at;
  const std::string option = "options." + std::to_string(at);
  EXPECT_EQ(reply.At(option + ".minimum"), "0");
  EXPECT_EQ(reply.At(option + ".maximum"), "1");
  EXPECT_EQ(reply.At(option + ".default"), "0.15");
}

}  // namespace
}  // namespace moerge::test
