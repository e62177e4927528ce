#include "services/api/routes.h"

#include <gtest/gtest.h>

namespace moerge::api {
namespace {

RouteHandler Nothing() {
  return [](ApiCall&) -> Task<void> { co_return; };
}

struct Routes : testing::Test {
  Routes() {
    for (const auto& [method, pattern] : {std::pair{"GET", "/v1/models"},
                                          {"GET", "/v1/models/{id...}"},
                                          {"POST", "/v1/models"},
                                          {"GET", "/api/decisions/{id}"},
                                          {"DELETE", "/api/decisions/{id}"},
                                          {"POST", "/api/decisions/{id}/replay"},
                                          {"GET", "/api/decisions/summary"},
                                          {"POST", "/api/experts/{name...}/enable"},
                                          {"GET", "/api/experts/{name...}"}}) {
      table.Add(method, pattern, Access::kInference, Nothing());
    }
  }
  std::string Pattern(std::string_view method, std::string_view path) {
    const auto match = table.Find(method, path);
    return match.route == nullptr ? "" : match.route->method + " " + match.route->pattern;
  }
  RouteTable table;
};

TEST_F(Routes, LiteralPathsAndParametersAreFound) {
  EXPECT_EQ(Pattern("GET", "/v1/models"), "GET /v1/models");
  EXPECT_EQ(Pattern("POST", "/v1/models"), "POST /v1/models");
  EXPECT_EQ(Pattern("DELETE", "/api/decisions/7"), "DELETE /api/decisions/{id}");
  EXPECT_EQ(table.Find("GET", "/api/decisions/7").parameters[0].second, "7");
}

TEST_F(Routes, ANameMayHoldSlashes) {
  const auto match = table.Find("GET", "/v1/models/moerge/fast");
  ASSERT_NE(match.route, nullptr);
  ASSERT_EQ(match.parameters.size(), 1u);
  EXPECT_EQ(match.parameters[0].first, "id");
  EXPECT_EQ(match.parameters[0].second, "moerge/fast");
}

TEST_F(Routes, WhatFollowsALongNameIsMatchedToo) {
  const auto match = table.Find("POST", "/api/experts/meta/llama/enable");
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.parameters[0].second, "meta/llama");
}

TEST_F(Routes, MoreLiteralSegmentsWin) {
  EXPECT_EQ(Pattern("GET", "/api/decisions/summary"), "GET /api/decisions/summary");
  EXPECT_EQ(Pattern("POST", "/api/decisions/7/replay"), "POST /api/decisions/{id}/replay");
}

TEST_F(Routes, AnotherMethodGetsTheListOfThoseThereAre) {
  EXPECT_EQ(table.Find("PUT", "/v1/models").allow, "GET, HEAD, POST");
  EXPECT_EQ(table.Find("POST", "/api/decisions/7").allow, "DELETE, GET, HEAD");
}

TEST_F(Routes, AnUnknownPathAllowsNothing) {
  for (const char* path : {"", "/", "/v1", "/v1/models/", "/api/decisions/",
                           "/api/decisions//replay", "/v1/modelsX", "//v1/models"}) {
    const auto match = table.Find("GET", path);
    EXPECT_EQ(match.route, nullptr) << path;
    EXPECT_EQ(match.allow, "") << path;
  }
}

TEST_F(Routes, PathsAreFoundHoweverClientsPutThemTogether) {
  const struct {
    const char* path;
    const char* canonical;
    const char* pattern;
  } kForms[] = {
      {"/v1/models", "/v1/models", "GET /v1/models"},
      {"//v1/models", "/v1/models", "GET /v1/models"},
      {"/v1//models", "/v1/models", "GET /v1/models"},
      {"/v1/models/", "/v1/models", "GET /v1/models"},
      {"/v1///models//", "/v1/models", "GET /v1/models"},
      {"/models", "/models", "GET /v1/models"},
      {"//models/", "/models", "GET /v1/models"},
      {"/models/moerge/fast", "/models/moerge/fast", "GET /v1/models/{id...}"},
      {"/v1/models/moerge//fast/", "/v1/models/moerge/fast", "GET /v1/models/{id...}"},
      {"/api//decisions/7/", "/api/decisions/7", "GET /api/decisions/{id}"},
      {"/decisions/7", "/decisions/7", ""},
      {"/", "/", ""},
      {"//", "/", ""},
      {"", "", ""},
  };
  for (const auto& form : kForms) {
    EXPECT_EQ(CanonicalPath(form.path), form.canonical);
    EXPECT_EQ(Pattern("GET", CanonicalPath(form.path)), form.pattern) << form.path;
  }
  EXPECT_EQ(table.Find("PUT", "/models").allow, "GET, HEAD, POST");
}

TEST_F(Routes, HeadIsAnsweredByGet) { EXPECT_EQ(Pattern("HEAD", "/v1/models"), "GET /v1/models"); }

}  // namespace
}  // namespace moerge::api
