#include "services/api/error.h"

#include <algorithm>
#include <utility>

#include "config/base/json.h"

namespace moerge::api {

int HttpStatus(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid: return 400;
    case ErrorCode::kUnauthorized: return 401;
    case ErrorCode::kForbidden: return 403;
    case ErrorCode::kNotFound: return 404;
    case ErrorCode::kConflict: return 409;
    case ErrorCode::kTooLarge: return 413;
    case ErrorCode::kRateLimited: return 429;
    case ErrorCode::kNoExpert:
    case ErrorCode::kOverloaded:
    case ErrorCode::kUnavailable: return 503;
    case ErrorCode::kUpstream: return 502;
    case ErrorCode::kTimeout: return 504;
    case ErrorCode::kCancelled: return 499;
    case ErrorCode::kInternal: return 500;
  }
  return 500;
}

std::string_view ErrorType(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid:
    case ErrorCode::kConflict:
    case ErrorCode::kTooLarge: return "invalid_request_error";
    case ErrorCode::kUnauthorized: return "authentication_error";
    case ErrorCode::kForbidden: return "permission_error";
    case ErrorCode::kNotFound: return "not_found_error";
    case ErrorCode::kRateLimited: return "rate_limit_error";
    case ErrorCode::kTimeout: return "timeout_error";
    case ErrorCode::kUpstream: return "upstream_error";
    case ErrorCode::kNoExpert:
    case ErrorCode::kOverloaded:
    case ErrorCode::kUnavailable:
    case ErrorCode::kCancelled:
    case ErrorCode::kInternal: break;
  }
  return "server_error";
}

std::string_view ErrorName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid: return "invalid";
    case ErrorCode::kUnauthorized: return "unauthorized";
    case ErrorCode::kForbidden: return "forbidden";
    case ErrorCode::kNotFound: return "not_found";
    case ErrorCode::kConflict: return "conflict";
    case ErrorCode::kTooLarge: return "too_large";
    case ErrorCode::kRateLimited: return "rate_limited";
    case ErrorCode::kNoExpert: return "no_expert";
    case ErrorCode::kOverloaded: return "overloaded";
    case ErrorCode::kUnavailable: return "unavailable";
    case ErrorCode::kUpstream: return "upstream";
    case ErrorCode::kTimeout: return "timeout";
    case ErrorCode::kCancelled: return "cancelled";
    case ErrorCode::kInternal: return "internal";
  }
  return "internal";
}

std::string ErrorJson(const Error& error) {
  std::string out;
  json::Writer writer(&out);
  const auto text_or_null = [&](std::string_view key, std::string_view text) {
    writer.Key(key);
    text.empty() ? writer.Null() : writer.String(text);
  };
  writer.BeginObject().Key("error").BeginObject().Field("message", error.message);
  writer.Field("type", error.type.empty() ? ErrorType(error.code) : error.type);
  text_or_null("param", error.param);
  text_or_null("code", error.reason);
  writer.EndObject().EndObject();
  return out;
}

http::Reply ErrorReply(const Error& error) {
  const int status = error.status > 0 ? error.status : HttpStatus(error.code);
  http::Reply reply{.status = status, .headers = {}, .body = ErrorJson(error)};
  const bool later = error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kOverloaded;
  const std::int64_t wait = std::max<std::int64_t>(error.retry_after.count(), later ? 1 : 0);
  if (wait > 0) reply.headers.emplace_back("retry-after", std::to_string(wait));
  if (error.code == ErrorCode::kUnauthorized) {
    reply.headers.emplace_back("www-authenticate", "Bearer");
  }
  // OpenAI's SDKs repeat every 5xx and 429 unless told; no repetition registers an expert or fills
  // a budget.
  const bool for_long = error.reason == "insufficient_quota";
  if (error.code == ErrorCode::kNoExpert || for_long)
    reply.headers.emplace_back("x-should-retry", "false");
  return reply;
}

http::Reply StatusReply(int status, std::string_view message) {
  ErrorCode code = ErrorCode::kInvalid;
  if (status == 413) code = ErrorCode::kTooLarge;
  if (status == 429) code = ErrorCode::kRateLimited;
  if (status >= 500) code = status == 503 ? ErrorCode::kOverloaded : ErrorCode::kInternal;
  http::Reply reply = ErrorReply(Error{code, std::string(message)});
  reply.status = status;
  return reply;
}

http::Reply NotDeclaredJson(std::string_view type) {
  Error error{.code = ErrorCode::kInvalid,
              .message =
                  "a body for this path must be JSON and say so: send the header "
                  "`content-type: application/json` (curl: -H 'content-type: "
                  "application/json')",
              .reason = "unsupported_content_type"};
  if (!type.empty()) error.message += ", not `" + std::string(type.substr(0, 128)) + "`";
  http::Reply reply = ErrorReply(error);
  reply.status = 415;
  return reply;
}

Task<void> SendError(ApiCall& call, Error error) {
  call.notes.error =
      error.detail.empty() ? error.message : error.message + " [" + error.detail + "]";
  if (call.exchange.replied() || error.code == ErrorCode::kCancelled) {
    call.exchange.Abort();
    co_return;
  }
  http::Reply reply = ErrorReply(error);
  (void)co_await call.exchange.Send(std::move(reply));
}

Task<void> SendJson(ApiCall& call, std::string json, int status) {
  http::Reply reply;
  reply.status = status;
  reply.body = std::move(json);
  if (call.kept_reply != nullptr && status < 300) *call.kept_reply = reply;
  (void)co_await call.exchange.Send(std::move(reply));
}

}  // namespace moerge::api
