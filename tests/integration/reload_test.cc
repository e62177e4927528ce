// A changed configuration file while requests run.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/integration/harness.h"

namespace moerge::test {
namespace {

std::string Config(const std::string& url, const std::string& expert,
                   const std::string& more = {}) {
  return "store: \"memory:\"\nbackends: [{name: replay, base_url: \"" + url +
         "\"}]\nexperts:\n  - {name: " + expert +
         ", backend: replay, model: ada, skills: {general: 0.5}}\n" + more + kSmallSkills;
}

class Reload : public ::testing::Test {
 protected:
  std::string Answerer() const {
    return server_.Chat("auto", RecordedPrompt("algebra-1")).At("moerge.expert");
  }

  std::unique_ptr<ReplayServer> replay_ = StartReplay();
  TestServer server_{Config(UrlOf(*replay_), "old")};
};

TEST_F(Reload, AChangedFileIsInForceWhenTheReplyComes) {
  EXPECT_EQ(Answerer(), "old");
  server_.WriteConfig(Config(UrlOf(*replay_), "new"));
  EXPECT_EQ(Answerer(), "old");
  const HttpReply reply = server_.Post("/api/v1/reload", "");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("reloaded"), "true");
  EXPECT_EQ(Answerer(), "new");
  EXPECT_EQ(server_.Chat("old", RecordedPrompt("algebra-1")).status, 404);
}

TEST_F(Reload, ABrokenFileLeavesTheOldOneInForceAndSaysWhereItIsBroken) {
  for (const std::string& more :
       {std::string("unknown_key: 1\n"),
        std::string("policies: [{name: auto, price_weight: -1}]\n"),
        std::string("keys: [{name: k, key_env: MOERGE_TEST_UNSET_VARIABLE}]\n"),
        std::string("a: [\n"), std::string("  - {name: other, backend: nowhere, model: m}\n")}) {
    SCOPED_TRACE(more);
    server_.WriteConfig(Config(UrlOf(*replay_), "new", more));
    const HttpReply reply = server_.Post("/api/v1/reload", "");
    EXPECT_EQ(reply.status, 400) << reply.raw;
    EXPECT_NE(reply.At("error.message"), "(absent)");
    EXPECT_EQ(Answerer(), "old");
  }
}

TEST_F(Reload, AFileThatIsGoneLeavesTheOldOneInForce) {
  std::filesystem::remove(server_.folder().File("moerge.yaml"));
  EXPECT_GE(server_.Post("/api/v1/reload", "").status, 400);
  EXPECT_EQ(Answerer(), "old");
}

TEST_F(Reload, ExpertsOfTheStoreStay) {
  ASSERT_EQ(server_.Post("/api/v1/experts", R"({"name":"mine","backend":"replay","model":"remy"})")
                .status,
            201);
  server_.WriteConfig(Config(UrlOf(*replay_), "new"));
  ASSERT_EQ(server_.Post("/api/v1/reload", "").status, 200);
  EXPECT_EQ(server_.Chat("mine", RecordedPrompt("algebra-1")).status, 200);
}

TEST_F(Reload, KeysAreAskedForFromThenOn) {
  EXPECT_EQ(server_.Get("/v1/models").status, 200);
  const std::string hash(64, 'a');
  server_.WriteConfig(
      Config(UrlOf(*replay_), "old", "keys: [{name: k, role: admin, sha256: " + hash + "}]\n"));
  ASSERT_EQ(server_.Post("/api/v1/reload", "").status, 200);
  EXPECT_EQ(server_.Get("/v1/models").status, 401);
}

TEST_F(Reload, RequestsThatRunMeanwhileAreAllAnswered) {
  const std::string prompt = RecordedPrompt("algebra-1");
  std::atomic<bool> go_on{true};
  std::atomic<int> asked{0};
  std::atomic<int> answered{0};
  std::vector<std::jthread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      while (go_on) {
        ++asked;
        answered += server_.Chat("auto", prompt).status == 200;
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    server_.WriteConfig(Config(UrlOf(*replay_), i % 2 == 0 ? "new" : "old"));
    EXPECT_TRUE(server_.app().Reload().ok());
  }
  go_on = false;
  clients.clear();
  EXPECT_EQ(answered, asked);
  EXPECT_GT(asked, 0);
}

}  // namespace
}  // namespace moerge::test
