// Signals recorded beforehand, and what policies that need them make of them.
#include "router/evaluate/recorded_signals.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "config/base/random.h"
#include "router/classify/embedding_vector.h"
#include "router/evaluate/leaderboard.h"
#include "router/evaluate/split.h"
#include "tests/router/evaluate/evaluate_fixture.h"

namespace moerge {
namespace {

std::string Why(RecordedSignals& signals, std::string_view line) {
  const Status added = signals.Add(line);
  return added ? std::string() : added.error().message;
}

TEST(RecordedSignals, AreReadAsDecisionsBringThem) {
  RecordedSignals signals;
  const EmbeddingVector vector = {127, -3, 5};
  ASSERT_TRUE(signals.Add(R"({"id":"a","signals":{"embedding":{"dimensions":3,"vector":")" +
                          EncodeVector(vector) +
                          R"("},"keywords":{"answers":2,"counts":[{"keyword":"chess","count":2}]},)"
                          R"("bids":[{"expert":"ada","bid":70,"z":1.5}]}})"));
  const Signals* found = signals.Find("a");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->embedding, vector);
  EXPECT_EQ(found->keywords->keywords.front().text, "chess");
  EXPECT_EQ(found->bids.front().z, 1.5);
  for (const char* each : {"embedding", "llm", "auction"}) EXPECT_EQ(signals.CountFor(each), 1u);
  EXPECT_EQ(signals.CountFor("lexical"), 0u);
  EXPECT_EQ(signals.Find("b"), nullptr);
}

TEST(RecordedSignals, VectorsMayBePlainNumbers) {
  RecordedSignals signals;
  ASSERT_TRUE(signals.Add(R"({"id":"a","signals":{"embedding":[0.5,-0.25]}})"));
  EXPECT_EQ(signals.Find("a")->embedding, (EmbeddingVector{127, -64}));
}

TEST(RecordedSignals, ABidCountsByWhatItsExpertBidBefore) {
  RecordedSignals signals;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(signals.Add(R"({"id":")" + std::to_string(i) +
                            R"(","signals":{"bids":[{"expert":"ada","bid":95},)"
                            R"({"expert":"clio","bid":40}]}})"));
  }
  ASSERT_TRUE(signals.Add(R"({"id":"x","signals":{"bids":[{"expert":"ada","bid":95},)"
                          R"({"expert":"clio","bid":80}]}})"));
  const std::vector<Bid>& bids = signals.Find("x")->bids;
  EXPECT_LT(bids[0].z, bids[1].z) << "one that is always sure wins nothing by it";
}

TEST(RecordedSignals, SayWhatIsWrongWithALine) {
  RecordedSignals signals;
  ASSERT_TRUE(signals.Add(""));
  ASSERT_TRUE(signals.Add(R"({"id":"a","signals":{"embedding":[1,2]}})"));
  EXPECT_NE(Why(signals, "{").find("not JSON"), std::string::npos);
  for (const char* line : {"[]", R"({"id":"b"})", R"({"id":"","signals":{}})", R"({"signals":{}})",
                           R"({"id":"b","signals":[]})"}) {
    EXPECT_NE(Why(signals, line).find("moerge record"), std::string::npos) << line;
  }
  EXPECT_NE(Why(signals, R"({"id":"a","signals":{}})").find("seen before"), std::string::npos);
  EXPECT_NE(Why(signals, R"({"id":"b","signals":{"embedding":[1,2,3]}})").find("3 dimensions"),
            std::string::npos);
  for (const char* vector : {"[]", "[\"x\"]", "[0,0]", "{}", R"({"vector":"*"})", "7"}) {
    EXPECT_NE(Why(signals, R"({"id":"b","signals":{"embedding":)" + std::string(vector) + "}}"), "")
        << vector;
  }
  for (const char* bid : {R"({"expert":"ada","bid":101})", R"({"bid":5})", "7"}) {
    EXPECT_NE(Why(signals, R"({"id":"b","signals":{"bids":[)" + std::string(bid) + "]}}"), "")
        << bid;
  }
  EXPECT_EQ(signals.size(), 1u);
}

// Vectors that tell the subjects apart, a keyword model that is right, experts that know whether
// they are right.
RecordedSignals Telling(const std::vector<TableRow>& rows) {
  Random random(3);
  RecordedSignals signals;
  for (const TableRow& row : rows) {
    const bool chess = row.category == "chess";
    std::string line = R"({"id":")" + row.id + R"(","signals":{"embedding":[)";
    line += (chess ? "1,0," : "0,1,") + std::to_string(random.Uniform());
    line += R"(],"keywords":{"answers":3,"counts":[{"keyword":")" + row.category;
    line += R"(","count":3}]},"bids":[)";
    for (std::size_t i = 0; i < row.scores.size(); ++i) {
      line += std::string(i == 0 ? "" : ",") + R"({"expert":")" + row.scores[i].first;
      line += R"(","bid":)" + std::string(row.scores[i].second > 0 ? "90}" : "20}");
    }
    EXPECT_TRUE(signals.Add(line + "]}}"));
  }
  return signals;
}

// Nothing in the words tells the subjects apart, so that what is gained comes from the signals.
std::vector<TableRow> Mute(std::vector<TableRow> rows) {
  Random random(11);
  for (TableRow& row : rows) {
    row.prompt = "Which one is it in case " + std::to_string(random.Below(1'000'000)) + "?";
  }
  return rows;
}

TEST(RecordedSignals, ClassifiersThatAskTheOutsideStandOnTheLeaderboard) {
  EvaluationTask task;
  task.rows = Mute(test::TwoSubjects(900));
  task.folds = GroupedFolds(task.rows, 3, 1);
  task.experts = {"biologist", "generalist", "player"};
  TableTraits traits = TraitsOf(task.rows, task.experts);
  traits.vectors = true;
  task.contestants = StandardContestants({}, traits);
  task.signals = Telling(task.rows);
  task.resamples = 200;
  const Result<Leaderboard> board = Evaluate(std::move(task));
  ASSERT_TRUE(board.ok());
  double plain = 0;
  std::map<std::string, const Standing*> rows;
  for (const Standing& each : board->standings) {
    rows[each.contestant.name] = &each;
    if (each.contestant.name == "auto") plain = each.score.mean;
  }
  const std::pair<const char*, double> gains[] = {
      {"classifier-embedding", 0.1},
      {"classifier-embedding embedding.head=centroid", 0.1},
      {"classifier-embedding embedding.head=knn", 0.1},
      {"classifier-llm", 0.1},
      {"classifier-auction", 0.03},  // a bid moves little
  };
  for (const auto& [name, gain] : gains) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(rows.contains(name));
    const Standing& row = *rows.at(name);
    EXPECT_GT(row.score.mean, plain + gain);
    EXPECT_NE(row.contestant.note.find("900 questions"), std::string::npos);
    EXPECT_TRUE(std::isnan(row.summary.same_under_typos)) << "that was not recorded";
  }
  EXPECT_GT(rows.at("classifier-embedding")->summary.category_accuracy, 0.99);
  EXPECT_GT(rows.at("classifier-llm")->summary.category_accuracy, 0.99);
}

}  // namespace
}  // namespace moerge
