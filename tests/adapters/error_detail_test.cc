// What an expert says of its error goes through where the request or a limit is at fault; what is
// the operator's to mend does not. The next error is one row.
#include <gtest/gtest.h>

#include "adapters/error_detail.h"
#include "adapters/protocol.h"
#include "adapters/upstream.h"

namespace moerge {
namespace {

struct DetailRow {
  int status;
  const char* body;
  ErrorCode code;
  const char* reason = "";
  const char* type = "";
  const char* param = "";
  std::int64_t context = 0;
};

constexpr const char* kLong = "context_length_exceeded";

const DetailRow kDetailRows[] = {
    {400,
     R"({"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}})",
     ErrorCode::kInvalid, kLong, "invalid_request_error", "messages", 8192},
    {400,
     R"({"error":{"message":"The response was filtered.","type":null,"param":"prompt","code":"content_filter"}})",
     ErrorCode::kInvalid, "content_filter", "", "prompt"},
    {429,
     R"({"error":{"message":"You exceeded your quota.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}})",
     ErrorCode::kRateLimited, "insufficient_quota", "insufficient_quota"},
    // llama.cpp
    {400,
     R"j({"error":{"code":400,"message":"request (124315 tokens) exceeds the available context size (123904 tokens)","type":"exceed_context_size_error","n_prompt_tokens":124315,"n_ctx":123904}})j",
     ErrorCode::kInvalid, kLong, "exceed_context_size_error", "messages", 123904},
    // Anthropic
    {400,
     R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}})",
     ErrorCode::kInvalid, kLong, "invalid_request_error", "messages", 200000},
    {413,
     R"({"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}})",
     ErrorCode::kTooLarge, "", "request_too_large"},
    {529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
     ErrorCode::kUnavailable, "", "overloaded_error"},
    // vLLM, which has no object around it; FastAPI
    {400,
     R"({"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens","type":"BadRequestError","param":null,"code":400})",
     ErrorCode::kInvalid, kLong, "BadRequestError", "messages", 4096},
    {422, R"({"detail":"top_k: not a number"})", ErrorCode::kInvalid},
    {413,
     R"({"error":{"message":"Please reduce the length: the context window of 131072 tokens is exceeded"}})",
     ErrorCode::kInvalid, kLong, "", "messages", 131072},
    {400, "prompt is too long", ErrorCode::kInvalid, kLong, "", "messages"},
    // SGLang
    {400,
     R"j({"object":"error","message":"The input (5000 tokens) is longer than the model's context length (4096 tokens).","type":"BadRequestError","code":400})j",
     ErrorCode::kInvalid, kLong, "BadRequestError", "messages", 4096},
    // TGI
    {422,
     R"j({"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 100 `max_new_tokens`","error_type":"validation"})j",
     ErrorCode::kInvalid, kLong, "", "messages", 4096},
    // TGI, older
    {422,
     R"j({"error":"Input validation error: `inputs` must have less than 4095 tokens. Given: 5000","error_type":"validation"})j",
     ErrorCode::kInvalid, kLong, "", "messages", 4095},
    // vLLM
    {400,
     R"j({"object":"error","message":"The decoder prompt (length 5000) is longer than the maximum model length of 4096.","type":"BadRequestError","code":400})j",
     ErrorCode::kInvalid, kLong, "BadRequestError", "messages", 4096},
    // Gemini
    {400,
     R"j([{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048575).","status":"INVALID_ARGUMENT"}}])j",
     ErrorCode::kInvalid, kLong, "", "messages", 1048575},
    // Moonshot
    {400,
     R"j({"error":{"message":"Invalid request: Your request exceeded model token limit: 8192","type":"invalid_request_error"}})j",
     ErrorCode::kInvalid, kLong, "invalid_request_error", "messages", 8192},
    // xAI
    {400,
     R"j({"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 131072 but the request contains 537812 tokens."})j",
     ErrorCode::kInvalid, kLong, "", "messages", 131072},
    // LM Studio
    {400,
     R"j({"error":"Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens"})j",
     ErrorCode::kInvalid, kLong, "", "messages", 4096},
    // Cerebras
    {400,
     R"j({"message":"Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"})j",
     ErrorCode::kInvalid, kLong, "invalid_request_error", "messages", 8192},
    // GitHub
    {413,
     R"j({"error":{"code":"tokens_limit_reached","message":"Request body too large for gpt-4o model. Max size: 8000 tokens.","details":"x"}})j",
     ErrorCode::kInvalid, kLong, "", "messages", 8000},
    // DashScope
    {400,
     R"j({"error":{"code":"invalid_parameter_error","message":"Range of input length should be [1, 30720]","type":"invalid_request_error"}})j",
     ErrorCode::kInvalid, kLong, "invalid_request_error", "messages"},
    // a server that says 500 to all
    {500,
     R"j({"error":{"message":"the request exceeds the available context size (4096 tokens)","type":"server_error"}})j",
     ErrorCode::kInvalid, kLong, "server_error", "messages", 4096},
    {500, R"({"error":{"message":"failed to allocate the context window"}})",
     ErrorCode::kUnavailable},
    {400, R"({"error":{"message":"stop is too long","param":"stop"}})", ErrorCode::kInvalid, "", "",
     "stop"},
    {400, "no JSON", ErrorCode::kInvalid},
    // The operator's.
    {401, R"({"error":{"message":"x","code":"invalid_api_key","type":"t"}})",
     ErrorCode::kUnauthorized},
    {402, R"({"error":{"message":"Insufficient Balance","code":"invalid_request_error"}})",
     ErrorCode::kForbidden},
    {403, R"({"error":{"message":"x","code":"c"}})", ErrorCode::kUnauthorized},
    {404, R"({"error":{"message":"no such model","code":"model_not_found"}})",
     ErrorCode::kNotFound},
    {451, R"({"error":{"message":"not here","code":"c"}})", ErrorCode::kForbidden},
    {407, "proxy", ErrorCode::kForbidden},
    {406, "x", ErrorCode::kNotFound},
    {410, "gone", ErrorCode::kNotFound},
    {415, "x", ErrorCode::kNotFound},
    {421, "x", ErrorCode::kNotFound},
    {426, "x", ErrorCode::kNotFound},
    // Though the status blames the request: models that are not there,
    {400,
     R"({"error":{"message":"Model Not Exist","type":"invalid_request_error","param":null,"code":"invalid_request_error"}})",
     ErrorCode::kNotFound},
    {400,
     R"({"error":{"message":"The model `x` does not exist","code":"model_not_found","type":"invalid_request_error"}})",
     ErrorCode::kNotFound},
    {400,
     R"({"object":"error","message":"The model `x` does not exist.","type":"BadRequestError","code":400})",
     ErrorCode::kNotFound},
    {400, R"({"error":{"message":"foo/bar is not a valid model ID","code":400}})",
     ErrorCode::kNotFound},
    {400, R"({"object":"error","message":"Invalid model: x","type":"invalid_model","code":"1500"})",
     ErrorCode::kNotFound},
    {400,
     R"({"error":{"message":"No models loaded. Please load a model in the developer page.","param":"model"}})",
     ErrorCode::kNotFound},
    {400,
     R"({"error":{"message":"The model has been decommissioned","code":"model_decommissioned"}})",
     ErrorCode::kNotFound},
    // accounts that are empty or shut,
    {400,
     R"({"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API."}})",
     ErrorCode::kForbidden},
    {400,
     R"({"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits."}})",
     ErrorCode::kForbidden},
    {400,
     R"({"type":"error","error":{"type":"invalid_request_error","message":"This organization has been disabled."}})",
     ErrorCode::kForbidden},
    {400, R"({"error":{"message":"Access denied","code":"Arrearage","type":"Arrearage"}})",
     ErrorCode::kForbidden},
    {403, R"({"error":{"message":"quota","code":"insufficient_user_quota"}})",
     ErrorCode::kForbidden},
    {400,
     R"([{"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}])",
     ErrorCode::kForbidden},
    // keys.
    {400,
     R"([{"error":{"code":400,"message":"API key expired.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}])",
     ErrorCode::kUnauthorized},
    // In plain words, as proxies say it.
    {400, "Incorrect API key provided", ErrorCode::kUnauthorized},
    {400, "API key not valid. Please pass a valid API key.", ErrorCode::kUnauthorized},
    {403, "<p>Your credit balance is too low</p>", ErrorCode::kForbidden},
    {400, "foo is not a valid model ID", ErrorCode::kNotFound},
    {400, "Bad Request", ErrorCode::kInvalid},
    // The request's, though the status blames the key.
    {403,
     R"({"error":{"message":"Your input was flagged","code":403,"metadata":{"reasons":["violence"]}}})",
     ErrorCode::kInvalid, "content_filter"},
    // What a relay quotes of the server behind it
    {400,
     R"({"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"bad\",\"code\":\"invalid_value\",\"type\":\"t\",\"param\":\"tools[0]\"}}"}}})",
     ErrorCode::kInvalid, "invalid_value", "t", "tools[0]"},
    {400, R"({"error":{"message":"a model of the world does not exist"}})", ErrorCode::kInvalid},
};

TEST(ErrorDetail, GoesThrough) {
  Backend backend;
  backend.name = "gpu";
  for (const DetailRow& row : kDetailRows) {
    SCOPED_TRACE(row.body);
    const Error error = ErrorFromStatus(backend, row.status, "", row.body);
    EXPECT_EQ(error.code, row.code);
    EXPECT_EQ(error.reason, row.reason);
    EXPECT_EQ(error.type, row.type);
    EXPECT_EQ(error.param, row.param);
    const bool kept = row.status == 422 && error.reason != kContextExceeded;
    EXPECT_EQ(error.status, kept ? 422 : 0);
    EXPECT_EQ(error.message.find("backend `gpu`"), 0u);
    if (error.reason == kContextExceeded) {
      EXPECT_EQ(ContextIn(row.body), row.context);
    }
  }
}

struct TextRow {
  std::string_view body;
  std::string_view says;
};

constexpr TextRow kTextRows[] = {
    {R"({"error":{"message":"a"}})", "a"},
    {R"({"error":"a"})", "a"},
    {R"({"message":"a"})", "a"},
    {R"({"detail":"a"})", "a"},
    {R"({"detail":{"error":"a"}})", "a"},
    {R"({"detail":[{"type":"missing","loc":["body","messages",0,"content"],"msg":"Field required"}]})",
     "body.messages.0.content: Field required"},
    {R"({"object":"error","message":{"detail":[{"loc":["body","x"],"msg":"Extra inputs"}]}})",
     "body.x: Extra inputs"},
    {R"({"success":false,"errors":[{"code":7003,"message":"No route"}]})", "No route"},
    {R"({"errors":["a","b"]})", "a"},
    {R"([{"error":{"message":"a"}}])", "a"},
    {R"({"error":{"message":"Provider returned error","metadata":{"raw":"{\"error\":{\"message\":\"too hot\"}}"}}})",
     "Provider returned error: too hot"},
    {R"({"error":{"message":"Provider returned error","metadata":{"raw":"plain words"}}})",
     "Provider returned error: plain words"},
    {R"({"error_code":336,"error_msg":"a"})", "a"},
    {R"({"error_type":"t","error_message":"a"})", "a"},
    {R"({"Error":{"message":"a"}})", "a"},
    {R"({"internalServerException":{"message":"a"}})", "a"},
    {R"({"code":7})", ""},
    {"[]", ""},
};

TEST(ErrorDetail, ItsTextIsFound) {
  for (const TextRow& row : kTextRows) {
    const auto body = json::Document::Parse(row.body);
    ASSERT_TRUE(body.ok()) << row.body;
    EXPECT_EQ(ErrorText(body->root()), row.says) << row.body;
  }
}

// A 403 may have another reason than the key.
TEST(ErrorDetail, WhatIsForbiddenIsQuoted) {
  Backend backend;
  const std::string_view body = R"({"error":{"message":"this region is not served"}})";
  EXPECT_NE(ErrorFromStatus(backend, 403, "", body).message.find("this region is not served"),
            std::string::npos);
}

TEST(ErrorDetail, WaitsAsTheBodySays) {
  Backend backend;
  const std::string_view body =
      R"([{"error":{"code":429,"message":"x","details":[{"@type":"google.rpc.RetryInfo","retryDelay":"7s"}]}}])";
  EXPECT_EQ(ErrorFromStatus(backend, 429, "", body).retry_after.count(), 7);
  EXPECT_EQ(ErrorFromStatus(backend, 429, "3", body).retry_after.count(), 3);
}

TEST(ErrorDetail, InTheShapeOfASuccessCountsAsIfItWereTheStatus) {
  struct Row {
    const char* body;
    ErrorCode code;
    const char* reason = "";
    const char* type = "";
    const char* param = "";
  };
  const Row rows[] = {
      {R"({"error":{"message":"x","code":429}})", ErrorCode::kRateLimited},
      {R"({"error":{"message":"x","code":"429"}})", ErrorCode::kRateLimited, "429"},
      {R"({"error":{"message":"x","code":400,"type":"t"}})", ErrorCode::kInvalid, "", "t"},
      {R"({"error":{"message":"x","status":402}})", ErrorCode::kForbidden},
      {R"({"error":{"message":"x","code":401}})", ErrorCode::kUnauthorized},
      {R"({"error":{"message":"prompt is too long"}})", ErrorCode::kInvalid, kLong, "", "messages"},
      {R"({"error":{"message":"x","code":"context_length_exceeded"}})", ErrorCode::kInvalid, kLong,
       "", "messages"},
      {R"({"object":"error","message":"maximum context length is 9 tokens","code":400})",
       ErrorCode::kInvalid, kLong, "", "messages"},
      {R"({"type":"error","error":{"type":"rate_limit_error","message":"x"}})",
       ErrorCode::kRateLimited, "", "rate_limit_error"},
      {R"({"type":"error","error":{"type":"invalid_request_error","message":"x"}})",
       ErrorCode::kInvalid, "", "invalid_request_error"},
      // Named, not numbered.
      {R"({"error":{"message":"x","type":"invalid_request_error","param":"top_p"}})",
       ErrorCode::kInvalid, "", "invalid_request_error", "top_p"},
      {R"({"error":{"message":"x","code":"content_filter"}})", ErrorCode::kInvalid,
       "content_filter"},
      {R"({"error":{"message":"x","code":"insufficient_quota","type":"insufficient_quota"}})",
       ErrorCode::kRateLimited, "insufficient_quota", "insufficient_quota"},
      {R"({"error":{"message":"x","code":"rate_limit_exceeded","type":"invalid_request_error"}})",
       ErrorCode::kRateLimited, "rate_limit_exceeded", "invalid_request_error"},
      {R"({"error":{"message":"x","code":"model_not_found","type":"invalid_request_error"}})",
       ErrorCode::kNotFound},
      {R"({"error":{"message":"x","code":"invalid_api_key"}})", ErrorCode::kUnauthorized},
      {R"([{"error":{"message":"x","status":"RESOURCE_EXHAUSTED"}}])", ErrorCode::kRateLimited},
      {R"({"object":"error","message":"x","type":"BadRequestError"})", ErrorCode::kInvalid, "",
       "BadRequestError"},
      {R"({"code":"Throttling","message":"x"})", ErrorCode::kRateLimited, "Throttling"},
      // What another try or another expert may mend stays a broken answer.
      {R"({"type":"error","error":{"type":"overloaded_error","message":"x"}})",
       ErrorCode::kUpstream, "", "overloaded_error"},
      {R"({"error":{"message":"x","type":"server_error","code":"model_overloaded","param":"p"}})",
       ErrorCode::kUpstream, "model_overloaded", "server_error", "p"},
      {R"({"error":{"message":"x","code":500}})", ErrorCode::kUpstream},
      {R"({"error":{"message":"x","code":502}})", ErrorCode::kUpstream},
      {R"({"error":{"message":"x","code":408}})", ErrorCode::kUpstream},
      {R"({"error":{"message":"x","code":7}})", ErrorCode::kUpstream},
      {R"({"error":"no"})", ErrorCode::kUpstream},
      {"no JSON", ErrorCode::kUpstream},
  };
  Backend backend;
  backend.name = "gpu";
  for (const Row& row : rows) {
    const Error error = ErrorInAnswer(backend, "the reply is an error", row.body);
    EXPECT_EQ(error.code, row.code) << row.body;
    EXPECT_EQ(error.reason, row.reason) << row.body;
    EXPECT_EQ(error.type, row.type) << row.body;
    EXPECT_EQ(error.param, row.param) << row.body;
    EXPECT_EQ(error.status, 0) << row.body;
    EXPECT_EQ(error.message.find("backend `gpu`"), 0u) << error.message;
  }
}

}  // namespace
}  // namespace moerge
