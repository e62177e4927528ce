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
    EXPECT_EQ(error.status, row.status == 422 ? 422 : 0);
    EXPECT_EQ(error.message.find("backend `gpu`"), 0u);
    if (error.reason == kContextExceeded) {
      EXPECT_EQ(ContextIn(row.body), row.context);
    }
  }
}

}  // namespace
}  // namespace moerge
