// An OpenAI chat request as one of Anthropic's Messages API (version 2023-06-01). Pure,
// thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "config/base/json.h"

namespace moerge {

// `request` is the root of a checked chat request. Where it names no limit of tokens, which the API
// insists on, 4096 is said. Errors: kInvalid with the field, for what the API cannot express.
Result<std::string> ToAnthropicRequest(const json::Value& request, std::string_view model,
                                       bool stream);

}  // namespace moerge
