// An expert that takes every request and never says a byte, beside one that is well.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "tests/integration/harness.h"
#include "tests/integration/scripted_model.h"

namespace moerge::test {
namespace {

constexpr const char* kAnswer =
    R"({"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]})";
constexpr const char* kRequest =
    R"({"model":"auto","messages":[{"role":"user","content":"What is algebra?"}]})";

class BlackHole : public ::testing::Test {
 protected:
  bool IsAvoided() const {
    return server_->Get("/api/v1/backends/hole").At("condition.avoided") == "true";
  }
  HttpReply Ask(const Headers& headers = {}) const {
    HttpReply reply = server_->Post("/v1/chat/completions", kRequest, headers);
    EXPECT_EQ(reply.status, 200) << reply.raw;
    EXPECT_EQ(reply.Header("x-moerge-expert"), "second");
    return reply;
  }

  const ScriptedModel hole_{[](const std::string&) { return std::optional<std::string>(); }};
  const ScriptedModel sound_{[](const std::string&) { return std::optional(OkReply(kAnswer)); }};
  std::unique_ptr<TestServer> server_ = std::make_unique<TestServer>(
      "store: \"memory:\"\nbackends:\n  - {name: hole, retries: 0, base_url: \"" + hole_.Url() +
      "\"}\n  - {name: sound, base_url: \"" + sound_.Url() +
      "\"}\nexperts:\n"
      "  - {name: first, backend: hole, model: m, skills: {general: 0.9}}\n"
      "  - {name: second, backend: sound, model: m, skills: {general: 0.4}}\n" +
      kSmallSkills);
};

TEST_F(BlackHole, IsTriedBesideClientsAndLetsTheServerEnd) {
  for (int i = 0; i < 20 && !IsAvoided(); ++i) Ask({{"x-moerge-timeout-ms", "900"}});
  ASSERT_TRUE(IsAvoided());
  const int before = hole_.asked();
  while (hole_.asked() < before + 2) {
    // No trial is made in place of what a client has asked for.
    ASSERT_EQ(Ask().Header("x-moerge-attempts"), "1");
  }
  server_.reset();
  while (hole_.aborted() < hole_.asked()) std::this_thread::yield();
}

}  // namespace
}  // namespace moerge::test
