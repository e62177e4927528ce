// What Ollama's native /api/chat accepts, refuses and needs, in one place: for the translator, and
// for the strict stand-in that its tests speak to. Pure, thread-safe.
#pragma once

#include <string_view>

#include "adapters/field_rules.h"

namespace moerge::ollama {

inline constexpr std::string_view kApi = "Ollama's API";

// Fields of an OpenAI request. Those of kOptions go into `options`.
inline constexpr FieldRule kFields[] = {
    {"model", Handling::kOwn},
    {"moerge", Handling::kOwn},
    {"stream", Handling::kOwn},
    {"stream_options", Handling::kOwn},
    {"messages", Handling::kTranslated},
    {"max_tokens", Handling::kTranslated},
    {"max_completion_tokens", Handling::kTranslated},
    {"stop", Handling::kTranslated},
    {"tools", Handling::kTranslated},
    {"tool_choice", Handling::kTranslated},
    {"parallel_tool_calls", Handling::kTranslated},
    {"response_format", Handling::kTranslated},
    {"reasoning_effort", Handling::kTranslated},
    {"reasoning", Handling::kTranslated},
    {"thinking", Handling::kTranslated},
    {"think", Handling::kTranslated},
    {"enable_thinking", Handling::kTranslated},
    {"chat_template_kwargs", Handling::kNoted},
    {"options", Handling::kTranslated},
    {"keep_alive", Handling::kTranslated},
    {"logprobs", Handling::kTranslated},
    {"top_logprobs", Handling::kTranslated},
    {"temperature", Handling::kTranslated},
    {"top_p", Handling::kTranslated},
    {"top_k", Handling::kTranslated},
    {"min_p", Handling::kTranslated},
    {"typical_p", Handling::kTranslated},
    {"seed", Handling::kTranslated},
    {"frequency_penalty", Handling::kTranslated},
    {"presence_penalty", Handling::kTranslated},
    {"repeat_penalty", Handling::kTranslated},
    {"repetition_penalty", Handling::kTranslated},
    {"repeat_last_n", Handling::kTranslated},
    {"num_ctx", Handling::kTranslated},
    {"n", Handling::kRefused, "1"},
    {"functions", Handling::kRefused},
    {"function_call", Handling::kRefused, "auto"},
    {"modalities", Handling::kRefused, "text"},
    {"audio", Handling::kRefused},
    {"web_search_options", Handling::kRefused, "", true},
    {"logit_bias", Handling::kNoted},
    {"service_tier", Handling::kNoted, "auto"},
};

// Members of `options` that clients write at the top of a request, too.
inline constexpr std::string_view kOptions[] = {"temperature",
                                                "top_p",
                                                "top_k",
                                                "min_p",
                                                "typical_p",
                                                "seed",
                                                "frequency_penalty",
                                                "presence_penalty",
                                                "repeat_penalty",
                                                "repeat_last_n",
                                                "num_ctx"};

// What the API knows at the top of a request, and in a message. The stand-in refuses anything else.
inline constexpr std::string_view kRequestMembers[] = {
    "model",   "messages",   "stream", "tools",    "format",
    "options", "keep_alive", "think",  "logprobs", "top_logprobs"};
inline constexpr std::string_view kMessageMembers[] = {
    "role", "content", "thinking", "images", "tool_calls", "tool_name", "tool_call_id"};
inline constexpr std::string_view kRoles[] = {"system", "user", "assistant", "tool"};
// Words that `think` may be; it may be a boolean, too.
inline constexpr std::string_view kEfforts[] = {"low", "medium", "high"};

}  // namespace moerge::ollama
