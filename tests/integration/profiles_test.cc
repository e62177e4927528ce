// What is known of experts, over the API: feedback, samples, tasks, files of evidence, and who is
// asked because of it.
#include <gtest/gtest.h>

#include <map>

#include "config/base/hash.h"
#include "tests/integration/harness.h"
#include "tests/integration/process.h"

namespace moerge::test {
namespace {

std::string ThreeModels(const std::string& url, const std::string& store = "\"memory:\"") {
  return "store: " + store + "\nbackends: [{name: replay, base_url: \"" + url +
         "\"}]\nexperts:\n"
         "  - {name: ada, backend: replay, model: ada, skills: {algebra: 0.9}}\n"
         "  - {name: clio, backend: replay, model: clio, skills: {history: 0.8}}\n" +
         kSmallSkills;
}

std::string Sample(const std::string& prompt, const std::string& more) {
  std::string out = "{\"prompt\":";
  json::AppendQuoted(prompt, &out);
  return out + "," + more + "}";
}

class Profiles : public ::testing::Test {
 protected:
  HttpReply Feedback(const std::string& body) { return server_.Post("/api/v1/feedback", body); }
  std::string Ask(const std::string& row, const char* model = "auto") {
    return server_.Chat(model, RecordedPrompt(row)).Header("x-moerge-decision");
  }
  double Trials(const std::string& expert) {
    return std::stod(server_.Get("/api/v1/profiles/" + expert).At("trials"));
  }
  std::string Route(const std::string& row) {
    return server_.Post("/v1/route", ChatJson("auto", RecordedPrompt(row))).At("roster.0.expert");
  }

  std::unique_ptr<ReplayServer> replay_ = StartReplay();
  TestServer server_{ThreeModels(UrlOf(*replay_))};
};

TEST_F(Profiles, FeedbackCountsAtOnceForTheExpertThatAnswered) {
  const std::string id = Ask("algebra-2");
  const HttpReply reply = Feedback(R"({"decision":")" + id + R"(","score":1})");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("expert"), "ada");
  EXPECT_EQ(reply.At("replaced"), "false");
  EXPECT_EQ(reply.At("skills.0.skill"), "algebra");
  const HttpReply profile = server_.Get("/api/v1/profiles/ada");
  EXPECT_EQ(profile.At("measured.0.skill"), "algebra") << profile.body;
  EXPECT_EQ(profile.At("measured.0.sources.0.source"), "feedback");
  EXPECT_TRUE(profile.At("measured.0.sources.0.updated").starts_with("20")) << profile.body;
  EXPECT_EQ(profile.At("declared.algebra"), "0.9");
  EXPECT_EQ(profile.At("declared_by"), "file");
  EXPECT_EQ(profile.At("provisional"), "true");
}

TEST_F(Profiles, FeedbackIsNeverCountedTwice) {
  const std::string id = Ask("algebra-2");
  for (const char* score : {"1", "0", "0.5"}) {
    ASSERT_EQ(Feedback(R"({"decision":")" + id + R"(","score":)" + score + "}").status, 200);
  }
  EXPECT_NEAR(Trials("ada"), 1, 1e-5);
  const HttpReply profile = server_.Get("/api/v1/profiles/ada");
  EXPECT_NEAR(std::stod(profile.At("wins")), 0.5, 1e-5) << profile.body;
}

// Right and useless, wrong and welcome: two figures, of which one is evidence.
TEST_F(Profiles, HelpfulnessIsAFigureOfItsOwn) {
  struct Said {
    int correct, helpful;
  };
  std::string last;
  for (const Said& said : {Said{1, 0}, Said{1, 0}, Said{0, 1}, Said{1, 1}}) {
    last = Ask("algebra-2");
    const std::string of = R"({"decision":")" + last + R"(",)";
    const HttpReply helped =
        Feedback(of + R"("helpfulness":)" + std::to_string(said.helpful) + "}");
    ASSERT_EQ(helped.status, 200) << helped.raw;
    EXPECT_EQ(helped.At("score"), "null");
    const HttpReply correct = Feedback(of + R"("score":)" + std::to_string(said.correct) + "}");
    EXPECT_EQ(correct.At("helpfulness"), std::to_string(said.helpful)) << correct.raw;
    EXPECT_EQ(correct.At("replaced"), "false");
  }
  EXPECT_NEAR(Trials("ada"), 4, 1e-5);
  EXPECT_NEAR(std::stod(server_.Get("/api/v1/profiles/ada").At("wins")), 3, 1e-5);
  const HttpReply all = server_.Get("/api/v1/feedback/summary");
  EXPECT_EQ(all.At("experts.0.expert"), "ada") << all.raw;
  EXPECT_EQ(all.At("experts.0.correctness"), R"({"judged":4,"sum":3})");
  EXPECT_EQ(all.At("experts.0.helpfulness"), R"({"judged":4,"sum":2})");
  EXPECT_EQ(all.At("all.both"), "4");
  EXPECT_NEAR(std::stod(all.At("all.correlation")), -0.57735, 1e-4);
  const HttpReply one = server_.Get("/api/v1/feedback?decision=" + last);
  EXPECT_EQ(one.At("data.0.score"), "1") << one.raw;
  EXPECT_EQ(one.At("data.0.helpfulness"), "1");
  EXPECT_EQ(one.At("data.1.decision"), "(absent)");
  EXPECT_EQ(server_.Get("/api/v1/feedback?limit=2").At("data.1.expert"), "ada");
  EXPECT_EQ(server_.Get("/api/v1/feedback?limit=2").At("data.2.expert"), "(absent)");
}

TEST_F(Profiles, MistakesInFeedbackAreNamed) {
  const std::string id = Ask("algebra-2");
  struct Wrong {
    std::string body;
    int status;
    const char* param;
  };
  const std::string of = R"({"decision":")" + id + R"(",)";
  for (const Wrong& wrong : std::vector<Wrong>{
           {of + R"("score":2})", 400, "score"},
           {of + R"("score":true})", 400, "score"},
           {of + R"("helpfulness":-1})", 400, "helpfulness"},
           {of + R"("skill":"algebra"})", 400, "score"},
           {of + R"("score":1,"skill":"algebbra"})", 400, "skill"},
           {of + R"("score":1,"expert":"clio"})", 400, "expert"},
           {of + R"("score":1,"stars":5})", 400, "stars"},
           {R"({"score":1})", 400, "decision"},
           {R"({"decision":"0123456789abcdef0123456789abcdef","score":1})", 404, "decision"},
           {R"({"request_id":"never","score":1})", 404, "request_id"}}) {
    const HttpReply refused = Feedback(wrong.body);
    EXPECT_EQ(refused.status, wrong.status) << wrong.body << refused.raw;
    EXPECT_EQ(refused.At("error.param"), wrong.param) << wrong.body << refused.body;
  }
  EXPECT_EQ(Trials("ada"), 0);
}

TEST_F(Profiles, ARequestThatNamedItsExpertCountsForWhatItsTextNeeds) {
  const std::string id = Ask("history-1", "clio");
  const HttpReply reply = Feedback(R"({"decision":")" + id + R"(","score":1})");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("expert"), "clio");
  EXPECT_EQ(reply.At("skills.0.skill"), "history");
  EXPECT_EQ(Feedback(R"({"decision":")" + id + R"(","score":1,"skill":"cooking"})").At("replaced"),
            "true");
  EXPECT_EQ(server_.Get("/api/v1/profiles/clio").At("trials"), "1");
}

TEST_F(Profiles, FeedbackFindsItsDecisionByRequestIdToo) {
  const HttpReply chat =
      server_.Post("/v1/chat/completions", ChatJson("auto", RecordedPrompt("algebra-2")),
                   {{"x-request-id", "mine-17"}});
  ASSERT_EQ(chat.status, 200) << chat.raw;
  const std::string request_id = chat.Header("x-request-id");
  const HttpReply reply = Feedback(R"({"request_id":")" + request_id + R"(","score":0})");
  EXPECT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("decision"), chat.Header("x-moerge-decision"));
}

TEST_F(Profiles, BadFeedbackInTheEndChangesWhoIsAsked) {
  ASSERT_EQ(
      server_
          .Post("/api/v1/experts",
                R"({"name":"bob","backend":"replay","model":"remy","skills":{"algebra":0.6}})")
          .status,
      201);
  EXPECT_EQ(Route("algebra-1"), "ada");
  for (int i = 0; i < 12; ++i) {
    const std::string id = Ask("algebra-2", "ada");
    ASSERT_EQ(Feedback(R"({"decision":")" + id + R"(","score":0})").status, 200);
  }
  EXPECT_EQ(Route("algebra-1"), "bob");
}

TEST_F(Profiles, AnExpertFromSamplesIsRoutableAtOnceAndProvisional) {
  EXPECT_NE(Route("cooking-1"), "remy");
  std::string samples;
  for (const char* row : {"cooking-1", "cooking-2", "cooking-3"}) {
    samples += (samples.empty() ? "" : ",") + Sample(RecordedPrompt(row), R"("score":1)");
  }
  const HttpReply added = server_.Post(
      "/api/v1/experts",
      R"({"name":"remy","backend":"replay","model":"remy","samples":[)" + samples + "]}");
  ASSERT_EQ(added.status, 201) << added.raw;
  EXPECT_EQ(added.At("provisional"), "true");
  const HttpReply route = server_.Post("/v1/route", ChatJson("auto", RecordedPrompt("cooking-1")));
  EXPECT_EQ(route.At("roster.0.expert"), "remy") << route.body;
  EXPECT_EQ(route.At("candidates.0.provisional"), "true");
  EXPECT_TRUE(Has(route.body, "right in cooking (onboarding ")) << route.body;
  EXPECT_TRUE(Has(route.body, "of 50 trials measured")) << route.body;
  EXPECT_EQ(Route("algebra-1"), "ada");
  const std::string measured = server_.Get("/api/v1/profiles/remy").At("trials");
  const HttpReply again =
      server_.Post("/api/v1/experts/remy/samples", "{\"samples\":[" + samples + "]}");
  ASSERT_EQ(again.status, 200) << again.raw;
  EXPECT_EQ(again.At("trials"), measured);  // the same samples
}

TEST_F(Profiles, EnoughSamplesEndTheProvisionalTime) {
  ASSERT_EQ(
      server_.Post("/api/v1/experts", R"({"name":"r","backend":"replay","model":"remy"})").status,
      201);
  std::string samples;
  for (int i = 0; i < 50; ++i) {
    samples += (samples.empty() ? "" : ",") +
               Sample("How long does dough rest? " + std::to_string(i),
                      R"("answer":"So it is (12).","reference":"12","skill":"cooking")");
  }
  const HttpReply reply =
      server_.Post("/api/v1/experts/r/samples", "{\"samples\":[" + samples + "]}");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("provisional"), "false");
  EXPECT_EQ(server_.Get("/api/v1/profiles/r").At("measured.0.wins"), "50");
  EXPECT_EQ(server_.Get("/api/v1/experts/r").At("provisional"), "false");
}

TEST_F(Profiles, ADescriptionAloneIsAWeakClaim) {
  const HttpReply added = server_.Post(
      "/api/v1/experts",
      R"({"name":"chef","backend":"replay","model":"remy",)"
      R"("description":"How do I make a sauce thicker? Which flour is best for pasta?"})");
  ASSERT_EQ(added.status, 201) << added.raw;
  const std::string strength = added.At("skills.cooking");
  ASSERT_NE(strength, "(absent)") << added.body;
  EXPECT_LE(std::stod(strength), 0.6);
  EXPECT_EQ(Route("cooking-1"), "chef");
}

TEST_F(Profiles, MistakesInSamplesAreNamed) {
  const auto refused = [&](const std::string& samples) {
    const HttpReply reply =
        server_.Post("/api/v1/experts",
                     R"({"name":"x","backend":"replay","model":"m","samples":)" + samples + "}");
    EXPECT_EQ(reply.status, 400) << samples << reply.raw;
    return reply.At("error.param");
  };
  EXPECT_EQ(refused("[]"), "samples");
  EXPECT_EQ(refused("{}"), "samples");
  EXPECT_EQ(refused(R"([{"prompt":"p","score":1},{"prompt":"p","score":1.5}])"),
            "samples[1].score");
  EXPECT_EQ(refused(R"([{"score":1}])"), "samples[0].prompt");
  EXPECT_EQ(refused(R"([{"prompt":"p"}])"), "samples[0].score");
  EXPECT_EQ(refused(R"([{"prompt":"p","score":1,"skill":"knitting"}])"), "samples[0].skill");
  EXPECT_EQ(refused(R"([{"prompt":"p","score":1,"scores":1}])"), "samples[0].scores");
  EXPECT_EQ(server_.Get("/api/v1/experts/x").status, 404);
  EXPECT_EQ(server_.Post("/api/v1/experts/nobody/samples", R"({"samples":[]})").status, 404);
}

TEST_F(Profiles, PricesAndWeightsThatAreNoNumbersAreRefused) {
  for (const char* price : {"-1", "1e999", "\"NaN\"", "null"}) {
    const HttpReply refused = server_.Post(
        "/api/v1/experts", R"({"name":"x","backend":"replay","model":"m","price":{"input":)" +
                               std::string(price) + "}}");
    EXPECT_EQ(refused.status, 400) << price << refused.raw;
    EXPECT_TRUE(Has(refused.body, "price") || Has(refused.body, "JSON")) << refused.body;
  }
  for (const char* weight : {"-0.5", "1e999"}) {
    const HttpReply refused = server_.Post(
        "/api/v1/policies", R"({"name":"p","price_weight":)" + std::string(weight) + "}");
    EXPECT_EQ(refused.status, 400) << weight << refused.raw;
  }
}

TEST_F(Profiles, RemovingAndAddingAnExpertLeavesOtherDecisionsAsTheyWere) {
  const std::string remy =
      R"({"name":"remy","backend":"replay","model":"remy","skills":{"cooking":0.9}})";
  const auto decisions = [&] {
    std::string all;
    for (const char* row : {"algebra-1", "algebra-3", "history-1", "history-2"}) {
      const HttpReply route = server_.Post("/v1/route", ChatJson("auto", RecordedPrompt(row)));
      all += route.At("demand.skills") + route.At("candidates.0") + route.At("roster") + "\n";
    }
    return all;
  };
  ASSERT_EQ(server_.Post("/api/v1/experts", remy).status, 201);
  const std::string id = Ask("cooking-1");
  ASSERT_EQ(Feedback(R"({"decision":")" + id + R"(","score":1})").status, 200);
  const std::string before = decisions();
  ASSERT_EQ(Call(server_.port(), "DELETE", "/api/v1/experts/remy").status, 200);
  EXPECT_EQ(decisions(), before);
  ASSERT_EQ(server_.Post("/api/v1/experts", remy).status, 201);
  EXPECT_EQ(decisions(), before);
  EXPECT_NEAR(Trials("remy"), 1, 1e-5);  // what was measured waited for it
}

TEST_F(Profiles, ATaskGivesARankedSetAndBecomesASkill) {
  std::string samples;
  for (int i = 0; i < 8; ++i) {
    const std::string right = std::string(1, static_cast<char>('A' + i % 4));
    samples += (i == 0 ? "" : ",") +
               Sample("Which herb goes with dish " + std::to_string(i) + "?",
                      R"("reference":")" + right + R"(","answers":{"ada":"A","clio":")" + right +
                          R"(","remy":")" + (i < 6 ? right : std::string("B")) + "\"}");
  }
  const std::string task = R"({"name":"herbs","experts":2,"samples":[)" + samples + "]";
  const HttpReply dry = server_.Post("/api/v1/tasks", task + R"(,"dry_run":true})");
  ASSERT_EQ(dry.status, 200) << dry.raw;
  EXPECT_EQ(dry.At("experts.0.expert"), "clio");
  EXPECT_EQ(dry.At("experts.1.expert"), "remy");
  EXPECT_TRUE(Has(dry.At("experts.0.reason"), "solves 8 of 8 samples")) << dry.body;
  EXPECT_EQ(dry.At("rejected.0.expert"), "ada");
  EXPECT_TRUE(Has(dry.At("rejected.0.reason"), "one and the same answer")) << dry.body;
  EXPECT_EQ(server_.Get("/api/v1/skills/herbs").status, 404);
  const HttpReply kept = server_.Post("/api/v1/tasks", task + "}");
  ASSERT_EQ(kept.status, 201) << kept.raw;
  EXPECT_EQ(server_.Get("/api/v1/skills/herbs").status, 200);
  EXPECT_EQ(server_.Get("/api/v1/profiles/clio").At("measured.0.sources.0.source"), "task:herbs");
  server_.AwaitTrained();
  const HttpReply route =
      server_.Post("/v1/route", ChatJson("auto", "Which herb goes with dish 77?"));
  EXPECT_EQ(route.At("demand.skills.0.skill"), "herbs") << route.body;
  EXPECT_EQ(route.At("roster.0.expert"), "clio") << route.body;
}

TEST_F(Profiles, WhatIsTakenForWhatIsCountedWithTheQuestionsOfTables) {
  const auto questions = [this] {
    const HttpReply reply = server_.Get("/api/v1/confusion");
    const auto document = json::Document::Parse(reply.body);
    std::map<std::string, std::int64_t> sums;
    for (const json::Value cell : document->root().Find("data").children()) {
      sums[std::string(StringAt(cell, "skill"))] += cell.Find("questions").AsInt().value_or(-1);
    }
    return sums;
  };
  EXPECT_EQ(server_.Get("/api/v1/confusion").At("skills.0.name"), "algebra");
  EXPECT_EQ(questions()["history"], 0);
  const std::string table =
      R"({"id":"1","prompt":"Who ruled?","category":"history","scores":{"ada":0.3}})"
      "\n"
      R"({"id":"2","prompt":"Who fell?","category":"history","scores":{"ada":0}})";
  ASSERT_EQ(server_.Post("/api/v1/profiles/import?source=t", table).status, 200);
  server_.AwaitTrained();
  EXPECT_EQ(questions()["history"], 2);
}

TEST_F(Profiles, WhatIsExportedComesBackByteForByte) {
  const std::string table =
      R"({"id":"1","prompt":"Who ruled?","category":"history","scores":{"ada":0.3,"clio":1}})"
      "\n"
      R"({"id":"2","prompt":"Who fell?","category":"history","scores":{"ada":0,"clio":0.1}})"
      "\n";
  ASSERT_EQ(server_.Post("/api/v1/profiles/import?source=import:t", table).status, 200);
  ASSERT_EQ(Feedback(R"({"decision":")" + Ask("algebra-2") + R"(","score":1})").status, 200);
  const HttpReply text = server_.Get("/api/v1/profiles/export?observations=true");
  ASSERT_EQ(text.status, 200);
  EXPECT_EQ(text.Header("content-type"), "application/x-ndjson");
  TestServer other(ThreeModels(UrlOf(*replay_)));
  const HttpReply report = other.Post("/api/v1/profiles/import?strict=true", text.body);
  ASSERT_EQ(report.status, 200) << report.raw;
  EXPECT_EQ(other.Get("/api/v1/profiles/export?observations=true").body, text.body);
  EXPECT_EQ(other.Get("/api/v1/profiles/clio").body, server_.Get("/api/v1/profiles/clio").body);
}

TEST_F(Profiles, ItemsAreLeftOutAtImportOrForgottenLater) {
  std::string table;
  for (int i = 1; i <= 4; ++i) {
    table += R"({"id":")" + std::to_string(i) +
             R"(","prompt":"Who ruled?","category":"history","scores":{"ada":1,"clio":0.5}})" +
             "\n";
  }
  ASSERT_EQ(server_.Post("/api/v1/profiles/import?source=t&exclude=2,3", table).status, 200);
  const auto measured = [&] {
    return server_.Get("/api/v1/profiles/clio").At("measured.0.trials");
  };
  EXPECT_EQ(measured(), "2");
  ASSERT_EQ(server_.Post("/api/v1/profiles/import?source=t", table).status, 200);
  EXPECT_EQ(measured(), "4");
  const HttpReply forgot =
      server_.Post("/api/v1/profiles/forget", R"({"source":"t","ids":["2","3","9"]})");
  ASSERT_EQ(forgot.status, 200) << forgot.raw;
  EXPECT_EQ(forgot.At("left"), "2");
  EXPECT_EQ(forgot.At("missing.0"), "9");
  EXPECT_EQ(measured(), "2");
  EXPECT_EQ(server_.Post("/api/v1/profiles/forget", R"({"source":"u","ids":["2"]})").status, 404);
}

TEST(ProfileKeys, AnyKeyGivesFeedbackAndEachCountsOnItsOwn) {
  const auto replay = StartReplay();
  TestServer server(ThreeModels(UrlOf(*replay)) +
                    "keys:\n  - {name: root, role: admin, sha256: " + Sha256Hex(kAdmin) +
                    "}\n  - {name: app, role: inference, sha256: " + Sha256Hex(kInference) + "}\n");
  const HttpReply chat = server.Post(
      "/v1/chat/completions", ChatJson("auto", RecordedPrompt("algebra-2")), Bearer(kInference));
  const std::string body =
      R"({"decision":")" + chat.Header("x-moerge-decision") + R"(","score":1})";
  EXPECT_EQ(server.Post("/api/v1/feedback", body).status, 401);
  EXPECT_EQ(server.Post("/api/v1/feedback", body, Bearer(kInference)).At("replaced"), "false");
  EXPECT_EQ(server.Post("/api/v1/feedback", body, Bearer(kAdmin)).At("replaced"), "false");
  EXPECT_EQ(server.Post("/api/v1/feedback", body, Bearer(kInference)).At("replaced"), "true");
  EXPECT_EQ(server.Get("/api/v1/profiles", Bearer(kInference)).status, 403);
}

TEST(ProfileText, FeedbackOnDecisionsWithoutTextTeachesNoText) {
  const auto replay = StartReplay();
  TestServer server(ThreeModels(UrlOf(*replay), "{url: memory, decisions: {keep_text: false}}"));
  const HttpReply chat = server.Chat("auto", RecordedPrompt("algebra-2"));
  const HttpReply reply =
      server.Post("/api/v1/feedback",
                  R"({"decision":")" + chat.Header("x-moerge-decision") + R"(","score":1})");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  const std::string text = server.Get("/api/v1/profiles/export?observations=true").body;
  EXPECT_TRUE(Has(text, R"("expert":"ada")")) << text;
  EXPECT_FALSE(Has(text, "observation")) << text;
}

TEST(ProfileStore, FeedbackSurvivesARestartAndIsStillReplaced) {
  const auto replay = StartReplay();
  const TempFolder folder;
  const std::string config = ThreeModels(UrlOf(*replay), "\"sqlite:" + folder.File("m.db") + "\"");
  std::string id;
  {
    TestServer server(config);
    id = server.Chat("auto", RecordedPrompt("algebra-2")).Header("x-moerge-decision");
    ASSERT_EQ(server.Post("/api/v1/feedback", R"({"decision":")" + id + R"(","score":1})").status,
              200);
  }
  TestServer server(config);
  EXPECT_NEAR(std::stod(server.Get("/api/v1/profiles/ada").At("trials")), 1, 1e-5);
  const HttpReply reply =
      server.Post("/api/v1/feedback", R"({"decision":")" + id + R"(","score":0})");
  EXPECT_EQ(reply.At("replaced"), "true") << reply.raw;
  EXPECT_NEAR(std::stod(server.Get("/api/v1/profiles/ada").At("trials")), 1, 1e-5);
}

class ProfileCommands : public ::testing::Test {
 protected:
  Finished Run(const std::vector<std::string>& arguments) const {
    return RunMoerge(arguments, folder_.File("."));
  }
  TempFolder folder_;
};

TEST_F(ProfileCommands, ImportShowExportForgetWithoutAServer) {
  folder_.Write(
      "m.yaml",
      "store: \"sqlite:m.db\"\nbackends: [{name: b, base_url: \"http://127.0.0.1:1/v1\"}]\n"
      "experts: [{name: ada, backend: b, model: ada, skills: {law: 0.7}}]\n");
  folder_.Write("t.jsonl", R"({"id":"1","prompt":"p","category":"law","scores":{"ada":1,"bo":0}})"
                           "\n"
                           R"({"id":"2","prompt":"q","category":"law","scores":{"ada":0,"bo":0}})"
                           "\n");
  ASSERT_EQ(Run({"profile", "import", "t.jsonl", "-c", "m.yaml"}).code, 0);
  const Finished shown = Run({"profile", "show", "ada", "-c", "m.yaml"});
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_TRUE(Has(shown.out, "import:t.jsonl")) << shown.out;
  EXPECT_TRUE(Has(shown.out, "declared (file)")) << shown.out;
  EXPECT_TRUE(Has(shown.out, "provisional")) << shown.out;
  const std::vector<std::string> out = {"profile", "export", "--observations", "-c", "m.yaml"};
  const Finished first = Run(out);
  folder_.Write("e.jsonl", first.out);
  ASSERT_EQ(Run({"profile", "import", "e.jsonl", "--strict", "--store", "sqlite:copy.db"}).code, 0);
  const Finished copy = Run({"profile", "export", "--observations", "--store", "sqlite:copy.db"});
  EXPECT_EQ(copy.out, first.out);
  ASSERT_EQ(Run({"profile", "forget", "import:t.jsonl", "--ids", "2", "-c", "m.yaml"}).code, 0);
  const Finished left = Run(out);
  EXPECT_TRUE(Has(left.out, R"("expert":"ada","skill":"law","source":"import:t.jsonl","wins":1,)"
                            R"("trials":1,)"))
      << left.out;
  EXPECT_FALSE(Has(left.out, R"("observation":"2")"));
}

TEST_F(ProfileCommands, AnExpertIsAddedFromAFileOfSamples) {
  const auto replay = StartReplay();
  const TestServer server(ThreeModels(UrlOf(*replay)));
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port());
  folder_.Write("s.jsonl", Sample(RecordedPrompt("cooking-1"), R"("score":1)") + "\n\n" +
                               Sample(RecordedPrompt("cooking-2"), R"("score":1)") + "\n");
  const std::vector<std::string> add = {"experts",   "add",     "remy",     "--backend", "replay",
                                        "--samples", "s.jsonl", "--server", url};
  const Finished added = Run(add);
  EXPECT_EQ(added.code, 0) << added.err;
  EXPECT_TRUE(Has(added.out, "provisional")) << added.out;
  EXPECT_TRUE(Has(Run({"experts", "list", "--server", url}).out, "enabled, provisional"));
  const Finished shown = Run({"profile", "show", "remy", "--server", url});
  EXPECT_TRUE(Has(shown.out, "onboarding")) << shown.out << shown.err;
  EXPECT_TRUE(Has(Run({"profile", "list", "--server", url}).out, "remy"));
  folder_.Write("bad.jsonl", Sample("p", R"("score":1)") + "\n{\n");
  const Finished bad = Run(
      {"experts", "add", "x", "--backend", "replay", "--samples", "bad.jsonl", "--server", url});
  EXPECT_NE(bad.code, 0);
  EXPECT_TRUE(Has(bad.err, "bad.jsonl: line 2")) << bad.err;
}

TEST_F(ProfileCommands, AStrictImportNamesFileAndLine) {
  folder_.Write("t.jsonl", R"({"id":"1","prompt":"p","category":"law","scores":{"ada":1,"bo":0}})"
                           "\n"
                           R"({"id":"2","prompt":"q","category":"law","scores":{"ada":7}})"
                           "\n"
                           R"({"id":"3","prompt":"q","category":"law","scores":{"ada":1}})"
                           "\n");
  const Finished strict =
      Run({"profile", "import", "t.jsonl", "--strict", "--store", "sqlite:p.db"});
  EXPECT_EQ(strict.code, 1);
  EXPECT_TRUE(Has(strict.err, "t.jsonl: line 2: `scores.ada` is 7")) << strict.err;
  const Finished lenient = Run({"profile", "import", "t.jsonl", "--store", "sqlite:p.db"});
  EXPECT_EQ(lenient.code, 0) << lenient.err;
  EXPECT_TRUE(Has(lenient.err, "1 of 3 rows are bad")) << lenient.err;
  EXPECT_TRUE(Has(lenient.err, "line 2: ")) << lenient.err;
  EXPECT_TRUE(Has(lenient.out, "2 rows learnt")) << lenient.out;
}

}  // namespace
}  // namespace moerge::test
