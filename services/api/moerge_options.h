// The `moerge` object of a chat request: explain, policy, skills, experts, max_calls, max_tokens,
// max_cost_usd, max_latency_ms, signals, progress,
// verify. Other keys are refused, since a misspelt wish would be ignored in silence.
// Thread-safe, pure. Errors: kInvalid with `param`.
#pragma once

#include "config/base/json.h"
#include "config/base/result.h"
#include "services/calls/chat_request.h"

namespace moerge::api {

Status ReadMoergeOptions(json::Value options, ChatRequest* request);

}  // namespace moerge::api
