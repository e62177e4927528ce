// Dashboard sessions over real sockets: logging in, what a cookie opens, what it does not.
#include <gtest/gtest.h>

#include "config/base/hash.h"
#include "services/access/login_limit.h"
#include "tests/integration/harness.h"

namespace moerge::test {
namespace {

constexpr const char* kReader = "a-reading-key-of-the-tests";

std::string KeyLine(const char* name, const char* role, const std::string& key) {
  return std::string("  - {name: ") + name + ", role: " + role + ", sha256: " + Sha256Hex(key) +
         "}\n";
}

std::string KeyedConfig() {
  return "store: \"memory:\"\nkeys:\n" + KeyLine("boss", "admin", kAdmin) +
         KeyLine("app", "inference", kInference) + KeyLine("eye", "read", kReader) + kSmallSkills;
}

const Headers kJson = {{"Content-Type", "application/json"}};

HttpReply LogIn(const TestServer& server, const std::string& key, Headers headers = kJson) {
  return server.Post("/api/v1/session", "{\"key\":\"" + key + "\"}", headers);
}

// "moerge_session=..." of a reply that sets it.
std::string CookieOf(const HttpReply& reply) {
  const std::string set = reply.Header("set-cookie");
  return set.substr(0, set.find(';'));
}

TEST(Login, WithoutKeysNobodyLogsIn) {
  const TestServer server(std::string("store: \"memory:\"\n") + kSmallSkills);
  const HttpReply session = server.Get("/api/v1/session");
  EXPECT_EQ(session.At("login_required"), "false");
  EXPECT_EQ(session.At("role"), "admin");
  EXPECT_EQ(session.At("csrf"), "");
  EXPECT_EQ(LogIn(server, "whatever").Header("set-cookie"), "");
}

TEST(Login, AKeyBeginsASessionWhoseCookieScriptsCannotRead) {
  const TestServer server(KeyedConfig());
  const HttpReply before = server.Get("/api/v1/session");
  EXPECT_EQ(before.status, 200);
  EXPECT_EQ(before.At("login_required"), "true");
  EXPECT_EQ(before.At("role"), "null");
  const HttpReply login = LogIn(server, kAdmin);
  ASSERT_EQ(login.status, 200) << login.raw;
  const std::string set = login.Header("set-cookie");
  for (const char* part : {"; HttpOnly", "; SameSite=Strict", "; Path=/"}) {
    EXPECT_NE(set.find(part), std::string::npos) << set;
  }
  EXPECT_EQ(set.find("Secure"), std::string::npos);
  EXPECT_EQ(set.find(kAdmin), std::string::npos);
  EXPECT_EQ(login.At("role"), "admin");
  EXPECT_EQ(login.At("key"), "boss");
  EXPECT_EQ(login.Header("cache-control"), "no-store");
  const Headers cookie = {{"Cookie", "other=1; " + CookieOf(login)}};
  EXPECT_EQ(server.Get("/api/v1/session", cookie).At("csrf"), login.At("csrf"));
  EXPECT_EQ(server.Get("/api/v1/experts", cookie).status, 200);
  const Headers behind_https = {{"Content-Type", "application/json"},
                                {"X-Forwarded-Proto", "https"}};
  EXPECT_NE(LogIn(server, kAdmin, behind_https).Header("set-cookie").find("; Secure"),
            std::string::npos);
}

TEST(Login, AChangeNeedsTheSessionsToken) {
  const TestServer server(KeyedConfig());
  const HttpReply login = LogIn(server, kAdmin);
  const HttpReply other = LogIn(server, kAdmin);
  const std::string cookie = CookieOf(login);
  const std::string backend = R"({"name":"b","base_url":"http://127.0.0.1:1/v1"})";
  const auto post = [&](const std::string& token) {
    Headers headers = {{"Cookie", cookie}, {"Content-Type", "application/json"}};
    if (!token.empty()) headers.emplace_back("X-CSRF-Token", token);
    return server.Post("/api/v1/backends", backend, headers);
  };
  for (const std::string& token : {std::string(), std::string("x"), other.At("csrf")}) {
    const HttpReply refused = post(token);
    EXPECT_EQ(refused.status, 403) << token;
    EXPECT_EQ(refused.At("error.code"), "csrf_token");
  }
  EXPECT_EQ(post(login.At("csrf")).status, 201);
  // A key in the header needs none, whatever cookie comes along.
  Headers both = Bearer(kAdmin);
  both.emplace_back("Cookie", cookie);
  EXPECT_EQ(Call(server.port(), "DELETE", "/api/v1/backends/b", {}, both).status, 200);
}

TEST(Login, ARoleOpensWhatItMay) {
  const TestServer server(KeyedConfig());
  struct Case {
    const char* key;
    int read, change, ask;
  };
  const std::string chat = ChatJson("auto", "What is 2+2?");
  for (const Case& item : {Case{kAdmin, 200, 404, 503}, Case{kReader, 200, 403, 403},
                           Case{kInference, 403, 403, 503}}) {
    const HttpReply login = LogIn(server, item.key);
    Headers headers = {{"Cookie", CookieOf(login)}, {"X-CSRF-Token", login.At("csrf")}};
    EXPECT_EQ(server.Get("/api/v1/decisions", headers).status, item.read) << item.key;
    EXPECT_EQ(Call(server.port(), "DELETE", "/api/v1/experts/none", {}, headers).status,
              item.change)
        << item.key;
    EXPECT_EQ(server.Post("/v1/chat/completions", chat, headers).status, item.ask) << item.key;
    EXPECT_EQ(server.Get("/api/v1/decisions", Bearer(item.key)).status, item.read) << item.key;
  }
}

TEST(Login, LoggingOutEndsTheSession) {
  const TestServer server(KeyedConfig());
  const HttpReply login = LogIn(server, kAdmin);
  Headers headers = {{"Cookie", CookieOf(login)}};
  EXPECT_EQ(Call(server.port(), "DELETE", "/api/v1/session", {}, headers).status, 403);
  headers.emplace_back("X-CSRF-Token", login.At("csrf"));
  const HttpReply out = Call(server.port(), "DELETE", "/api/v1/session", {}, headers);
  EXPECT_EQ(out.status, 200);
  EXPECT_NE(out.Header("set-cookie").find("Max-Age=0"), std::string::npos);
  const HttpReply after = server.Get("/api/v1/experts", headers);
  EXPECT_EQ(after.status, 401);
  EXPECT_EQ(after.At("error.code"), "session_ended");
  EXPECT_EQ(server.Get("/api/v1/session", headers).At("login_required"), "true");
}

TEST(Login, WrongBodiesAndBodiesThatFormsSendAreRefused) {
  const TestServer server(KeyedConfig());
  const std::string key = std::string("{\"key\":\"") + kAdmin + "\"}";
  EXPECT_EQ(server.Post("/api/v1/session", key, {{"Content-Type", "text/plain"}}).status, 415);
  for (const char* body :
       {"", "{}", "[]", "{\"key\":1}", "{\"key\":\"\"}", "{\"key\":\"k\",\"more\":1}"}) {
    const HttpReply reply = server.Post("/api/v1/session", body, kJson);
    EXPECT_TRUE(reply.status == 400 || reply.status == 415) << body << reply.raw;
  }
}

TEST(Login, GuessingIsSlowedDownAndSaysNothing) {
  const TestServer server(KeyedConfig());
  for (int i = 0; i < static_cast<int>(LoginLimit::kEach); ++i) {
    const HttpReply wrong = LogIn(server, "guess-number-" + std::to_string(i));
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(wrong.raw.find("guess"), std::string::npos);
    EXPECT_EQ(wrong.Header("set-cookie"), "");
  }
  const HttpReply limited = LogIn(server, kAdmin);
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.At("error.code"), "too_many_logins");
  EXPECT_NE(limited.Header("retry-after"), "");
  EXPECT_EQ(server.Get("/api/v1/experts", Bearer(kAdmin)).status, 200);
}

}  // namespace
}  // namespace moerge::test
