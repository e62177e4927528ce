// `moerge eval` as people and scripts meet it.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "config/base/json.h"
#include "config/base/text.h"
#include "tests/integration/harness.h"
#include "tests/integration/process.h"

namespace moerge::test {
namespace {

// A subject each for two specialists; `from` keeps the ids of two tables apart.
std::string SmallTable(int rows, int from = 0) {
  std::string lines;
  for (int i = from; i < from + rows; ++i) {
    const bool chess = i % 2 == 0;
    const int right = i % 10 == 0 || i % 10 == 1 ? 0 : 1;
    const std::string subject = chess ? "chess" : "biology";
    const std::string prompt = chess ? "Which rook takes the bishop on square "
                                     : "Which enzyme binds the protein in cell ";
    const auto pair = [&](int player, int biologist) {
      return R"({"player": )" + std::to_string(player) + R"(, "biologist": )" +
             std::to_string(biologist) + "}";
    };
    lines += R"({"id": "t)" + std::to_string(i) + R"(", "prompt": ")" + prompt + std::to_string(i) +
             R"(?", "category": ")" + subject + R"(", "scores": )" +
             (chess ? pair(right, 0) : pair(0, right)) +
             R"(, "cost": {"player": 4, "biologist": 1}})" + "\n";
  }
  return lines;
}

class EvalCommand : public ::testing::Test {
 protected:
  Finished Run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "eval");
    return RunMoerge(arguments, folder_.File("."));
  }
  std::string Read(const std::string& name) const {
    std::ifstream file(folder_.File(name));
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  TempFolder folder_;
};

TEST_F(EvalCommand, PrintsEveryBaselineAndWritesJsonAndAPlot) {
  folder_.Write("t.jsonl", SmallTable(120));
  const Finished done = Run({"--train", "t.jsonl", "--folds", "3", "--json", "out.json", "--svg",
                             "out.svg", "--axes", "--resamples", "200"});
  ASSERT_EQ(done.code, 0) << done.err;
  for (const char* name :
       {"random", "best-single", "prompt-length", "true-category", "oracle", "auto",
        "recruiter-task-level", "classifier-none", "auto experts.caution=1",
        "auto price_weight=0.067", "classifier-rules: rules: the words of each category's own name",
        "not judged: vote-5 experts.null=true, recorded answers"}) {
    EXPECT_TRUE(Has(done.out, name)) << name << "\n" << done.out;
  }
  const std::string json = Read("out.json");
  EXPECT_EQ(JsonAt(json, "questions"), "120");
  EXPECT_EQ(JsonAt(json, "folds"), "3");
  EXPECT_EQ(JsonAt(json, "leaderboard.0.name"), "random");
  EXPECT_EQ(JsonAt(json, "leaderboard.0.accuracy.mean"), "0.40000") << json.substr(0, 2000);
  EXPECT_EQ(JsonAt(json, "leaderboard.4.name"), "oracle");
  EXPECT_EQ(JsonAt(json, "leaderboard.4.accuracy.mean"), "0.80000");
  EXPECT_EQ(JsonAt(json, "leaderboard.0.axes.depth_granularity"), "model");
  EXPECT_TRUE(Has(Read("out.svg"), "</svg>"));
}

TEST_F(EvalCommand, EqualInputGivesEqualOutput) {
  folder_.Write("t.jsonl", SmallTable(80));
  const std::vector<std::string> words = {"--train",    "t.jsonl",    "--folds",          "2",
                                          "--no-times", "--policies", "recruiter-random", "--seed",
                                          "4"};
  const Finished once = Run(words);
  EXPECT_EQ(once.code, 0) << once.err;
  EXPECT_EQ(once.out, Run(words).out);
  EXPECT_TRUE(Has(once.out, "recruiter-random"));
  EXPECT_FALSE(Has(once.out, "recruiter-task-level"));  // not asked for
  EXPECT_TRUE(Has(once.out, "oracle"));                 // baselines are always there
}

TEST_F(EvalCommand, ATestTableAndPoliciesOfAFile) {
  folder_.Write("t.jsonl", SmallTable(80));
  folder_.Write("u.jsonl", SmallTable(20, 1000));
  folder_.Write("p.yaml", "policies:\n  - {name: thrifty, price_weight: 10}\n");
  const Finished done = Run({"--train", "t.jsonl", "--test", "u.jsonl", "--policies",
                             "p.yaml,none+task-level", "--json", "out.json"});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(Has(done.out, "20 questions")) << done.out;
  EXPECT_TRUE(Has(done.out, "none+task-level"));
  const std::string json = Read("out.json");
  EXPECT_EQ(JsonAt(json, "leaderboard.6.name"), "thrifty");
  EXPECT_EQ(JsonAt(json, "leaderboard.6.price"), "1.00000");  // the cheapest, whatever is asked
  EXPECT_EQ(JsonAt(json, "test"), "u.jsonl");
}

TEST_F(EvalCommand, ARowMayBeAskedForWithChanges) {
  folder_.Write("t.jsonl", SmallTable(80));
  const Finished done =
      Run({"--train", "t.jsonl", "--folds", "2", "--policies",
           "auto experts.abstain=0.99,none+task-level price_weight=10", "--json", "out.json"});
  ASSERT_EQ(done.code, 0) << done.err;
  const std::string json = Read("out.json");
  EXPECT_EQ(JsonAt(json, "leaderboard.6.name"), "auto experts.abstain=0.99");
  EXPECT_EQ(JsonAt(json, "leaderboard.6.abstained"), "1.00000");  // no expert is that sure
  EXPECT_EQ(JsonAt(json, "leaderboard.7.price"), "1.00000");
  EXPECT_TRUE(Has(done.out, "RIGHT OF THESE")) << done.out;
}

TEST_F(EvalCommand, WaysOfMakingOneAnswerAreCompared) {
  folder_.Write("t.jsonl", SmallTable(80));
  const Finished done =
      Run({"--train", "t.jsonl", "--folds", "2", "--aggregate", "cascade,race,vote,first",
           "--policies", "cascade cascade.max=1", "--json", "out.json", "--svg", "out.svg"});
  ASSERT_EQ(done.code, 0) << done.err;
  for (const char* part :
       {"cascade cascade.target=0.9", "not judged: race, recorded latencies",
        "not judged: vote-2, recorded answers", "Aggregates: by size, or target", "AURC"}) {
    EXPECT_TRUE(Has(done.out, part)) << part << "\n" << done.out;
  }
  const std::string json = Read("out.json");
  EXPECT_EQ(JsonAt(json, "leaderboard.5.name"), "auto");
  EXPECT_EQ(JsonAt(json, "leaderboard.5.risk_coverage.rows"), "80");
  EXPECT_EQ(JsonAt(json, "leaderboard.5.risk_coverage.curve.2.coverage"), "1.00000");
  EXPECT_EQ(JsonAt(json, "leaderboard.5.risk_coverage.curve.2.accuracy"),
            JsonAt(json, "leaderboard.5.accuracy.mean"));
  EXPECT_EQ(JsonAt(json, "leaderboard.6.name"), "cascade cascade.max=1");
  EXPECT_EQ(JsonAt(json, "leaderboard.7.name"), "cascade cascade.target=0.7");
  EXPECT_EQ(JsonAt(json, "curve_over_aggregate.0.series"), "first");
  EXPECT_EQ(JsonAt(json, "curve_over_aggregate.1.series"), "cascade");
  EXPECT_EQ(JsonAt(json, "curve_over_aggregate.1.setting"), "0.7");
  EXPECT_TRUE(Has(Read("out.svg"), "aggregates over price"));
}

TEST_F(EvalCommand, MistakesAreNamed) {
  folder_.Write("t.jsonl", SmallTable(40));
  folder_.Write("other.jsonl", R"({"id": "1", "prompt": "p", "scores": {"somebody": 1}})"
                               "\n");
  folder_.Write("bad.jsonl", SmallTable(40) + "{\"id\": \"x\"}\n" +
                                 R"({"id": "y", "prompt": "p", "scores": {"player": 3}})"
                                 "\n");
  const auto fails = [&](std::vector<std::string> words, std::vector<std::string> parts) {
    const Finished done = Run(std::move(words));
    EXPECT_EQ(done.code, 1) << done.out;
    for (const std::string& part : parts) EXPECT_TRUE(Has(done.err, part)) << part << done.err;
  };
  fails({"--train", "t.jsonl", "--test", "other.jsonl"},
        {"no expert in common", "biologist, player", "somebody"});
  fails({"--train", "t.jsonl", "--policies", "recruiter-rando"},
        {"`recruiter-rando`", "Did you mean", "recruiter-random", "recruiter-task-level"});
  fails({"--train", "t.jsonl", "--policies", "lexical+wizard"}, {"`wizard`", "task-level"});
  fails({"--train", "t.jsonl", "--policies", "auto experts.nul=true"}, {"experts.null"});
  fails({"--train", "t.jsonl", "--aggregate", "cascadde"}, {"`cascadde`", "cascade", "sampling"});
  fails({"--train", "t.jsonl", "--pool", "plaier"}, {"`plaier`", "player"});
  fails({"--train", "t.jsonl", "--pair", "player,nobody"}, {"`nobody`"});
  fails({"--train", "bad.jsonl", "--strict"}, {"bad.jsonl: line 41"});
  folder_.Write("heard.jsonl", R"({"id": "t0", "signals": {"embedding": [1, 2]}})"
                               "\n{\n");
  folder_.Write("elsewhere.jsonl", R"({"id": "z", "signals": {"embedding": [1, 2]}})"
                                   "\n");
  fails({"--train", "t.jsonl", "--signals", "heard.jsonl", "--strict"}, {"heard.jsonl: line 2"});
  fails({"--train", "t.jsonl", "--signals", "elsewhere.jsonl"}, {"no row has these ids"});
  fails({"--train", "gone.jsonl"}, {"gone.jsonl"});
  fails({"--train", "other.jsonl"}, {"folds"});
  const Finished lenient = Run({"--train", "bad.jsonl", "--folds", "2", "--policies", "auto"});
  EXPECT_EQ(lenient.code, 0) << lenient.err;
  EXPECT_TRUE(Has(lenient.err, "line 41")) << lenient.err;
  EXPECT_TRUE(Has(lenient.err, "line 42")) << lenient.err;
  EXPECT_TRUE(Has(lenient.err, "2 of 42 rows are bad")) << lenient.err;
  EXPECT_EQ(Run({"--folds", "3"}).code, 2);
  EXPECT_EQ(Run({"--train", "t.jsonl", "--folds", "1"}).code, 2);
}

// Real experts answer the questions of a file, and that is what their profiles say from then on.
TEST_F(EvalCommand, LiveMeasuresAPoolAndKeepsItsProfiles) {
  const auto replay = StartReplay();
  std::string yaml = "backends: [{name: gpu, base_url: \"" + UrlOf(*replay) + "\"}]\nexperts:\n";
  for (const char* model : {"ada", "clio"}) {
    yaml += std::string("  - {name: ") + model + ", backend: gpu, model: " + model + "}\n";
  }
  yaml += "  - {name: lost, backend: gpu, model: nobody}\n";
  const TestServer server(yaml + kSmallSkills);
  std::string questions;
  for (int i = 1; i <= 3; ++i) {
    for (int copy = 0; copy < 3; ++copy) {
      const std::string id = "algebra-" + std::to_string(i);
      std::string quoted;
      json::AppendQuoted(RecordedPrompt(id), &quoted);
      questions += R"({"id":")" + id + "-" + std::to_string(copy) + R"(","category":"algebra",)" +
                   R"("reference":")" +
                   (i == 1   ? "12"
                    : i == 2 ? "17"
                             : "nothing") +
                   R"(","prompt":)" + quoted + "}\n";
    }
  }
  const std::string file = folder_.Write("questions.jsonl", questions);
  const std::string address = "http://127.0.0.1:" + std::to_string(server.port());
  const Finished done =
      Run({"--live", file, "--server", address, "--folds", "2", "--resamples", "100", "--policies",
           "recruiter-best-single", "--at-once", "4", "--no-times"});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(Has(done.out, "kept as live:questions.jsonl; the results are in")) << done.out;
  EXPECT_TRUE(Has(done.err, "`lost` left 9 questions without an answer")) << done.err;
  std::map<std::string, std::string> right;
  for (const std::string_view line : Split(done.out, '\n')) {
    for (const char* expert : {"ada", "clio"}) {
      if (line.starts_with(expert) && right[expert].empty()) right[expert] = line;
    }
  }
  EXPECT_TRUE(Has(right["ada"], "6") && Has(right["ada"], "9")) << right["ada"];
  EXPECT_TRUE(Has(right["clio"], "0")) << right["clio"];
  EXPECT_TRUE(Has(server.Get("/api/v1/profiles/ada").body, "live:questions.jsonl"));
  EXPECT_TRUE(Has(Read("questions.jsonl.results.jsonl"), R"("scores":{"ada":1,"clio":0})"));
  EXPECT_EQ(Run({"--live", file, "--train", file}).code, 2);
  EXPECT_EQ(Run({}).code, 2);
  const Finished bad = Run({"--live", folder_.Write("bad.jsonl", "{}\n"), "--server", address});
  EXPECT_TRUE(Has(bad.err, "line 1: `id`, `prompt` and `reference` must be texts")) << bad.err;
}

}  // namespace
}  // namespace moerge::test
