// The `messages` of a chat request: checked, and read as routing reads them: the last user turn,
// the system text, earlier turns newest first. Thread-safe, pure. Errors: kInvalid with `param`.
#pragma once

#include "config/base/json.h"
#include "config/base/result.h"
#include "services/calls/chat_request.h"

namespace moerge::api {

// `messages` is absent if the request has none.
Status ReadMessages(json::Value messages, ChatRequest* request);

}  // namespace moerge::api
