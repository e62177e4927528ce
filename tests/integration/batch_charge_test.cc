// What is counted and charged of a batch's line that is tried again, or goes on after a restart:
// each call once.
#include <gtest/gtest.h>

#include <atomic>
#include <climits>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "tests/integration/batch_lines.h"
#include "tests/integration/harness.h"
#include "tests/integration/scripted_model.h"

namespace moerge::test {
namespace {

constexpr const char* kVoters[] = {"ada", "clio", "remy"};
constexpr double kCallCost = 0.012;  // of 10 tokens and 2
constexpr int kVotersTokens = 36;

class BatchCharge : public ::testing::Test {
 protected:
  std::string Config() const {
    std::string yaml = "store: \"sqlite:" + folder_.File("moerge.db") +
                       "\"\nbackends: [{name: b, base_url: \"" + model_.Url() + "\"}]\nexperts:\n";
    for (const char* expert : kVoters) {
      yaml += std::string("  - {name: ") + expert + ", backend: b, model: " + expert +
              ", price: {input: 1000, output: 1000}, skills: {general: 0.5}}\n";
    }
    return yaml +
           "policies:\n  - {name: all, experts: 3, aggregate: vote, "
           "options: {answers.minimum: 3, vote.numbers: median}}\n" +
           kSmallSkills;
  }
  static std::string Create(const TestServer& server) {
    const std::string input = LineOf("1", ChatJson("moerge/all", "What is six times seven?"));
    return CreateChatBatch(server.port(), UploadBatchFile(server.port(), input));
  }
  static HttpReply AwaitEnd(const TestServer& server, const std::string& id) {
    HttpReply batch;
    EXPECT_TRUE(Eventually([&] {
      batch = server.Get("/v1/batches/" + id);
      return batch.At("status") == "completed";
    })) << batch.body;
    return batch;
  }
  // Of all times that the line was asked: what is kept of them, which is what is charged.
  struct Sums {
    int decisions = 0;
    int ok = 0;
    int calls = 0;
    int tokens = 0;
    double cost = 0;
  };
  static Sums SumsOf(const TestServer& server) {
    Sums sums;
    const HttpReply reply = server.Get("/api/v1/decisions");
    for (; reply.At("data." + std::to_string(sums.decisions)) != "(absent)"; ++sums.decisions) {
      const std::string decision = "data." + std::to_string(sums.decisions);
      const auto number = [&](const char* key) { return std::stod(reply.At(decision + key)); };
      sums.ok += reply.At(decision + ".outcome") == "ok";
      sums.calls += static_cast<int>(number(".calls"));
      sums.tokens += static_cast<int>(number(".prompt_tokens") + number(".completion_tokens"));
      sums.cost += number(".cost_usd");
    }
    return sums;
  }
  // Replies beside the batch.
  int Kept() const {
    int kept = 0;
    std::error_code none;
    for (const auto& entry :
         std::filesystem::directory_iterator(folder_.File("moerge.db.files"), none)) {
      if (entry.path().filename().string().find("-calls-") == std::string::npos) continue;
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line) && !file.eof();) ++kept;
    }
    return kept;
  }
  // Calls of an expert, as the batch counts them: "answered/failed".
  static std::string CallsOf(const HttpReply& batch, std::string_view expert) {
    for (int i = 0; batch.At("moerge.experts." + std::to_string(i)) != "(absent)"; ++i) {
      const std::string place = "moerge.experts." + std::to_string(i);
      if (batch.At(place + ".expert") != expert) continue;
      return batch.At(place + ".answered") + "/" + batch.At(place + ".failed");
    }
    return "none";
  }
  std::optional<std::string> Answer(const std::string& body) {
    if (JsonAt(body, "model") != "remy" || left_-- <= 0) return Completion("The answer is 42");
    ++refused_;
    if (hangs_) return std::nullopt;
    return Failing(500);
  }
  void ExpectChargedOnce(const TestServer& server, const HttpReply& batch) {
    Sums sums;
    EXPECT_TRUE(Eventually([&] {  // written in the background
      sums = SumsOf(server);
      return sums.ok == 1;
    }));
    EXPECT_GE(sums.decisions, 2) << "it was asked again";
    EXPECT_NEAR(sums.cost, 3 * kCallCost, 1e-9);
    EXPECT_EQ(sums.tokens, kVotersTokens);
    for (const char* expert : {"ada", "clio"}) EXPECT_EQ(CallsOf(batch, expert), "1/0");
    const std::string line =
        server.Get("/v1/files/" + batch.At("output_file_id") + "/content").body;
    EXPECT_EQ(JsonAt(line, "response.body.usage.total_tokens"), std::to_string(kVotersTokens))
        << "what the answer took in all";
    EXPECT_NE(JsonAt(line, "moerge.calls").find(R"({"expert":"ada","answered":1,"failed":0})"),
              std::string::npos)
        << line;
  }

  TempFolder folder_;
  std::atomic<int> left_ = 0;  // calls of one expert that are not answered
  std::atomic<int> refused_ = 0;
  std::atomic<bool> hangs_ = false;
  ScriptedModel model_{[this](const std::string& request) { return Answer(BodyIn(request)); }};
};

TEST_F(BatchCharge, ALineThatIsTriedAgainIsChargedOnce) {
  left_ = 4;  // more than one try of the line makes of it
  const TestServer server(Config());
  const HttpReply batch = AwaitEnd(server, Create(server));
  ExpectChargedOnce(server, batch);
  EXPECT_EQ(CallsOf(batch, "remy"), "1/" + std::to_string(refused_)) << batch.body;
  EXPECT_EQ(model_.asked(), 3 + refused_);
}

// What was charged before a stop is not charged again by the process that goes on.
TEST_F(BatchCharge, ALineThatGoesOnAfterAStopIsChargedOnce) {
  left_ = INT_MAX;
  hangs_ = true;
  std::string id;
  {
    const TestServer server(Config());
    id = Create(server);
    ASSERT_TRUE(Eventually([&] { return refused_ == 1 && Kept() == 2; }));
  }
  left_ = 0;
  const TestServer server(Config());
  const HttpReply batch = AwaitEnd(server, id);
  ExpectChargedOnce(server, batch);
  EXPECT_EQ(CallsOf(batch, "remy"), "1/0") << batch.body;
  EXPECT_EQ(model_.asked(), 4) << "the one that was broken off is made again";
}

}  // namespace
}  // namespace moerge::test
