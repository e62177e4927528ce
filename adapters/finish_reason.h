// How an answer ended, in OpenAI's words. Pure, thread-safe.
#pragma once

#include <string_view>

namespace moerge {

constexpr std::string_view kFailedReason = "error";

// "stop", "length", "tool_calls", "content_filter" or "function_call", whatever the server calls
// it; kFailedReason where the answer broke off by a fault of the server's or of what it made; a
// word that is not known stays; "null" and "none" are none, empty.
std::string_view PlainFinishReason(std::string_view said);

}  // namespace moerge
