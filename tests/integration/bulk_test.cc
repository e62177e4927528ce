// Many requests in one.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/integration/grouped_model.h"
#include "tests/integration/harness.h"

namespace moerge::test {
namespace {

constexpr const char* kBulkModels[] = {"ada", "clio", "remy"};

std::string BulkOf(const std::vector<std::string>& requests) {
  std::string body = R"({"requests":[)";
  for (std::size_t i = 0; i < requests.size(); ++i) body += (i > 0 ? "," : "") + requests[i];
  return body + "]}";
}

class Bulks : public ::testing::Test {
 protected:
  std::string Config(const std::string& more) const {
    std::string yaml =
        "backends:\n  - {name: gpu, base_url: \"" + UrlOf(*replay_) + "\"" + more + "}\nexperts:\n";
    for (const char* model : kBulkModels) {
      yaml += std::string("  - {name: ") + model + ", backend: gpu, model: " + model +
              ", skills: {general: 0.5}}\n";
    }
    return yaml + kSmallSkills;
  }
  static ReplayOptions OneAtATime() {
    ReplayOptions options;
    options.slots = 1;
    options.load = std::chrono::milliseconds(5);
    return options;
  }

  std::unique_ptr<ReplayServer> replay_ = StartReplay(OneAtATime());
};

TEST_F(Bulks, AnswersAreInTheOrderOfTheRequests) {
  const TestServer server(Config(""));
  const HttpReply reply =
      server.Post("/api/v1/bulk", BulkOf({ChatJson("clio", RecordedPrompt("algebra-1")),
                                          ChatJson("ada", RecordedPrompt("algebra-2")),
                                          ChatJson("clio", RecordedPrompt("algebra-2"))}));
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.At("data.0.body.choices.0.message.content"), RecordedReply("algebra-1", "clio"));
  EXPECT_EQ(reply.At("data.1.body.choices.0.message.content"), RecordedReply("algebra-2", "ada"));
  EXPECT_EQ(reply.At("data.2.body.choices.0.message.content"), RecordedReply("algebra-2", "clio"));
  EXPECT_EQ(reply.At("data.2.index"), "2");
  EXPECT_EQ(reply.At("data.1.body.model"), "ada");
  EXPECT_EQ(reply.At("request_counts"), R"({"total":3,"completed":3,"failed":0})");
  // Each has a decision of its own.
  EXPECT_TRUE(
      Eventually([&] { return server.Get("/api/v1/decisions").At("data.2.outcome") == "ok"; }));
}

TEST_F(Bulks, OneThatFailsLeavesTheOthersAlone) {
  const TestServer server(Config(""));
  const HttpReply reply = server.Post(
      "/api/v1/bulk",
      BulkOf({"{}", ChatJson("nobody", "Hi"), ChatJson("ada", "Hi", R"("stream": true)"), "7",
              ChatJson("ada", RecordedPrompt("algebra-1"))}));
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.At("data.0.status"), "400");
  EXPECT_EQ(reply.At("data.0.body.error.param"), "model");
  EXPECT_EQ(reply.At("data.1.status"), "404");
  EXPECT_EQ(reply.At("data.1.body.error.code"), "model_not_found");
  EXPECT_EQ(reply.At("data.2.body.error.param"), "stream");
  EXPECT_EQ(reply.At("data.3.status"), "400");
  EXPECT_EQ(reply.At("data.4.status"), "200");
  EXPECT_EQ(reply.At("request_counts"), R"({"total":5,"completed":1,"failed":4})");
}

TEST_F(Bulks, WhatIsNoBulkIsRefusedByItsField) {
  const TestServer server(Config(""));
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{}", "requests"},
      {R"({"requests":[]})", "requests"},
      {R"({"requests":{}})", "requests"},
      {R"({"requests":[1],"model":"x"})", "model"},
      {"[]", "requests"}};
  for (const auto& [body, param] : cases) {
    const HttpReply reply = server.Post("/api/v1/bulk", body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_EQ(reply.At("error.param"), param) << body;
  }
  EXPECT_EQ(server.Post("/api/v1/bulk", "{").status, 400);
  EXPECT_EQ(server.Post("/api/v1/bulk", R"({"request":[]})").At("error.message"),
            "`request` is not a field here. Did you mean `requests`?");
}

// More than a backend's queue has room for: they wait all the same.
TEST_F(Bulks, LimitsOnWaitingDoNotCount) {
  const TestServer server(Config(", max_concurrency: 1, max_queue: 0, queue_timeout: 1ms"));
  const std::vector<std::string> requests(40, ChatJson("ada", RecordedPrompt("algebra-1")));
  const HttpReply reply = server.Post("/api/v1/bulk", BulkOf(requests));
  EXPECT_EQ(reply.At("request_counts"), R"({"total":40,"completed":40,"failed":0})") << reply.body;
}

TEST_F(Bulks, EachExpertIsLoadedOnce) {
  const TestServer server(Config(", max_concurrency: 4, residency: {kind: llama_swap}"));
  std::vector<std::string> requests;
  for (int i = 0; i < 60; ++i) {
    requests.push_back(ChatJson(kBulkModels[i % 3], RecordedPrompt("algebra-1")));
  }
  const HttpReply reply = server.Post("/api/v1/bulk", BulkOf(requests));
  EXPECT_EQ(reply.At("request_counts"), R"({"total":60,"completed":60,"failed":0})") << reply.body;
  EXPECT_EQ(replay_->device().loads(), 3) << "one for each expert that was used";
}

// All first calls of one expert over all requests, then those of the next, then the writers'.
TEST_F(Bulks, CallsOfSeveralExpertsForOneAnswerAreGroupedToo) {
  const TurnTakingModel device;
  const TestServer server(device.Config({"ada", "clio", "remy"}));
  for (const GroupedCase& each : kGroupedCases) {
    device.Forget();
    std::vector<std::string> requests;
    for (int i = 0; i < 60; ++i) requests.push_back(ChatJson(each.policy, "Question"));
    const HttpReply reply = server.Post("/api/v1/bulk", BulkOf(requests));
    EXPECT_EQ(reply.At("request_counts"), R"({"total":60,"completed":60,"failed":0})")
        << reply.body;
    device.ExpectTurns(each, 60);
  }
}

}  // namespace
}  // namespace moerge::test
