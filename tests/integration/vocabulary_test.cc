// A vocabulary from free-form labels: proposed, reviewed, accepted, routed by; over real sockets.
#include <gtest/gtest.h>

#include "config/base/json.h"
#include "tests/integration/harness.h"
#include "tests/integration/process.h"
#include "tests/integration/scripted_model.h"
#include "tests/support/raw_client.h"

namespace moerge::test {
namespace {

constexpr const char* kPath = "/api/v1/vocabulary/proposals";
constexpr const char* kQuestion = "How far away is the comet that the telescope saw?";

// Two ways to say astronomy, two to say knitting, and one label of the name of a skill there is.
std::string Labels(std::string_view more = "") {
  return R"({"name":"spring","labels":[
    {"text":"Star gazing","count":5,"prompts":["Which comet does the telescope see tonight?",
      "How bright is the star near the comet?", "Which telescope shows the rings of the planet?"]},
    {"text":"gazing at stars","count":2,"prompts":["How far is the star from the planet?",
      "When is the comet next seen by telescope?", "Which planet is near the bright star?"]},
    {"text":"Knitting","count":4,"prompts":["Which needle suits the wool?",
      "How many stitches has the scarf in wool?", "How is a row of stitches purled?"]},
    {"text":"knitting wool","count":1,"prompts":["Which wool does the scarf need?",
      "Which needle purls the stitches?", "How is the scarf finished after the last row?"]},
    {"text":"history","count":3}])" +
         std::string(more) + "}";
}

class Vocabulary : public ::testing::Test {
 protected:
  std::string Config() const {
    return "store: \"sqlite:" + folder_.File("moerge.db") + "\"\nbackends: [{name: replay, " +
           "base_url: \"" + UrlOf(*replay_) + "\"}]\nexperts:\n" +
           "  - {name: ada, backend: replay, model: ada, skills: {general: 0.5}}\n" + kSmallSkills;
  }
  std::string Propose(std::string_view body) const {
    const HttpReply reply = server_->Post(kPath, body);
    EXPECT_EQ(reply.status, 201) << reply.raw;
    return std::string(kPath) + "/" + reply.At("id");
  }
  // The most probable skill of a request.
  std::string TopSkill(std::string_view prompt) const {
    const HttpReply reply = server_->Post("/v1/route", ChatJson("auto", prompt));
    EXPECT_EQ(reply.status, 200) << reply.raw;
    return reply.At("demand.skills.0.skill");
  }
  void Restart() {
    server_.reset();
    server_ = std::make_unique<TestServer>(Config());
  }

  TempFolder folder_;
  std::unique_ptr<ReplayServer> replay_ = StartReplay();
  std::unique_ptr<TestServer> server_ = std::make_unique<TestServer>(Config());
};

TEST_F(Vocabulary, AcceptedSkillsAreRoutedByAndProposedOnesAreNot) {
  const HttpReply proposed = server_->Post(kPath, Labels());
  ASSERT_EQ(proposed.status, 201) << proposed.raw;
  EXPECT_EQ(proposed.At("object"), "moerge.vocabulary_proposal");
  EXPECT_EQ(proposed.At("status"), "open");
  EXPECT_EQ(proposed.At("labels"), "5");
  EXPECT_EQ(proposed.At("skills.0.name"), "star gazing") << proposed.body;
  EXPECT_EQ(proposed.At("skills.0.count"), "7");
  EXPECT_EQ(proposed.At("skills.0.labels"), R"(["star gazing","gazing at stars"])");
  EXPECT_EQ(proposed.At("skills.1.name"), "knitting");
  const std::string path = std::string(kPath) + "/" + proposed.At("id");
  EXPECT_NE(TopSkill(kQuestion), "star gazing");
  EXPECT_EQ(server_->Get("/api/v1/skills/star%20gazing").status, 404);

  const std::string before = server_->Get("/api/v1/skills").At("revision");
  const HttpReply accepted =
      server_->Do("POST", path + "/accept", R"({"skills":["star gazing","knitting"]})");
  ASSERT_EQ(accepted.status, 200) << accepted.raw;
  EXPECT_EQ(std::stoi(accepted.At("revision")), std::stoi(before) + 1);
  EXPECT_EQ(accepted.At("status"), "open");
  EXPECT_EQ(accepted.At("skills.0.accepted"), "star gazing");
  EXPECT_EQ(server_->Get("/api/v1/skills/star%20gazing").At("origin"), "store");
  EXPECT_TRUE(Eventually([&] { return TopSkill(kQuestion) == "star gazing"; }));
  EXPECT_TRUE(Eventually([&] { return TopSkill("Which stitches do I purl?") == "knitting"; }));

  const HttpReply closed = server_->Do("POST", path + "/reject");
  EXPECT_EQ(closed.At("status"), "accepted") << closed.raw;
}

TEST_F(Vocabulary, NamesThatExistAreRefusedAndNothingOfItIsDone) {
  const std::string path = Propose(Labels());
  const HttpReply refused = server_->Do("POST", path + "/accept");
  EXPECT_EQ(refused.status, 409) << refused.raw;
  EXPECT_NE(refused.At("error.message").find("`history`"), std::string::npos) << refused.body;
  EXPECT_EQ(server_->Get("/api/v1/skills/knitting").status, 404);
  EXPECT_EQ(server_->Get(path).At("skills.0.accepted"), "null");
  // A skill of the file stays the file's.
  const HttpReply foreign =
      server_->Do("POST", path + "/accept", R"({"skills":[{"skill":"history","into":"history"}]})");
  EXPECT_EQ(foreign.status, 409) << foreign.raw;
  EXPECT_NE(foreign.At("error.message").find("configuration file"), std::string::npos);
  ASSERT_EQ(
      server_->Post("/api/v1/skills", R"({"name":"crafts","examples":["Sew a hem."]})").status,
      201);
  const HttpReply into =
      server_->Do("POST", path + "/accept", R"({"skills":[{"skill":"knitting","into":"crafts"}]})");
  ASSERT_EQ(into.status, 200) << into.raw;
  EXPECT_EQ(into.At("skills.1.accepted"), "crafts");
  EXPECT_EQ(server_->Get("/api/v1/skills/crafts").At("examples.0"), "Sew a hem.");
  EXPECT_NE(server_->Get("/api/v1/skills/crafts").At("examples.6"), "(absent)");
  EXPECT_EQ(server_->Get("/api/v1/skills/knitting").status, 404);
}

TEST_F(Vocabulary, ProposalsAreChangedBeforeTheyGoLive) {
  const std::string path = Propose(Labels());
  const HttpReply changed =
      server_->Do("PATCH", path, R"({"name":"summer","skills":[{"skill":"history","drop":true},
        {"skill":"star gazing","name":"astronomy","category":"science","description":"The sky"}]})");
  ASSERT_EQ(changed.status, 200) << changed.raw;
  EXPECT_EQ(changed.At("name"), "summer");
  EXPECT_EQ(changed.At("skills.0.name"), "astronomy");
  EXPECT_EQ(changed.At("left_out.0"), "history");
  const HttpReply wrong = server_->Do(
      "PATCH", path, R"({"name":"winter","skills":[{"skill":"knitting","name":"astronomy"}]})");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(wrong.At("error.param"), "skills[0].name");
  EXPECT_EQ(server_->Get(path).At("name"), "summer") << "all of a change or nothing";
  const HttpReply accepted = server_->Do("POST", path + "/accept");
  ASSERT_EQ(accepted.status, 200) << accepted.raw;
  EXPECT_EQ(accepted.At("status"), "accepted");
  EXPECT_EQ(server_->Get("/api/v1/skills/astronomy").At("category"), "science");
  EXPECT_EQ(server_->Do("PATCH", path, "{}").status, 409);
  EXPECT_EQ(server_->Do("POST", path + "/accept").status, 409);
  EXPECT_EQ(server_->Do("POST", path + "/reject").status, 409);
}

TEST_F(Vocabulary, ProposalsAndTheirSkillsOutliveARestart) {
  const std::string open = Propose(Labels());
  const std::string live = Propose(Labels());
  ASSERT_EQ(server_->Do("POST", live + "/accept", R"({"skills":["star gazing"]})").status, 200);
  const std::string before = server_->Get(open).body;
  const std::string list = server_->Get(kPath).body;
  Restart();
  EXPECT_EQ(server_->Get(open).body, before);
  EXPECT_EQ(server_->Get(kPath).body, list);
  EXPECT_EQ(server_->Get(live).At("skills.0.accepted"), "star gazing");
  EXPECT_EQ(TopSkill(kQuestion), "star gazing");
  EXPECT_EQ(server_->Do("POST", open + "/accept", R"({"skills":["knitting"]})").status, 200);
}

TEST_F(Vocabulary, ListsAreNewestFirstAndByStatus) {
  const std::string first = Propose(R"({"labels":["a"]})");
  const std::string second = Propose(R"({"labels":["b","c d"]})");
  EXPECT_EQ(server_->Do("POST", first + "/reject", "{}").At("status"), "rejected");
  const HttpReply all = server_->Get(kPath);
  EXPECT_EQ(std::string(kPath) + "/" + all.At("data.0.id"), second) << all.body;
  EXPECT_EQ(all.At("data.0.labels"), "2");
  EXPECT_EQ(all.At("data.1.status"), "rejected");
  const std::string by = std::string(kPath) + "?status=";
  EXPECT_EQ(server_->Get(by + "open").At("data.1"), "(absent)");
  EXPECT_EQ(server_->Get(by + "accepted").At("data"), "[]");
  EXPECT_EQ(server_->Get(by + "done").At("error.param"), "status");
  EXPECT_EQ(server_->Do("DELETE", first).At("removed"), "true");
  EXPECT_EQ(server_->Do("DELETE", first).status, 404);
  EXPECT_EQ(server_->Get(first).status, 404);
  EXPECT_EQ(server_->Do("PATCH", first, "{}").status, 404);
  EXPECT_EQ(server_->Do("POST", first + "/accept").status, 404);
}

TEST_F(Vocabulary, OpenProposalsAreBounded) {
  std::string last;
  for (int i = 0; i < 32; ++i) last = Propose(R"({"labels":["a"]})");
  const HttpReply refused = server_->Post(kPath, R"({"labels":["a"]})");
  EXPECT_EQ(refused.status, 409) << refused.raw;
  EXPECT_NE(refused.At("error.message").find("32"), std::string::npos);
  EXPECT_EQ(server_->Do("POST", last + "/reject").status, 200);
  EXPECT_EQ(server_->Post(kPath, R"({"labels":["a"]})").status, 201);
}

TEST_F(Vocabulary, WrongInputIsNamed) {
  struct Mistake {
    const char* body;
    const char* param;
  };
  for (const Mistake& mistake :
       {Mistake{R"({})", "labels"}, Mistake{R"({"labels":[{"txt":"a"}]})", "labels[0].txt"},
        Mistake{R"({"labels":["a"],"merge_at":2})", "merge_at"}}) {
    const HttpReply refused = server_->Post(kPath, mistake.body);
    EXPECT_EQ(refused.status, 400) << mistake.body << refused.raw;
    EXPECT_EQ(refused.At("error.param"), mistake.param) << refused.body;
  }
  EXPECT_EQ(server_->Post(kPath, "{").status, 400);
  const HttpReply silent = server_->Post(kPath, R"({"from":"decisions"})");
  EXPECT_EQ(silent.status, 409) << silent.raw;
  EXPECT_EQ(server_->Do("PUT", kPath).status, 405);
  std::string many;
  for (int i = 0; i < 2001; ++i) many += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\"";
  const HttpReply wide = server_->Post(kPath, "{\"labels\":[" + many + "]}");
  EXPECT_EQ(wide.status, 400);
  EXPECT_EQ(wide.At("error.param"), "labels");
}

TEST_F(Vocabulary, RequestsAreAnsweredWhileAProposalIsBuilt) {
  std::string labels;
  for (int i = 0; i < 1200; ++i) {
    labels += (i > 0 ? "," : "") + std::string(R"({"text":"label )") + std::to_string(i) +
              R"(","prompts":["about )" + std::to_string(i * 7919 % 1000) + " and " +
              std::to_string(i * 104729 % 977) + "\"]}";
  }
  // It is under way once a second one is refused; then others must not have to wait for it. Where
  // the second was first, or came when all was done, the slow one is sent again.
  EXPECT_TRUE(Eventually([&] {
    RawClient slow(server_->port());
    slow.Send(RequestBytes("POST", kPath, "{\"labels\":[" + labels + "]}"));
    const bool under_way = server_->Post(kPath, "x").status == 429;
    if (under_way) {
      EXPECT_EQ(server_->Chat("ada", RecordedPrompt("algebra-1")).status, 200);
    }
    return StatusOf(slow.ReadToEnd(std::chrono::seconds(60))) == 201 && under_way;
  }));
}

TEST_F(Vocabulary, TheCommandLineProposesAndAccepts) {
  const std::string url = "http://127.0.0.1:" + std::to_string(server_->port());
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "vocabulary");
    words.insert(words.end(), {"--server", url});
    return RunMoerge(words, folder_.File("."));
  };
  folder_.Write("rows.jsonl",
                R"({"text":"Star gazing","prompt":"Which comet does the telescope see?"})"
                "\n\n"
                R"({"text":"Star gazing","count":2,"prompts":["Is it a star or a planet?"]})"
                "\nKnitting\nKnitting\nhistory\n");
  folder_.Write("odd.jsonl", "fine\n{\"text\":\"a\",\"promt\":\"b\"}\n");
  const Finished proposed = run({"propose", "rows.jsonl", "--name", "spring", "--json"});
  ASSERT_EQ(proposed.code, 0) << proposed.err;
  const std::string id = JsonAt(proposed.out, "id");
  EXPECT_EQ(JsonAt(proposed.out, "skills.0.count"), "3") << proposed.out;
  EXPECT_EQ(JsonAt(proposed.out, "skills.0.examples.1"), "Which comet does the telescope see?");
  EXPECT_EQ(JsonAt(proposed.out, "skills.1.count"), "2");
  EXPECT_NE(run({"list"}).out.find(id), std::string::npos);
  EXPECT_EQ(JsonAt(run({"list", "--status", "accepted", "--json"}).out, "data"), "[]");
  EXPECT_NE(run({"show", id}).out.find("knitting"), std::string::npos);
  const Finished taken = run({"accept", id});
  EXPECT_EQ(taken.code, 1);
  EXPECT_NE(taken.err.find("`history`"), std::string::npos) << taken.err;
  const Finished accepted = run({"accept", id, "--only", "star gazing"});
  EXPECT_EQ(accepted.code, 0) << accepted.err;
  EXPECT_NE(accepted.out.find("accepted as star gazing"), std::string::npos) << accepted.out;
  const Finished into = run({"accept", id, "--only", "knitting", "--into", "knitting=star gazing"});
  EXPECT_EQ(into.code, 0) << into.err;
  EXPECT_EQ(run({"reject", id}).code, 0);
  EXPECT_EQ(run({"remove", id}).code, 0);
  EXPECT_EQ(run({"show", id}).code, 1);
  const Finished odd = run({"propose", "odd.jsonl"});
  EXPECT_EQ(odd.code, 1);
  EXPECT_NE(odd.err.find("odd.jsonl: line 2: `promt`"), std::string::npos) << odd.err;
  EXPECT_EQ(run({"propose"}).code, 2);
  EXPECT_EQ(run({"propose", "rows.jsonl", "--merge-at", "2"}).code, 2);
  EXPECT_EQ(run({"accept", id, "--into", "knitting"}).code, 2);
  EXPECT_EQ(run({"propose", "--from-decisions"}).code, 1);
}

// What a keyword model says of requests, where no skill has such a name.
TEST(VocabularyFromDecisions, KeywordsThatNameNoSkillBecomeOne) {
  const auto replay = StartReplay();
  ScriptedModel model{[](const std::string&) { return Completion("zymurgy"); }};
  const TestServer server("store: \"memory:\"\nbackends:\n  - {name: b, base_url: \"" +
                          UrlOf(*replay) + "\"}\n  - {name: k, base_url: \"" + model.Url() +
                          "\"}\nexperts:\n  - {name: ada, backend: b, model: ada, skills: "
                          "{general: 0.5}}\n  - {name: labeller, backend: k, model: m, skills: "
                          "{general: 0.01}}\npolicies:\n  - {name: kw, classifier: llm, options: "
                          "{llm.expert: labeller, llm.deadline_ms: 20000}}\n" +
                          kSmallSkills);
  for (const char* prompt : {"How does the wort ferment?", "Which yeast makes the beer dry?"}) {
    ASSERT_EQ(server.Post("/v1/route", ChatJson("moerge/kw", prompt)).status, 200);
  }
  const HttpReply proposed = server.Post(kPath, R"({"from":"decisions"})");
  ASSERT_EQ(proposed.status, 201) << proposed.raw;
  EXPECT_EQ(proposed.At("from"), "decisions");
  EXPECT_EQ(proposed.At("skills.0.name"), "zymurgy");
  EXPECT_EQ(proposed.At("skills.0.count"), "6");
  EXPECT_EQ(proposed.At("skills.0.examples"),
            R"(["How does the wort ferment?","Which yeast makes the beer dry?"])");
}

}  // namespace
}  // namespace moerge::test
