// Policies that bound what one expert takes of a client's requests.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "config/base/hash.h"
#include "tests/integration/harness.h"

namespace moerge::test {
namespace {

class Balanced : public ::testing::Test {
 protected:
  std::string Config(const std::string& options) const {
    std::string yaml = "backends:\n  - {name: recorded, base_url: \"" + UrlOf(*replay_) +
                       "\"}\nexperts:\n"
                       "  - {name: ada, backend: recorded, model: ada, skills: {general: 0.9}}\n"
                       "  - {name: clio, backend: recorded, model: clio, skills: {general: 0.6}}\n"
                       "policies:\n  - {name: auto, options: {" +
                       options + "}}\n";
    return yaml + kSmallSkills;
  }
  // Who answers, how often; "429" for what is refused.
  static std::map<std::string, int> AskMany(const TestServer& server, int count,
                                            const Headers& headers = {}) {
    std::map<std::string, int> answered;
    for (int i = 0; i < count; ++i) {
      const HttpReply reply = server.Post("/v1/chat/completions",
                                          ChatJson("auto", RecordedPrompt("algebra-1")), headers);
      EXPECT_TRUE(reply.status == 200 || reply.status == 429) << reply.body;
      if (reply.status == 429) {
        EXPECT_EQ(reply.At("error.code"), "capacity") << reply.body;
        EXPECT_EQ(reply.Header("retry-after"), "1");
      }
      ++answered[reply.status == 200 ? reply.Header("x-moerge-expert") : "429"];
    }
    return answered;
  }
  std::unique_ptr<ReplayServer> replay_ = StartReplay();
};

TEST_F(Balanced, WithoutABoundTheBestTakesAll) {
  const TestServer server(Config(""));
  EXPECT_EQ(AskMany(server, 10), (std::map<std::string, int>{{"ada", 10}}));
}

TEST_F(Balanced, WhatIsTooMuchGoesToTheNextAndEveryRequestIsAnswered) {
  const TestServer server(Config("balance.capacity: 1.2, balance.window: 20"));
  auto answered = AskMany(server, 60);
  EXPECT_EQ(answered["ada"] + answered["clio"], 60);
  EXPECT_GE(answered["clio"], 20);
  EXPECT_GE(answered["ada"], 30);
}

TEST_F(Balanced, ABiasEvensTheLoad) {
  const TestServer server(Config("balance.step: 0.1, balance.window: 20"));
  AskMany(server, 40);
  auto answered = AskMany(server, 40);
  EXPECT_NEAR(answered["ada"], 20, 6);
}

TEST_F(Balanced, WhatIsTooMuchIsRefusedIfThePolicySaysSo) {
  const TestServer server(
      Config("balance.capacity: 1, balance.window: 20, balance.overflow: refuse"));
  auto answered = AskMany(server, 10);
  EXPECT_GE(answered["429"], 1);
  EXPECT_GE(answered["ada"], 1);
  EXPECT_EQ(answered["clio"], 0);
}

// Requests that favour one expert by a Zipf law, many at once, at experts with two places each.
struct OverflowCase {
  const char* name;
  const char* options;
  bool bounded;
  bool refuses;
};

class Overflow : public ::testing::TestWithParam<OverflowCase> {
 protected:
  static constexpr int kClients = 8;
  static constexpr int kEach = 30;

  static std::unique_ptr<ReplayServer> Stub() {
    ReplayOptions options;
    options.latency = std::chrono::milliseconds(2);
    return StartReplay(options);
  }
  std::string Config() const {
    std::string yaml = "backends:\n";
    for (const char* name : {"ada", "clio", "remy"}) {
      yaml += std::string("  - {name: ") + name + ", base_url: \"" + UrlOf(*stub_) +
              "\", max_concurrency: 2, queue_timeout: 60s}\n";
    }
    yaml += "experts:\n";
    const std::map<std::string, std::string> best = {
        {"ada", "algebra"}, {"clio", "history"}, {"remy", "cooking"}};
    for (const auto& [name, skill] : best) {
      yaml += "  - {name: " + name + ", backend: " + name + ", model: " + name +
              ", skills: {general: 0.3, " + skill + ": 0.9}}\n";
    }
    return yaml + "policies:\n  - {name: auto, options: {" + GetParam().options + "}}\n" +
           kSmallSkills;
  }
  // Subjects by a Zipf law: 6, 3 and 2 of eleven.
  static std::string Prompt(int number) {
    const int place = number % 11;
    const std::string subject = place < 6 ? "algebra-" : place < 9 ? "history-" : "cooking-";
    return RecordedPrompt(subject + std::to_string(1 + number % 6));
  }
  void Count(const HttpReply& reply) {
    if (reply.status == 200) {
      const std::lock_guard lock(mutex_);
      ++answered_[reply.Header("x-moerge-expert")];
      return;
    }
    EXPECT_EQ(reply.status, 429) << reply.body;
    EXPECT_EQ(reply.At("error.code"), "capacity") << reply.body;
    EXPECT_EQ(reply.Header("retry-after"), "1");
    ++refused_;
  }

  std::unique_ptr<ReplayServer> stub_ = Stub();
  std::mutex mutex_;
  std::map<std::string, int> answered_;
  std::atomic<int> refused_ = 0;
};

INSTANTIATE_TEST_SUITE_P(
    Policies, Overflow,
    ::testing::Values(OverflowCase{"unbounded", "", false, false},
                      OverflowCase{"reroute", "balance.capacity: 1.2, balance.window: 60", true,
                                   false},
                      OverflowCase{"refuse",
                                   "balance.capacity: 1.2, balance.window: 60, "
                                   "balance.overflow: refuse",
                                   true, true}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_P(Overflow, LosesNoRequestAndSaysOfEachItDropsThatItDoes) {
  const TestServer server(Config());
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([this, &server, i] {
      for (int k = 0; k < kEach; ++k) Count(server.Chat("auto", Prompt(i * kEach + k)));
    });
  }
  for (std::thread& client : clients) client.join();
  int answers = 0;
  int busiest = 0;
  for (const auto& [expert, count] : answered_) {
    answers += count;
    busiest = std::max(busiest, count);
  }
  EXPECT_EQ(answers + refused_, kClients * kEach);
  EXPECT_EQ(stub_->requests(), static_cast<std::uint64_t>(answers)) << "each was asked once";
  EXPECT_EQ(refused_ > 0, GetParam().refuses);
  // 1.2 of an equal share of three experts, and what the window's begin lets through.
  // Unbounded one takes 6 of 11.
  const int most = kClients * kEach * 2 / 5 + 12;
  EXPECT_EQ(busiest <= most, GetParam().bounded) << busiest;
}

// One client's flood leaves another's routes as they are, if clients are balanced apart.
TEST_F(Balanced, ClientsAreBalancedApart) {
  const std::string keys = "keys:\n  - {name: root, role: admin, sha256: " + Sha256Hex(kAdmin) +
                           "}\n  - {name: user, role: inference, sha256: " + Sha256Hex(kInference) +
                           "}\n";
  const auto routes = [&](const std::string& isolation, int flood) {
    const TestServer server(keys + Config("balance.capacity: 1.2, balance.window: 20, "
                                          "balance.isolation: " +
                                          isolation));
    AskMany(server, flood, Bearer(kAdmin));
    std::string line;
    for (int i = 0; i < 20; ++i) line += AskMany(server, 1, Bearer(kInference)).begin()->first[0];
    return line;
  };
  EXPECT_EQ(routes("tenant", 30), routes("tenant", 0));
  EXPECT_NE(routes("none", 30), routes("none", 0)) << "otherwise this shows nothing";
}

}  // namespace
}  // namespace moerge::test
