// Keys as entities over the API, and what their limits do to requests.
#include <gtest/gtest.h>

#include <filesystem>

#include "config/base/hash.h"
#include "config/base/line_reader.h"
#include "tests/integration/harness.h"
#include "tests/support/raw_server.h"

namespace moerge::test {
namespace {

constexpr const char* kCostly = "price: {input: 1000, output: 1000}";

std::string Experts(const std::string& url, const std::string& price = "") {
  const std::string more = price.empty() ? "" : ", " + price;
  return "backends: [{name: replay, base_url: \"" + url + "\"}]\nexperts:\n" +
         "  - {name: ada, backend: replay, model: ada, skills: {general: 0.9}" + more + "}\n" +
         "  - {name: clio, backend: replay, model: clio, skills: {history: 0.8}" + more + "}\n";
}

std::string AdminKey() {
  return std::string("keys: [{name: boss, role: admin, sha256: ") + Sha256Hex(kAdmin) + "}]\n";
}

class ManagedKeys : public testing::Test {
 protected:
  explicit ManagedKeys(const std::string& price = "")
      : server_("store: \"memory:\"\n" + AdminKey() + Experts(UrlOf(*replay_), price) +
                kSmallSkills) {}

  HttpReply Admin(std::string_view method, std::string_view path, std::string_view body = {},
                  const Headers& more = {}) const {
    Headers headers = Bearer(kAdmin);
    headers.insert(headers.end(), more.begin(), more.end());
    return Call(server_.port(), method, path, body, headers);
  }
  // The text of a new key.
  std::string Make(const std::string& body) const {
    const HttpReply made = Admin("POST", "/api/v1/keys", body);
    EXPECT_EQ(made.status, 201) << made.raw;
    return made.At("secret");
  }
  HttpReply Ask(const std::string& secret, std::string_view model = "ada",
                std::string_view more = {}) const {
    return server_.Post("/v1/chat/completions", ChatJson(model, RecordedPrompt("history-1"), more),
                        Bearer(secret.c_str()));
  }

  std::unique_ptr<ReplayServer> replay_ = StartReplay();
  TestServer server_;
};

TEST_F(ManagedKeys, AreMadeListedChangedRotatedAndRevoked) {
  const HttpReply made = Admin("POST", "/api/v1/keys",
                               R"({"name":"app","role":"inference","tenant":"t","team":"web",)"
                               R"("limits":{"requests_per_minute":100}})");
  ASSERT_EQ(made.status, 201) << made.raw;
  const std::string secret = made.At("secret");
  EXPECT_GE(secret.size(), 40u);
  EXPECT_EQ(made.Header("cache-control"), "no-store");
  EXPECT_EQ(made.At("limits.requests_per_minute"), "100");
  EXPECT_EQ(made.At("origin"), "store");
  EXPECT_EQ(Ask(secret).status, 200);

  const HttpReply shown = Admin("GET", "/api/v1/keys/app");
  EXPECT_EQ(shown.At("team"), "web");
  EXPECT_EQ(shown.At("usage.requests_left"), "99");
  const HttpReply listed = Admin("GET", "/api/v1/keys");
  EXPECT_EQ(listed.At("data.0.name"), "app");
  EXPECT_EQ(listed.At("data.1.name"), "boss");
  for (const HttpReply& reply : {shown, listed}) {
    EXPECT_EQ(reply.raw.find(secret), std::string::npos);
    EXPECT_EQ(reply.raw.find(Sha256Hex(secret)), std::string::npos);
    EXPECT_EQ(reply.raw.find("sha256"), std::string::npos);
  }

  const HttpReply changed =
      Admin("PATCH", "/api/v1/keys/app", R"({"limits":{"concurrent_requests":3},"team":"ops"})");
  EXPECT_EQ(changed.status, 200) << changed.raw;
  EXPECT_EQ(changed.At("limits.requests_per_minute"), "100");
  EXPECT_EQ(changed.At("limits.concurrent_requests"), "3");
  EXPECT_EQ(changed.At("team"), "ops");
  EXPECT_EQ(changed.At("secret"), "(absent)");

  const HttpReply rotated = Admin("POST", "/api/v1/keys/app/rotate");
  EXPECT_EQ(rotated.status, 200) << rotated.raw;
  EXPECT_NE(rotated.At("secret"), secret);
  EXPECT_EQ(Ask(secret).status, 401);
  EXPECT_EQ(Ask(rotated.At("secret")).status, 200);
  EXPECT_EQ(Admin("DELETE", "/api/v1/keys/app").status, 200);
  EXPECT_EQ(Ask(rotated.At("secret")).status, 401);
  EXPECT_EQ(Admin("GET", "/api/v1/keys/app").status, 404);
}

TEST_F(ManagedKeys, WrongOnesAreRefusedByTheField) {
  struct Case {
    const char* body;
    const char* param;
  };
  for (const Case& item :
       {Case{R"({})", "name"}, Case{R"({"name":"a/b"})", "name"}, Case{R"({"name":".."})", "name"},
        Case{R"({"name":"k","role":"root"})", "role"},
        Case{R"({"name":"k","sha256":"0"})", "sha256"},
        Case{R"({"name":"k","secret":"mine"})", "secret"},
        Case{R"({"name":"k","expires":"soon"})", "expires"},
        Case{R"({"name":"k","limits":{"requests_per_minute":-1}})", "limits.requests_per_minute"},
        Case{R"({"name":"k","limits":{"budget_usd_day":"5"}})", "limits"},
        Case{R"({"name":"k","policies":["a b"]})", "policies[0]"},
        Case{R"({"name":"k","limit":{}})", "limit"}}) {
    const HttpReply reply = Admin("POST", "/api/v1/keys", item.body);
    EXPECT_EQ(reply.status, 400) << item.body << reply.raw;
    EXPECT_EQ(reply.At("error.param"), item.param) << item.body;
  }
  EXPECT_EQ(Admin("POST", "/api/v1/keys", R"({"name":"boss"})").status, 409);
  EXPECT_EQ(Admin("DELETE", "/api/v1/keys/boss").status, 409);  // the file's
  EXPECT_EQ(Admin("PATCH", "/api/v1/keys/none", "{}").status, 404);
  const std::string app = Make(R"({"name":"app"})");
  EXPECT_EQ(Call(server_.port(), "GET", "/api/v1/keys", {}, Bearer(app.c_str())).status, 403);
}

TEST_F(ManagedKeys, ADryRunMakesNothing) {
  const HttpReply tried = Admin("POST", "/api/v1/keys?dry_run=true", R"({"name":"app"})");
  EXPECT_EQ(tried.status, 200) << tried.raw;
  EXPECT_EQ(tried.Header("x-moerge-dry-run"), "true");
  EXPECT_EQ(tried.At("secret"), "(absent)");
  EXPECT_EQ(Admin("GET", "/api/v1/keys/app").status, 404);
}

TEST_F(ManagedKeys, AnExpiredKeyOpensNothing) {
  const std::string secret = Make(R"({"name":"app","expires":"2020-01-31"})");
  const HttpReply refused = Ask(secret);
  EXPECT_EQ(refused.status, 401);
  EXPECT_NE(refused.At("error.message").find("expired on 2020-01-31"), std::string::npos);
  EXPECT_EQ(Admin("PATCH", "/api/v1/keys/app", R"({"expires":null})").status, 200);
  EXPECT_EQ(Ask(secret).status, 200);
}

TEST_F(ManagedKeys, RequestsByTheMinuteAreLimitedAndEveryReplySaysWhatIsLeft) {
  const std::string secret = Make(R"({"name":"app","limits":{"requests_per_minute":2}})");
  const HttpReply first = Ask(secret);
  EXPECT_EQ(first.status, 200) << first.raw;
  EXPECT_EQ(first.Header("x-ratelimit-limit-requests"), "2");
  EXPECT_EQ(first.Header("x-ratelimit-remaining-requests"), "1");
  EXPECT_NE(first.Header("x-ratelimit-reset-requests"), "");
  EXPECT_EQ(Ask(secret).status, 200);
  const HttpReply third = Ask(secret);
  EXPECT_EQ(third.status, 429);
  EXPECT_EQ(third.At("error.code"), "rate_limit_exceeded");
  EXPECT_EQ(third.At("error.type"), "rate_limit_error");
  EXPECT_NE(third.Header("retry-after"), "");
  EXPECT_EQ(third.Header("x-ratelimit-remaining-requests"), "0");
  EXPECT_EQ(Ask(kAdmin).status, 200);  // others are not held
  EXPECT_EQ(Ask(kAdmin).Header("x-ratelimit-limit-requests"), "");
}

TEST_F(ManagedKeys, TokensByTheMinuteAreThoseOfCalls) {
  // Less than one answer has, which is known afterwards alone: the next one waits for its minute.
  const std::string secret = Make(R"({"name":"app","limits":{"tokens_per_minute":40}})");
  const HttpReply first = Ask(secret);
  EXPECT_EQ(first.status, 200) << first.raw;
  EXPECT_EQ(first.Header("x-ratelimit-limit-tokens"), "40");
  EXPECT_EQ(first.Header("x-ratelimit-remaining-tokens"), "40");
  const HttpReply second = Ask(secret);
  EXPECT_EQ(second.status, 429) << second.raw;
  EXPECT_EQ(second.At("error.code"), "rate_limit_exceeded");
  EXPECT_EQ(second.Header("x-ratelimit-remaining-tokens"), "0");
  const std::string other = Make(R"({"name":"other","limits":{"tokens_per_minute":1000}})");
  const HttpReply too_much = Ask(other, "ada", "\"max_tokens\":2000000");
  EXPECT_EQ(too_much.status, 400);
  EXPECT_EQ(too_much.At("error.code"), "tokens_limit_exceeded");
}

TEST_F(ManagedKeys, OnlyAllowedPoliciesAndExpertsAreUsedAndListed) {
  const std::string secret =
      Make(R"({"name":"app","policies":["auto"],"experts":["clio","gone"]})");
  EXPECT_EQ(Ask(secret, "clio").status, 200);
  const HttpReply named = Ask(secret, "ada");
  EXPECT_EQ(named.status, 403);
  EXPECT_EQ(named.At("error.code"), "expert_not_allowed");
  const HttpReply policy = Ask(secret, "moerge/vote");
  EXPECT_EQ(policy.status, 403);
  EXPECT_EQ(policy.At("error.code"), "policy_not_allowed");
  const HttpReply routed = Ask(secret, "auto");
  EXPECT_EQ(routed.status, 200) << routed.raw;
  EXPECT_EQ(routed.At("moerge.expert"), "clio");
  EXPECT_EQ(Ask(secret, "auto", R"("moerge":{"experts":["ada"]})").status, 403);
  EXPECT_EQ(Ask(secret, "auto", R"("moerge":{"experts":["ada","clio"]})").At("moerge.expert"),
            "clio");
  const HttpReply models = server_.Get("/v1/models", Bearer(secret.c_str()));
  EXPECT_EQ(models.At("data.0.id"), "auto");
  EXPECT_EQ(models.At("data.1.id"), "clio");
  EXPECT_EQ(models.At("data.2.id"), "(absent)");
  const HttpReply legacy =
      server_.Post("/v1/completions", R"({"model":"ada","prompt":"x"})", Bearer(secret.c_str()));
  EXPECT_EQ(legacy.status, 403);
}

TEST_F(ManagedKeys, ALimitHoldsForManyRequestsInOne) {
  const std::string secret = Make(R"({"name":"app","experts":["clio"]})");
  const std::string one = ChatJson("ada", "Hello");
  const HttpReply bulk =
      server_.Post("/api/v1/bulk", "{\"requests\":[" + one + "]}", Bearer(secret.c_str()));
  EXPECT_EQ(bulk.At("data.0.status"), "403") << bulk.raw;
}

class CostlyKeys : public ManagedKeys {
 protected:
  CostlyKeys() : ManagedKeys(kCostly) {}
};

TEST_F(CostlyKeys, ABudgetIsSpentByStreamsAndWholeAnswersAndThenNothingIsAsked) {
  const std::string secret = Make(R"({"name":"app","limits":{"budget_usd_day":0.9}})");
  const HttpReply whole = Ask(secret, "ada", "\"max_tokens\":20");
  ASSERT_EQ(whole.status, 200) << whole.raw;
  const double spent = std::stod(Admin("GET", "/api/v1/keys/app").At("usage.spent_usd_day"));
  EXPECT_GT(spent, 0);
  const HttpReply stream = Ask(secret, "ada", "\"stream\":true,\"max_tokens\":20");
  ASSERT_EQ(stream.status, 200);
  EXPECT_TRUE(Eventually([&] {
    return std::stod(Admin("GET", "/api/v1/keys/app").At("usage.spent_usd_day")) > spent;
  }));
  // One that would go beyond what is left is not asked, and says why.
  const HttpReply refused = Ask(secret, "ada", "\"max_tokens\":100000");
  EXPECT_EQ(refused.status, 429) << refused.raw;
  EXPECT_EQ(refused.At("error.code"), "insufficient_quota");
  EXPECT_NE(refused.At("error.message").find("daily budget of the key `app`"), std::string::npos);
  EXPECT_EQ(refused.Header("x-should-retry"), "false");
}

TEST(KeysOfTheFile, MayHaveLimitsToo) {
  const auto replay = StartReplay();
  const TestServer server(
      "store: \"memory:\"\nkeys:\n  - {name: app, sha256: " + Sha256Hex(kInference) +
      ", limits: {requests_per_minute: 1}, experts: [clio]}\n" + Experts(UrlOf(*replay)) +
      kSmallSkills);
  const auto ask = [&](const char* model) {
    return server
        .Post("/v1/chat/completions", ChatJson(model, RecordedPrompt("history-1")),
              Bearer(kInference))
        .status;
  };
  EXPECT_EQ(ask("ada"), 403);
  EXPECT_EQ(ask("clio"), 429);
}

TEST(KeysInTheStore, OutliveARestartAndTheirTextsAreNowhereInIt) {
  const auto replay = StartReplay();
  const TempFolder folder;
  const std::string store = folder.File("keys.db");
  const std::string yaml = "store: \"sqlite:" + store + "\"\n" + AdminKey() +
                           Experts(UrlOf(*replay), kCostly) + kSmallSkills;
  std::string secret;
  std::string spent;
  {
    const TestServer server(yaml);
    const HttpReply made = server.Post(
        "/api/v1/keys", R"({"name":"app","limits":{"budget_usd_day":1000}})", Bearer(kAdmin));
    ASSERT_EQ(made.status, 201) << made.raw;
    secret = made.At("secret");
    const std::string chat = ChatJson("ada", RecordedPrompt("history-1"));
    EXPECT_EQ(server.Post("/v1/chat/completions", chat, Bearer(secret.c_str())).status, 200);
    spent = server.Get("/api/v1/keys/app", Bearer(kAdmin)).At("usage.spent_usd_day");
  }
  for (const auto& file : std::filesystem::directory_iterator(folder.File(""))) {
    const auto bytes = ReadFile(file.path().string());
    EXPECT_EQ(bytes ? bytes->find(secret) : std::string::npos, std::string::npos) << file.path();
  }
  const TestServer again(yaml);
  const std::string chat = ChatJson("clio", RecordedPrompt("history-1"), "\"max_tokens\":1");
  EXPECT_EQ(again.Post("/v1/chat/completions", chat, Bearer(secret.c_str())).status, 200);
  const std::string after = again.Get("/api/v1/keys/app", Bearer(kAdmin)).At("usage.spent_usd_day");
  EXPECT_GE(std::stod(after), std::stod(spent)) << "what was spent before counts";
}

TEST(FirstKey, MustAdministerAndTheLastOneThatDoesStays) {
  const TestServer server(std::string("store: \"memory:\"\n") + kSmallSkills);
  const Headers json = {{"Content-Type", "application/json"}};
  const HttpReply refused = server.Post("/api/v1/keys", R"({"name":"app"})", json);
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.At("error.code"), "last_admin");
  const HttpReply made = server.Post("/api/v1/keys", R"({"name":"boss","role":"admin"})", json);
  ASSERT_EQ(made.status, 201) << made.raw;
  EXPECT_EQ(server.Get("/api/v1/keys").status, 401);
  const std::string secret = made.At("secret");
  const Headers boss = Bearer(secret.c_str());
  EXPECT_EQ(server.Post("/api/v1/keys", R"({"name":"app"})", boss).status, 201);
  for (const char* body : {R"({"role":"read"})", R"({"expires":"2020-01-01"})"}) {
    EXPECT_EQ(Call(server.port(), "PATCH", "/api/v1/keys/boss", body, boss).status, 409) << body;
  }
  EXPECT_EQ(Call(server.port(), "DELETE", "/api/v1/keys/boss", {}, boss).status, 409);
  EXPECT_EQ(Call(server.port(), "DELETE", "/api/v1/keys/app", {}, boss).status, 200);
  EXPECT_EQ(Call(server.port(), "DELETE", "/api/v1/keys/boss", {}, boss).status, 200);
  EXPECT_EQ(server.Get("/api/v1/keys").status, 200);  // without keys, as it began
}

}  // namespace
}  // namespace moerge::test
