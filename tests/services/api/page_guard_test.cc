#include "services/api/page_guard.h"

#include <gtest/gtest.h>

namespace moerge::api {
namespace {

struct PageRequest {
  std::string target = "/v1/models";
  std::vector<http::Header> headers;
};

http::Request Made(const PageRequest& page) {
  http::Request request;
  request.method = "POST";
  request.target = page.target;
  request.headers = page.headers;
  return request;
}

std::string Verdict(const ServerConfig& config, const PageRequest& page) {
  const Status checked = CheckPage(config, Made(page));
  if (checked) return "";
  EXPECT_EQ(checked.error().code, ErrorCode::kForbidden);
  return checked.error().reason;
}

TEST(PageGuard, KnowsTheNamesOfItsOwnMachine) {
  for (const char* authority :
       {"localhost", "localhost:8080", "LocalHost:8080", "localhost.", "localhost.:8080",
        "ui.localhost:1", "a.b.localhost", "127.0.0.1", "127.0.0.1:8080", "127.255.3.4:80", "[::1]",
        "[::1]:8080", "[0:0:0:0:0:0:0:1]:8080", "[::ffff:127.0.0.1]:8080", "[::ffff:7f00:1]",
        "localhost:"}) {
    EXPECT_TRUE(IsLoopbackAuthority(authority)) << authority;
  }
  for (const char* authority : {"evil.example",
                                "evil.example:8080",
                                "localhost.evil.example",
                                "evillocalhost",
                                "evil-localhost:8080",
                                ".localhost",
                                "127.0.0.1.evil.example",
                                "127.evil.example",
                                "127.1",
                                "128.0.0.1",
                                "0.0.0.0:8080",
                                "10.0.0.1",
                                "2130706433",
                                "[::2]",
                                "[::]",
                                "[fe80::1]",
                                "[::ffff:10.0.0.1]",
                                "[::1",
                                "[::1]x",
                                "localhost:8080@evil.example",
                                "user@localhost",
                                "localhost:80a",
                                "localhost/evil",
                                "x",
                                "..localhost.evil",
                                "localhost..",
                                ""}) {
    EXPECT_FALSE(IsLoopbackAuthority(authority)) << authority;
  }
}

TEST(PageGuard, AProgramOfThisMachineMayCall) {
  const ServerConfig config;
  EXPECT_EQ(Verdict(config, {.headers = {{"Host", "127.0.0.1:8080"}}}), "");
  EXPECT_EQ(Verdict(config, {.headers = {}}), "") << "HTTP/1.0 needs no Host";
  EXPECT_EQ(Verdict(config, {.headers = {{"Host", "localhost"}, {"Sec-Fetch-Site", "none"}}}), "");
  EXPECT_EQ(Verdict(config, {.target = "http://localhost:8080/v1/models",
                             .headers = {{"Host", "localhost:8080"}}}),
            "");
}

TEST(PageGuard, ANameThatPointsHereIsNoNameOfThisMachine) {
  const ServerConfig config;
  EXPECT_EQ(Verdict(config, {.headers = {{"Host", "evil.example"}}}), "host_not_allowed");
  EXPECT_EQ(Verdict(config, {.headers = {{"host", "evil.example:8080"},
                                         {"Origin", "http://evil.example:8080"}}}),
            "host_not_allowed");
  EXPECT_EQ(Verdict(config, {.target = "http://evil.example/v1/models",
                             .headers = {{"Host", "localhost"}}}),
            "host_not_allowed");
  EXPECT_EQ(Verdict(config, {.target = "http://localhost@evil.example/",
                             .headers = {{"Host", "localhost"}}}),
            "host_not_allowed");
  EXPECT_EQ(
      Verdict(config, {.target = "http://evil.example?x=/", .headers = {{"Host", "localhost"}}}),
      "host_not_allowed");
}

TEST(PageGuard, APageElsewhereMayNotCall) {
  const ServerConfig config;
  for (const char* origin : {"https://evil.example", "null", "http://localhost:3000",
                             "https://localhost:8080", "http://localhost", "file://",
                             "http://localhost:8080.evil.example", "chrome-extension://abc"}) {
    EXPECT_EQ(Verdict(config, {.headers = {{"Host", "localhost:8080"}, {"Origin", origin}}}),
              "origin_not_allowed")
        << origin;
  }
  EXPECT_EQ(Verdict(config, {.headers = {{"Host", "localhost"}, {"Sec-Fetch-Site", "cross-site"}}}),
            "origin_not_allowed");
}

TEST(PageGuard, ItsOwnPagesAndListedOnesMayCall) {
  ServerConfig config;
  EXPECT_EQ(Verdict(config, {.headers = {{"Host", "localhost:8080"},
                                         {"Origin", "http://localhost:8080"},
                                         {"Sec-Fetch-Site", "same-origin"}}}),
            "");
  config.allow_origins = {"https://chat.example", "http://localhost:3000"};
  EXPECT_EQ(Verdict(config, {.headers = {{"Host", "localhost:8080"},
                                         {"Origin", "https://chat.example"},
                                         {"Sec-Fetch-Site", "cross-site"}}}),
            "");
  EXPECT_EQ(Verdict(config, {.headers = {{"Host", "chat.example"}}}), "") << "its own name";
  EXPECT_EQ(Verdict(config, {.headers = {{"Host", "chat.example:8080"}}}), "host_not_allowed");
  EXPECT_EQ(
      Verdict(config, {.headers = {{"Host", "localhost"}, {"Origin", "https://chat.example.org"}}}),
      "origin_not_allowed");
}

TEST(PageGuard, AStarCountsOnlyWhereKeysProtect) {
  ServerConfig config;
  config.allow_origins = {"*"};
  EXPECT_TRUE(IsAllowedOrigin(config, "https://any.example", true));
  EXPECT_FALSE(IsAllowedOrigin(config, "https://any.example", false));
  EXPECT_EQ(Verdict(config, {.headers = {{"Host", "localhost"}, {"Origin", "https://a.example"}}}),
            "origin_not_allowed");
  EXPECT_EQ(Verdict(config, {.headers = {{"Host", "a.example"}}}), "host_not_allowed");
}

TEST(PageGuard, WhatAPageMaySendUnaskedIsNoJson) {
  const auto declares = [](std::string_view type) {
    http::Request request;
    request.body = "{}";
    if (!type.empty()) request.headers = {{"Content-Type", type}};
    return DeclaresJson(request);
  };
  for (const char* type :
       {"application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json",
        "application/x-ndjson", "application/jsonl", " application/json ;x=y"}) {
    EXPECT_TRUE(declares(type)) << type;
  }
  for (const char* type : {"", "text/plain", "text/plain;application/json", "multipart/form-data",
                           "application/x-www-form-urlencoded", "text/json", "application/jsonx",
                           "application/x-www-form-urlencoded; application/json", "json"}) {
    EXPECT_FALSE(declares(type)) << type;
  }
  EXPECT_TRUE(DeclaresJson(http::Request())) << "nothing was sent";
}

std::string ValueOf(const http::Reply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return value;
  }
  return "(absent)";
}

TEST(PageGuard, APreflightIsToldWhatItAskedFor) {
  http::Request request;
  request.method = "OPTIONS";
  request.headers = {{"Origin", "https://chat.example"}};
  EXPECT_FALSE(IsPreflight(request)) << "some programs ask OPTIONS";
  request.headers.push_back({"Access-Control-Request-Method", "POST"});
  EXPECT_TRUE(IsPreflight(request));
  request.headers.push_back({"Access-Control-Request-Headers", "authorization,x-stainless-os"});
  request.headers.push_back({"Access-Control-Request-Private-Network", "true"});
  const http::Reply reply = PreflightReply(request);
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(ValueOf(reply, "access-control-allow-headers"), "authorization,x-stainless-os");
  EXPECT_NE(ValueOf(reply, "access-control-allow-methods").find("DELETE"), std::string::npos);
  EXPECT_EQ(ValueOf(reply, "access-control-allow-private-network"), "true");
  request.headers[2].value = "a:b";
  EXPECT_EQ(ValueOf(PreflightReply(request), "access-control-allow-headers"), "(absent)");
}

}  // namespace
}  // namespace moerge::api
