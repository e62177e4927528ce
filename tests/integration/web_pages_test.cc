// What a browser on the same machine would send for a web page, to a server without keys and to one
// with keys: no page takes it over, and pages that the configuration allows can use it.
#include <gtest/gtest.h>

#include "config/base/hash.h"
#include "tests/integration/harness.h"
#include "tests/support/raw_client.h"

namespace moerge::test {
namespace {

constexpr const char* kPage = "https://chat.example";
constexpr const char* kAdmin = "an-admin-key-of-the-tests";

std::string AdminKey() {
  return std::string("keys: [{name: boss, role: admin, sha256: ") + Sha256Hex(kAdmin) + "}]\n";
}

struct WebPages : testing::Test {
  std::unique_ptr<ReplayServer> replay = StartReplay();
};

// A request with exactly these header lines.
HttpReply Raw(std::uint16_t port, const std::string& head, const std::string& body = "") {
  RawClient client(port);
  client.Send(head + "Connection: close\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
  HttpReply reply;
  reply.raw = client.ReadToEnd();
  reply.status = StatusOf(reply.raw);
  reply.body = BodyOf(reply.raw);
  return reply;
}

const std::string kBackend = R"({"name":"b","base_url":"http://127.0.0.1:1/v1"})";

TEST_F(WebPages, WithoutKeysAPageElsewhereChangesAndReadsNothing) {
  const TestServer server(OneExpert(*replay));
  const std::string post = "POST /api/v1/backends HTTP/1.1\r\nHost: localhost\r\n";
  const std::string plain = "Content-Type: text/plain\r\n";
  const std::string json = "Content-Type: application/json\r\n";
  const std::string from = "Origin: https://evil.example\r\n";
  const std::string chat = ChatJson("auto", "Who are you?");
  struct Case {
    std::string head, body, reason;
    int status;
  };
  const std::string rebound = " HTTP/1.1\r\nHost: evil.example\r\n";
  const std::vector<Case> cases = {
      {post + from + plain, kBackend, "origin_not_allowed", 403},
      {post + from + json, kBackend, "origin_not_allowed", 403},
      {post + "Origin: null\r\n" + json, kBackend, "origin_not_allowed", 403},
      {post + plain, kBackend, "unsupported_content_type", 415},
      {post, kBackend, "unsupported_content_type", 415},
      {post + "Content-Type: application/x-www-form-urlencoded\r\n", kBackend,
       "unsupported_content_type", 415},
      {"POST /api/v1/reload HTTP/1.1\r\nHost: localhost\r\n" + from, "", "origin_not_allowed", 403},
      {"DELETE /api/v1/experts/ada HTTP/1.1\r\nHost: localhost\r\n" + from, "",
       "origin_not_allowed", 403},
      {"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n" + from + plain, chat,
       "origin_not_allowed", 403},
      {"GET /api/v1/decisions HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\n", "",
       "origin_not_allowed", 403},
      {"GET /api/v1/decisions" + rebound, "", "host_not_allowed", 403},
      {"GET /metrics" + rebound, "", "host_not_allowed", 403},
      {"GET http://evil.example/api/v1/decisions HTTP/1.1\r\nHost: localhost\r\n", "",
       "host_not_allowed", 403},
      {"POST /v1/chat/completions" + rebound + json, chat, "host_not_allowed", 403},
      {"OPTIONS /api/v1/backends HTTP/1.1\r\nHost: localhost\r\nAccess-Control-Request-Method: "
       "POST\r\n" +
           from,
       "", "origin_not_allowed", 403},
  };
  for (const Case& item : cases) {
    const HttpReply reply = Raw(server.port(), item.head, item.body);
    EXPECT_EQ(reply.status, item.status) << item.head << reply.raw;
    EXPECT_EQ(reply.At("error.code"), item.reason) << item.head << reply.raw;
    EXPECT_EQ(reply.Header("access-control-allow-origin"), "") << item.head;
  }
  EXPECT_EQ(server.Get("/api/v1/backends/b").status, 404);
  EXPECT_EQ(server.Get("/api/v1/experts/ada").status, 200);
}

TEST_F(WebPages, ProgramsOfTheMachineAreServedAsBefore) {
  const TestServer server(OneExpert(*replay));
  EXPECT_EQ(server.Post("/api/v1/backends", kBackend).status, 201);
  const std::string chat = ChatJson("ada", RecordedPrompt("history-1"));
  for (const char* headers :
       {"Host: 127.0.0.1:8080\r\n", "Host: [::1]:8080\r\n",
        "Host: localhost\r\nContent-Type: text/plain\r\n",
        "Host: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        "Host: localhost\r\nOrigin: http://localhost\r\n"}) {
    const HttpReply reply =
        Raw(server.port(), std::string("POST /v1/chat/completions HTTP/1.1\r\n") + headers, chat);
    EXPECT_EQ(reply.status, 200) << headers << reply.raw;
  }
  EXPECT_EQ(Raw(server.port(), "GET /health HTTP/1.0\r\n").status, 200);
}

TEST_F(WebPages, AnAllowedOriginReadsEveryReply) {
  const TestServer server(OneExpert(*replay),
                          "allow_origins: [\"https://chat.example\"], max_body: 2KiB");
  const Headers page = {{"Origin", kPage}, {"Sec-Fetch-Site", "cross-site"}};
  const auto readable = [](const HttpReply& reply, int status) {
    EXPECT_EQ(reply.status, status) << reply.raw;
    EXPECT_EQ(reply.Header("access-control-allow-origin"), kPage) << reply.raw;
    EXPECT_EQ(reply.Header("vary"), "Origin") << reply.raw;
    EXPECT_EQ(reply.Header("access-control-expose-headers"), "*") << reply.raw;
  };
  const std::string prompt = RecordedPrompt("history-1");
  readable(server.Get("/v1/models", page), 200);
  readable(server.Post("/v1/chat/completions", ChatJson("ada", prompt), page), 200);
  readable(server.Post("/v1/chat/completions", ChatJson("ada", prompt, "\"stream\":true"), page),
           200);
  readable(server.Post("/v1/chat/completions", "{", page), 400);
  readable(server.Post("/v1/chat/completions", std::string(4096, ' '), page), 413);
  readable(server.Get("/nothing", page), 404);
  readable(
      Raw(server.port(), "GET /v1/models HTTP/1.1\r\nHost: x\r\nOrigin: https://chat.example\r\n"),
      403);
  const HttpReply program = server.Get("/v1/models");
  EXPECT_EQ(program.status, 200);
  EXPECT_EQ(program.Header("vary"), "Origin");
  EXPECT_EQ(program.Header("access-control-allow-origin"), "");
}

TEST_F(WebPages, APreflightOfAnAllowedOriginIsAnswered) {
  for (const std::string& keys : {std::string(), AdminKey()}) {
    const TestServer server(OneExpert(*replay) + keys, "allow_origins: [\"https://chat.example\"]");
    const HttpReply reply =
        Call(server.port(), "OPTIONS", "/v1/chat/completions", "",
             {{"Origin", kPage},
              {"Access-Control-Request-Method", "POST"},
              {"Access-Control-Request-Headers", "authorization,content-type"}});
    EXPECT_EQ(reply.status, 204) << reply.raw;
    EXPECT_EQ(reply.Header("access-control-allow-origin"), kPage);
    EXPECT_EQ(reply.Header("access-control-allow-headers"), "authorization,content-type");
    EXPECT_NE(reply.Header("access-control-allow-methods").find("POST"), std::string::npos);
    EXPECT_EQ(reply.Header("vary"), "Origin");
    EXPECT_EQ(reply.Header("content-length"), "") << "204 has no body";
  }
}

TEST_F(WebPages, WithKeysTheKeyProtectsAndOtherPagesCannotRead) {
  const TestServer server(OneExpert(*replay) + AdminKey(),
                          "allow_origins: [\"https://chat.example\"]");
  const std::string bearer = std::string("Authorization: Bearer ") + kAdmin + "\r\n";
  const std::string host = "Host: moerge.example\r\n";
  const HttpReply without = Raw(
      server.port(),
      "POST /api/v1/backends HTTP/1.1\r\n" + host + "Origin: https://evil.example\r\n", kBackend);
  EXPECT_EQ(without.status, 401);
  const HttpReply foreign = Raw(server.port(), "GET /v1/models HTTP/1.1\r\n" + host + bearer +
                                                   "Origin: https://evil.example\r\n");
  EXPECT_EQ(foreign.status, 200) << foreign.raw;
  EXPECT_EQ(foreign.Header("access-control-allow-origin"), "");
  EXPECT_EQ(foreign.Header("vary"), "Origin");
  const HttpReply allowed =
      Raw(server.port(), "GET /v1/models HTTP/1.1\r\n" + host + "Origin: https://chat.example\r\n");
  EXPECT_EQ(allowed.status, 401);
  EXPECT_EQ(allowed.Header("access-control-allow-origin"), kPage)
      << "so that the page can tell why";
  EXPECT_EQ(
      Raw(server.port(), "POST /api/v1/backends HTTP/1.1\r\n" + host + bearer, kBackend).status,
      201)
      << "a key is not sent by a page that does not have it";
}

TEST_F(WebPages, ABackendOverTheApiNamesOnlyVariablesThatTheFileAllows) {
  const TestServer server(OneExpert(*replay), "allowed_env: [LISTED, \"TEAM_*\"]");
  const auto add = [&](const std::string& name, const std::string& variable) {
    return server.Post("/api/v1/backends", R"({"name":")" + name +
                                               R"(","base_url":"http://127.0.0.1:1/v1",)" +
                                               R"("api_key_env":")" + variable + R"("})");
  };
  EXPECT_EQ(add("b1", "LISTED").status, 201);
  EXPECT_EQ(add("b2", "TEAM_KEY").status, 201);
  for (const char* variable : {"PATH", "OPENAI_API_KEY", "MOERGE_KEY"}) {
    const HttpReply refused = add("b3", variable);
    EXPECT_EQ(refused.status, 400) << refused.raw;
    EXPECT_EQ(refused.At("error.param"), "api_key_env");
  }
  EXPECT_EQ(Call(server.port(), "PATCH", "/api/v1/backends/b1", R"({"api_key_env":"PATH"})").status,
            400);
  EXPECT_EQ(Call(server.port(), "PUT", "/api/v1/backends/b3",
                 R"({"base_url":"http://127.0.0.1:1/v1","api_key_env":"HOME"})")
                .status,
            400);
}

}  // namespace
}  // namespace moerge::test
