// Errors as clients see them: OpenAI's shape, all four keys, and the one place that maps ErrorCode
// to an HTTP status. Error::detail goes to the log alone. Thread-safe, pure.
#pragma once

#include <string>
#include <string_view>

#include "config/base/result.h"
#include "config/base/task.h"
#include "services/api/routes.h"
#include "services/http/exchange.h"

namespace moerge::api {

int HttpStatus(ErrorCode code);
// "invalid_request_error", "rate_limit_error", ...
std::string_view ErrorType(ErrorCode code);
// "invalid", "rate_limited", ...: how decisions name what went wrong with an attempt.
std::string_view ErrorName(ErrorCode code);

// {"error":{"message":...,"type":...,"param":...,"code":...}}
std::string ErrorJson(const Error& error);
// With Retry-After and, for 401, WWW-Authenticate.
http::Reply ErrorReply(const Error& error);
// For statuses that no ErrorCode stands for: 405, 408, 431.
http::Reply StatusReply(int status, std::string_view message);

// 415: a body for the administration that says it is `type`, not JSON.
http::Reply NotDeclaredJson(std::string_view type);

// Answers with the error and notes it for the log. A client that has left gets nothing.
Task<void> SendError(ApiCall& call, Error error);
// 200 with a JSON body.
Task<void> SendJson(ApiCall& call, std::string json, int status = 200);

}  // namespace moerge::api
