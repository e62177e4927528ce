// Policies that bound what one expert takes of a client's requests.
#include <gtest/gtest.h>

#include <map>
#include <string>

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
