// An OpenAI chat request as one of Ollama's native /api/chat. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "config/base/json.h"

namespace moerge {

// `request` is the root of a checked chat request. Errors: kInvalid with the field, for what the
// API cannot express: images by http URL, `n` other than 1.
Result<std::string> ToOllamaRequest(const json::Value& request, std::string_view model,
                                    bool stream);

}  // namespace moerge
