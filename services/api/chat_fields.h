// The top-level fields of a chat request but `messages` and `moerge`: types and ranges, and what
// the pipeline needs of them. Thread-safe, pure. Errors: kInvalid with `param`.
#pragma once

#include "config/base/json.h"
#include "config/base/result.h"
#include "services/calls/chat_request.h"

namespace moerge::api {

// Checks every known field of `root` and fills in what it says.
Status ReadChatFields(json::Value root, ChatRequest* request);

}  // namespace moerge::api
