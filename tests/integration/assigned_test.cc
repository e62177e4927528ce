// Policies that assign the requests of a batch, or of a bulk request, together.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "config/base/hash.h"
#include "tests/integration/batch_lines.h"
#include "tests/integration/harness.h"

namespace moerge::test {
namespace {

// ada is the best for all.
class Assigned : public ::testing::Test {
 protected:
  std::string Config(const std::string& options) const {
    return "store: \"sqlite:" + folder_.File("moerge.db") +
           "\"\nbackends:\n  - {name: recorded, base_url: \"" + UrlOf(*replay_) +
           "\"}\nexperts:\n"
           "  - {name: ada, backend: recorded, model: ada, skills: {general: 0.9}}\n"
           "  - {name: clio, backend: recorded, model: clio, skills: {general: 0.6}}\n"
           "  - {name: remy, backend: recorded, model: remy, skills: {general: 0.5}}\n"
           "policies:\n  - {name: auto, options: {" +
           options + "}}\n" + kSmallSkills;
  }
  static std::string Question(int i) {
    return ChatJson("auto", RecordedPrompt(i % 2 == 0 ? "algebra-1" : "algebra-2"),
                    R"("user": "u)" + std::to_string(i) + "\"");
  }
  static std::string BulkBody(int count) {
    std::string body = R"({"requests":[)";
    for (int i = 0; i < count; ++i) body += (i > 0 ? "," : "") + Question(i);
    return body + "]}";
  }
  // Who answered how many.
  static std::map<std::string, int> AnsweredBy(const HttpReply& bulk, int count) {
    std::map<std::string, int> answered;
    for (int i = 0; i < count; ++i)
      ++answered[bulk.At("data." + std::to_string(i) + ".body.model")];
    return answered;
  }

  TempFolder folder_;
  std::unique_ptr<ReplayServer> replay_ = StartReplay();
};

TEST_F(Assigned, ABulkRequestIsBalanced) {
  const TestServer server(Config("batch.assign: balanced"));
  const HttpReply reply = server.Post("/api/v1/bulk", BulkBody(30));
  ASSERT_EQ(reply.At("request_counts"), R"({"total":30,"completed":30,"failed":0})") << reply.body;
  EXPECT_EQ(AnsweredBy(reply, 30),
            (std::map<std::string, int>{{"ada", 10}, {"clio", 10}, {"remy", 10}}));
  EXPECT_EQ(reply.At("moerge.assigned.requests"), "30");
  EXPECT_EQ(reply.At("moerge.assigned.rerouted"), "20");
  EXPECT_EQ(reply.At("moerge.assigned.over_capacity"), "0");
  EXPECT_EQ(reply.At("moerge.assigned.picked_by"), "[]");
  EXPECT_NE(reply.At("moerge.assigned.score_lost"), "0");
  // Alone, a request goes where it goes by itself.
  const HttpReply alone = server.Post("/v1/chat/completions", Question(0));
  EXPECT_EQ(alone.Header("x-moerge-expert"), "ada");
}

TEST_F(Assigned, PartsOfExpertsAreKept) {
  const TestServer server(Config("batch.assign: balanced, batch.part.ada: 4"));
  const HttpReply reply = server.Post("/api/v1/bulk", BulkBody(30));
  EXPECT_EQ(AnsweredBy(reply, 30),
            (std::map<std::string, int>{{"ada", 20}, {"clio", 5}, {"remy", 5}}));
}

TEST_F(Assigned, EachDecisionSaysWhereItWouldHaveGone) {
  const TestServer server(Config("batch.assign: expert_choice"));
  const HttpReply reply = server.Post("/api/v1/bulk", BulkBody(9));
  EXPECT_EQ(AnsweredBy(reply, 9),
            (std::map<std::string, int>{{"ada", 3}, {"clio", 3}, {"remy", 3}}));
  HttpReply decisions;
  ASSERT_TRUE(Eventually([&] {
    decisions = server.Get("/api/v1/decisions?limit=20");
    return decisions.At("data.8.outcome") == "ok";
  })) << decisions.body;
  int rerouted = 0;
  for (int i = 0; i < 9; ++i) {
    const std::string id = decisions.At("data." + std::to_string(i) + ".id");
    const HttpReply decision = server.Get("/api/v1/decisions/" + id);
    EXPECT_EQ(decision.At("signals.assignment.by"), "expert_choice") << decision.body;
    EXPECT_EQ(decision.At("signals.assignment.experts.0"), decision.At("expert"));
    const bool moved = decision.At("expert") != "ada";
    EXPECT_EQ(decision.At("signals.assignment.rerouted_from"), moved ? "ada" : "null");
    rerouted += moved ? 1 : 0;
  }
  EXPECT_EQ(rerouted, 6);
  EXPECT_EQ(std::to_string(rerouted), reply.At("moerge.assigned.rerouted"));
  int picked = 0;
  for (int i = 0; reply.At("moerge.assigned.picked_by." + std::to_string(i)) != "(absent)"; ++i) {
    picked += std::stoi(reply.At("moerge.assigned.picked_by." + std::to_string(i)));
  }
  EXPECT_EQ(picked, 9);
}

// And other clients' requests go where they go without it.
TEST_F(Assigned, ABatchIsBalancedAndNothingElseIs) {
  const std::string keys = "keys:\n  - {name: root, role: admin, sha256: " + Sha256Hex(kAdmin) +
                           "}\n  - {name: user, role: inference, sha256: " + Sha256Hex(kInference) +
                           "}\n";
  const TestServer server(keys + Config("batch.assign: balanced"));
  std::string input;
  for (int i = 0; i < 300; ++i) input += LineOf(std::to_string(i), Question(i));
  const std::string file = UploadBatchFile(server.port(), input, Bearer(kAdmin));
  const std::string id = CreateChatBatch(server.port(), file, Bearer(kAdmin));
  HttpReply batch;
  ASSERT_TRUE(Eventually([&] {
    const HttpReply other = server.Post("/v1/chat/completions", Question(1), Bearer(kInference));
    EXPECT_EQ(other.Header("x-moerge-expert"), "ada");
    batch = server.Get("/v1/batches/" + id, Bearer(kAdmin));
    return batch.At("status") == "completed";
  })) << batch.body;
  EXPECT_EQ(batch.At("request_counts"), R"({"total":300,"completed":300,"failed":0})");
  EXPECT_EQ(batch.At("moerge.experts"),
            R"([{"expert":"ada","planned":100,"answered":100,"failed":0},)"
            R"({"expert":"clio","planned":100,"answered":100,"failed":0},)"
            R"({"expert":"remy","planned":100,"answered":100,"failed":0}])");
  EXPECT_EQ(batch.At("moerge.assigned.rerouted"), "200");
}

}  // namespace
}  // namespace moerge::test
