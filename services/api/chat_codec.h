// The body of a chat request: bytes -> ChatRequest, or an Error that names the field at fault.
//
// What is checked is what moerge itself acts on or what OpenAI refuses everywhere; unknown
// top-level fields are passed on to the expert untouched. Thread-safe, pure. Errors: kInvalid with
// `param`.
#pragma once

#include <string>

#include "config/base/result.h"
#include "services/calls/chat_request.h"

namespace moerge::api {

enum class ModelField { kRequired, kOptional };  // optional: a missing model means "auto"

// The request's views point into itself; ids are the caller's to fill in.
Result<ChatRequest> ParseChatRequest(std::string body, ModelField model = ModelField::kRequired);

}  // namespace moerge::api
