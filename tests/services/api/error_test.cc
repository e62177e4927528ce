#include "services/api/error.h"

#include <gtest/gtest.h>

#include "config/base/json.h"

namespace moerge::api {
namespace {

std::string Header(const http::Reply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return value;
  }
  return "";
}

TEST(ApiError, HasAllFourKeysWhateverTheError) {
  const std::string body = ErrorJson(Error{ErrorCode::kInternal, "it \"broke\"\n"});
  const auto document = json::Document::Parse(body);
  ASSERT_TRUE(document.ok());
  const json::Value error = document->root().Find("error");
  EXPECT_EQ(error.size(), 4u);
  EXPECT_EQ(error.Find("message").AsString(), "it \"broke\"\n");
  EXPECT_EQ(error.Find("type").AsString(), "server_error");
  EXPECT_TRUE(error.Find("param").present() && error.Find("param").is_null());
  EXPECT_TRUE(error.Find("code").present() && error.Find("code").is_null());
}

TEST(ApiError, DetailStaysInside) {
  Error error{ErrorCode::kUpstream, "the expert broke"};
  error.detail = "secret stack";
  EXPECT_EQ(ErrorReply(error).body.find("secret"), std::string::npos);
}

TEST(ApiError, EveryCodeHasItsStatus) {
  EXPECT_EQ(HttpStatus(ErrorCode::kInvalid), 400);
  EXPECT_EQ(HttpStatus(ErrorCode::kUnauthorized), 401);
  EXPECT_EQ(HttpStatus(ErrorCode::kForbidden), 403);
  EXPECT_EQ(HttpStatus(ErrorCode::kNotFound), 404);
  EXPECT_EQ(HttpStatus(ErrorCode::kConflict), 409);
  EXPECT_EQ(HttpStatus(ErrorCode::kTooLarge), 413);
  EXPECT_EQ(HttpStatus(ErrorCode::kRateLimited), 429);
  EXPECT_EQ(HttpStatus(ErrorCode::kInternal), 500);
  EXPECT_EQ(HttpStatus(ErrorCode::kUpstream), 502);
  EXPECT_EQ(HttpStatus(ErrorCode::kNoExpert), 503);
  EXPECT_EQ(HttpStatus(ErrorCode::kTimeout), 504);
}

TEST(ApiError, AdviceToWaitBecomesAHeader) {
  Error error{ErrorCode::kRateLimited, "busy"};
  error.retry_after = std::chrono::seconds(7);
  EXPECT_EQ(Header(ErrorReply(error), "retry-after"), "7");
  EXPECT_EQ(Header(ErrorReply(Error{ErrorCode::kRateLimited, "busy"}), "retry-after"), "");
}

TEST(ApiError, WhatMayWorkLaterSaysWhen) {
  for (const ErrorCode code : {ErrorCode::kUnavailable, ErrorCode::kOverloaded}) {
    EXPECT_EQ(Header(ErrorReply(Error{code, "no"}), "retry-after"), "1");
    Error error{code, "no"};
    error.retry_after = std::chrono::seconds(9);
    EXPECT_EQ(Header(ErrorReply(error), "retry-after"), "9");
  }
  for (const ErrorCode code : {ErrorCode::kNoExpert, ErrorCode::kInvalid, ErrorCode::kUpstream}) {
    EXPECT_EQ(Header(ErrorReply(Error{code, "no"}), "retry-after"), "");
  }
}

TEST(ApiError, SdksAreToldNotToRepeatWhatNobodyCanAnswer) {
  EXPECT_EQ(Header(ErrorReply(Error{ErrorCode::kNoExpert, "nobody"}), "x-should-retry"), "false");
}

TEST(ApiError, StatusesWithoutACodeKeepTheShape) {
  for (const int status : {400, 405, 408, 413, 431, 500, 503}) {
    const http::Reply reply = StatusReply(status, "no");
    EXPECT_EQ(reply.status, status);
    EXPECT_TRUE(json::Document::Parse(reply.body).ok());
  }
}

}  // namespace
}  // namespace moerge::api
