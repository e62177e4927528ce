// How long experts take: measured over real connections, used by ceilings and mappings, kept.
#include <gtest/gtest.h>

#include <cmath>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/integration/harness.h"
#include "tests/integration/scripted_model.h"

namespace moerge::test {
namespace {

// Answers wait here while it is closed.
class Barrier {
 public:
  void Close() { Set(false); }
  void Open() { Set(true); }
  void Pass() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }

 private:
  void Set(bool open) {
    const std::lock_guard lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
};

class Latencies : public ::testing::Test {
 protected:
  ~Latencies() override { barrier_.Open(); }

  std::string Config() const {
    return "store: \"sqlite:" + folder_.File("moerge.db") + "\"\nbackends:\n" +
           "  - {name: a, base_url: \"" + slow_.Url() + "\"}\n  - {name: b, base_url: \"" +
           quick_.Url() + "\", retries: 0}\nexperts:\n" +
           "  - {name: slow, backend: a, model: m, skills: {general: 0.9}, latency_ms: 1}\n" +
           "  - {name: quick, backend: b, model: m, skills: {general: 0.5}}\n" +
           "policies:\n  - {name: swift, recruiter: mapping,\n"
           "     options: {mapping.measure: latency}}\n" +
           kSmallSkills;
  }

  // The slow one's answer takes as long as ten of the quick one's together: more than twice as long
  // as all but the slowest of those.
  void Measure() {
    const int before = slow_.asked();
    barrier_.Close();
    std::thread waiting([this] { EXPECT_EQ(server_->Chat("slow", "Hi").status, 200); });
    EXPECT_TRUE(Eventually([&] { return slow_.asked() > before; }));
    for (int i = 0; i < 10; ++i) EXPECT_EQ(server_->Chat("quick", "Hi").status, 200);
    barrier_.Open();
    waiting.join();
  }

  double High(const std::string& expert) const {
    return std::stod(server_->Get("/api/v1/experts/" + expert).At("latency.high_ms"));
  }
  // What is between the two.
  std::string Ceiling() const { return std::to_string(std::sqrt(High("slow") * High("quick"))); }
  HttpReply Route(const std::string& ceiling) const {
    return server_->Post(
        "/v1/route", ChatJson("auto", "Hi", R"("moerge": {"max_latency_ms": )" + ceiling + "}"));
  }

  TempFolder folder_;
  Barrier barrier_;
  ScriptedModel slow_{[this](const std::string&) {
    barrier_.Pass();
    return Completion("slow");
  }};
  ScriptedModel quick_{
      [this](const std::string&) { return failing_ ? Failing(500) : Completion("quick"); }};
  std::atomic<bool> failing_ = false;
  std::unique_ptr<TestServer> server_ = std::make_unique<TestServer>(Config());
};

TEST_F(Latencies, WhatIsDeclaredCountsUntilSomethingWasMeasured) {
  EXPECT_EQ(server_->Get("/api/v1/experts/slow").At("latency.source"), "declared");
  EXPECT_EQ(server_->Get("/api/v1/experts/slow").At("latency.measured"), "null");
  EXPECT_EQ(server_->Get("/api/v1/experts/quick").At("latency.source"), "unknown");
  EXPECT_EQ(server_->Get("/api/v1/experts/arithmetic").At("latency.source"), "computed");
  EXPECT_EQ(Route("2").At("roster.0.expert"), "slow");
  EXPECT_EQ(Route("0.5").At("roster.0.expert"), "quick");
  Measure();
  const HttpReply slow = server_->Get("/api/v1/experts/slow");
  EXPECT_EQ(slow.At("latency.source"), "measured");
  EXPECT_EQ(slow.At("latency_ms"), "1");
  EXPECT_EQ(slow.At("latency.measured.answers"), "1");
  EXPECT_EQ(slow.At("latency.measured.first_chunk"), "null");
  EXPECT_EQ(server_->Get("/api/v1/experts/quick").At("latency.measured.answers"), "10");
  const std::string metrics = server_->Get("/metrics").body;
  for (const char* expert : {"slow", "quick"}) {
    EXPECT_NE(metrics.find("moerge_expert_latency_seconds{expert=\"" + std::string(expert) +
                           "\",quantile=\"0.9\"}"),
              std::string::npos);
  }
}

TEST_F(Latencies, ALimitExcludesTheSlow) {
  EXPECT_EQ(Route("1e9").At("roster.0.expert"), "slow");
  Measure();
  ASSERT_GT(High("slow"), High("quick"));
  const HttpReply reply = Route(Ceiling());
  EXPECT_EQ(reply.At("roster.0.expert"), "quick") << reply.body;
  EXPECT_EQ(reply.At("fallbacks"), "[]");
  EXPECT_NE(reply.body.find(R"("excluded":"latency_limit")"), std::string::npos) << reply.body;
  EXPECT_EQ(Route("1e9").At("roster.0.expert"), "slow");
  HttpReply again;
  EXPECT_TRUE(Eventually([&] {  // kept in the background
    again = server_->Post("/api/v1/decisions/" + reply.At("id") + "/replay", "");
    return again.status == 200;
  }));
  EXPECT_EQ(again.At("same_expert"), "true") << again.raw;
  EXPECT_NE(again.At("then.request.max_latency_ms"), "(absent)") << again.body;
}

TEST_F(Latencies, ALimitThatLeavesNoExpertNamesTheFastest) {
  Measure();
  const HttpReply reply = server_->Chat("auto", "Hi", R"("moerge": {"max_latency_ms": 0.01})");
  EXPECT_EQ(reply.status, 503) << reply.raw;
  EXPECT_EQ(reply.At("error.code"), "latency_limit");
  EXPECT_EQ(reply.At("error.param"), "moerge.max_latency_ms");
  EXPECT_NE(reply.At("error.message").find("the fastest that fits is quick"), std::string::npos)
      << reply.body;
}

TEST_F(Latencies, FailuresAreNotTimed) {
  failing_ = true;
  EXPECT_EQ(server_->Chat("quick", "Hi").status, 503);
  EXPECT_EQ(server_->Get("/api/v1/experts/quick").At("latency.source"), "unknown");
}

TEST_F(Latencies, AMappingByLatencyTakesWhatWasMeasured) {
  Measure();
  const std::string ceiling = Ceiling();
  const auto add = [&](const std::string& name, const std::string& budget) {
    return server_
        ->Post("/api/v1/policies",
               R"({"name":")" + name +
                   R"(","recruiter":"mapping","options":{"mapping.measure":"latency",)" +
                   R"("mapping.budget":")" + budget + R"("}})")
        .status;
  };
  ASSERT_EQ(add("hasty", ceiling), 201);
  ASSERT_EQ(add("patient", "1e9"), 201);
  ASSERT_EQ(add("absurd", "0.001"), 201);
  const HttpReply hasty = server_->Get("/api/v1/policies/hasty/mapping");
  ASSERT_EQ(hasty.status, 200) << hasty.raw;
  EXPECT_EQ(hasty.At("measure"), "latency");
  EXPECT_EQ(hasty.At("unit"), "ms");
  EXPECT_EQ(hasty.At("unknown"), "[]");
  EXPECT_LE(std::stod(hasty.At("cost")), std::stod(ceiling) * 1.000001);
  EXPECT_EQ(server_->Get("/api/v1/policies/patient/mapping").At("skills.0.expert"), "slow");
  const HttpReply absurd = server_->Get("/api/v1/policies/absurd/mapping");
  EXPECT_EQ(absurd.status, 400) << absurd.raw;
  EXPECT_EQ(absurd.At("error.param"), "options.mapping.budget");
}

TEST_F(Latencies, OutliveARestart) {
  Measure();
  const std::string revision = server_->Get("/api/v1/experts").At("revision");
  const std::string slow = server_->Get("/api/v1/experts/slow").At("latency");
  const std::string ceiling = Ceiling();
  server_.reset();
  server_ = std::make_unique<TestServer>(Config());
  EXPECT_EQ(server_->Get("/api/v1/experts/slow").At("latency"), slow);
  EXPECT_EQ(server_->Get("/api/v1/experts/quick").At("latency.measured.answers"), "10");
  EXPECT_EQ(server_->Get("/api/v1/experts").At("revision"), revision);
  EXPECT_EQ(Route(ceiling).At("roster.0.expert"), "quick");
}

TEST_F(Latencies, WrongDeclarationsAreNamed) {
  const auto add = [&](const std::string& latency) {
    return server_->Post("/api/v1/experts",
                         R"({"name":"x","backend":"a","model":"m","latency_ms":)" + latency + "}");
  };
  for (const char* wrong : {"-1", "1e9", "\"soon\"", "[5]"}) {
    const HttpReply reply = add(wrong);
    EXPECT_EQ(reply.status, 400) << wrong << reply.raw;
    EXPECT_EQ(reply.At("error.param"), "latency_ms") << wrong;
  }
  for (const char* wrong : {"-1", "0", "\"soon\"", "[5]"}) {
    EXPECT_EQ(Route(wrong).At("error.param"), "moerge.max_latency_ms") << wrong;
  }
  ASSERT_EQ(add("900").status, 201);
  const HttpReply given = server_->Get("/api/v1/experts/x");
  EXPECT_EQ(given.At("latency_ms"), "900");
  EXPECT_EQ(given.At("latency.typical_ms"), "900");
  EXPECT_EQ(Call(server_->port(), "PUT", "/api/v1/experts/x", given.body).status, 200);
}

TEST(LatencyOfStreams, TheFirstChunkIsTimedApart) {
  const std::unique_ptr<ReplayServer> replay = StartReplay();
  const TestServer server(
      "store: \"memory:\"\nbackends: [{name: replay, base_url: \"" + UrlOf(*replay) +
      "\"}]\nexperts: [{name: ada, backend: replay, model: ada}]\n" + kSmallSkills);
  const HttpReply reply = server.Chat("ada", RecordedPrompt("algebra-1"), R"("stream": true)");
  ASSERT_EQ(reply.Events().back(), "[DONE]") << reply.raw;
  const HttpReply expert = server.Get("/api/v1/experts/ada");
  EXPECT_EQ(expert.At("latency.measured.answers"), "1") << expert.body;
  EXPECT_EQ(expert.At("latency.measured.first_chunk.answers"), "1") << expert.body;
  EXPECT_NE(server.Get("/metrics").body.find("moerge_expert_first_chunk_seconds{expert=\"ada\""),
            std::string::npos);
}

}  // namespace
}  // namespace moerge::test
