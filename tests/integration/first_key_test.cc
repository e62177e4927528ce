// A server that others can reach and that has no key: closed, but for the link of its start.
#include <gtest/gtest.h>

#include "tests/integration/harness.h"

namespace moerge::test {
namespace {

class FirstLinkOfAServer : public testing::Test {
 protected:
  // Listens on every address of this machine; tests call it by loopback.
  void Start(const std::string& more = "") {
    const std::string file = folder_.Write(
        "moerge.yaml", "server: {listen: \"0.0.0.0:0\", log: {level: off}}\nstore: \"sqlite:" +
                           folder_.File("moerge.db") + "\"\n" + more + kSmallSkills);
    auto config = LoadConfig(file);
    ASSERT_TRUE(config) << config.error().message;
    app_ = std::make_unique<App>(*std::move(config));
    const Status started = app_->Start();
    ASSERT_TRUE(started) << started.error().message;
  }
  HttpReply Do(std::string_view method, std::string_view path, const Headers& headers = {}) const {
    return Call(app_->port(), method, path, {}, headers);
  }
  static std::string SecretIn(const HttpReply& page) {
    const std::size_t at = page.body.find("<code>") + 6;
    return page.body.substr(at, page.body.find("</code>") - at);
  }

  TempFolder folder_;
  std::unique_ptr<App> app_;
};

TEST_F(FirstLinkOfAServer, TheLinkGivesAKeyOnceAndNothingElseOpens) {
  Start();
  const std::string link = app_->first_link();
  ASSERT_TRUE(link.starts_with("/first/")) << link;
  EXPECT_EQ(Do("GET", "/api/v1/experts").status, 401);
  EXPECT_EQ(Do("GET", "/v1/models").status, 401);
  EXPECT_EQ(Do("GET", "/first/another").status, 404);
  EXPECT_EQ(Do("POST", "/first/another").status, 404);
  EXPECT_EQ(Do("GET", link).status, 200);  // looking does not use it up
  const HttpReply used = Do("POST", link);
  ASSERT_EQ(used.status, 200) << used.raw;
  EXPECT_EQ(used.Header("cache-control"), "no-store");
  EXPECT_NE(used.Header("set-cookie").find("HttpOnly"), std::string::npos);
  const std::string secret = SecretIn(used);
  const Headers key = Bearer(secret.c_str());
  EXPECT_EQ(Do("GET", "/api/v1/experts", key).status, 200);
  EXPECT_EQ(Do("GET", link).status, 404);
  EXPECT_EQ(Do("POST", link).status, 404);
  EXPECT_EQ(app_->first_link(), "");
  // The last key stays: without it everybody could do everything.
  EXPECT_EQ(Do("DELETE", "/api/v1/keys/first-admin", key).At("error.code"), "last_admin");
  app_.reset();
  Start();
  EXPECT_EQ(app_->first_link(), "");
  EXPECT_EQ(Do("GET", "/api/v1/experts", key).status, 200);
}

TEST_F(FirstLinkOfAServer, ALinkThatWasNotUsedIsReplacedByTheNextStart) {
  Start();
  const std::string old = app_->first_link();
  app_.reset();
  Start();
  EXPECT_NE(app_->first_link(), old);
  EXPECT_EQ(Do("POST", old).status, 404);
  EXPECT_EQ(Do("POST", app_->first_link()).status, 200);
}

TEST_F(FirstLinkOfAServer, WhereKeysAreThereIsNoLinkAndAReloadKeepsOne) {
  const std::string keys =
      "keys: [{name: boss, role: admin, sha256: " + std::string(64, 'a') + "}]\n";
  Start(keys);
  EXPECT_EQ(app_->first_link(), "");
  EXPECT_EQ(Do("GET", "/api/v1/experts").status, 401);
  folder_.Write("moerge.yaml", std::string("server: {listen: \"0.0.0.0:0\"}\n") + kSmallSkills);
  const auto reloaded = app_->Reload();
  ASSERT_FALSE(reloaded);
  EXPECT_EQ(reloaded.error().param, "keys");
  EXPECT_EQ(Do("GET", "/api/v1/experts").status, 401);
}

TEST_F(FirstLinkOfAServer, OnLoopbackThereIsNone) {
  TestServer server(kSmallSkills);
  EXPECT_EQ(server.app().first_link(), "");
  EXPECT_EQ(server.Get("/api/v1/experts").status, 200);
}

}  // namespace
}  // namespace moerge::test
