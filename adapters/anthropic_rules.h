// What Anthropic's Messages API (version 2023-06-01) accepts, refuses and needs, in one place: for
// the translator, and for the strict stand-in that its tests speak to. Pure, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/field_rules.h"

namespace moerge::anthropic {

inline constexpr std::string_view kApi = "Anthropic's API";

// Fields of an OpenAI request. `n`, log-probabilities and sound would change what the client gets;
// the rest only nudges the sampling or is OpenAI's own bookkeeping.
inline constexpr FieldRule kFields[] = {
    {"model", Handling::kOwn},
    {"moerge", Handling::kOwn},
    {"stream", Handling::kOwn},
    {"stream_options", Handling::kOwn},
    {"messages", Handling::kTranslated},
    {"max_tokens", Handling::kTranslated},
    {"max_completion_tokens", Handling::kTranslated},
    {"temperature", Handling::kTranslated},
    {"top_p", Handling::kTranslated},
    {"top_k", Handling::kTranslated},
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
    {"output_config", Handling::kTranslated},  // the API's own
    {"chat_template_kwargs", Handling::kNoted},
    {"user", Handling::kTranslated},
    {"safety_identifier", Handling::kTranslated},
    {"n", Handling::kRefused, "1"},
    {"logprobs", Handling::kRefused},
    {"top_logprobs", Handling::kRefused, "0"},
    {"functions", Handling::kRefused},
    {"function_call", Handling::kRefused, "auto"},
    {"modalities", Handling::kRefused, "text"},
    {"audio", Handling::kRefused},
    {"web_search_options", Handling::kRefused, "", true},
    {"seed", Handling::kNoted},
    {"presence_penalty", Handling::kNoted, "0"},
    {"frequency_penalty", Handling::kNoted, "0"},
    {"logit_bias", Handling::kNoted},
    {"service_tier", Handling::kNoted, "auto"},
};

// What the API knows at the top of a request. The stand-in refuses anything else.
inline constexpr std::string_view kRequestMembers[] = {
    "model", "max_tokens",  "messages", "system", "temperature",    "top_p",    "top_k",
    "tools", "tool_choice", "thinking", "stream", "stop_sequences", "metadata", "output_config"};

inline constexpr std::string_view kImageTypes[] = {"image/jpeg", "image/png", "image/gif",
                                                   "image/webp"};
inline constexpr std::size_t kMaxName = 128;             // of a tool
inline constexpr std::int64_t kMinThinking = 1024;       // tokens, and fewer than max_tokens
inline constexpr std::int64_t kMaxThinking = 1'000'000;  // that a limit is raised for
inline constexpr std::string_view kEfforts[] = {"low", "medium", "high", "xhigh", "max"};
inline constexpr std::int64_t kDefaultMaxOutput = 8192;
inline constexpr double kMaxTemperature = 1;
inline constexpr std::size_t kMaxCacheMarks = 4;  // `cache_control`, in all of a request
// At the top of a tool's schema.
inline constexpr std::string_view kSchemaUnions[] = {"anyOf", "oneOf", "allOf"};

// Ids of tool calls: ^[a-zA-Z0-9_-]+$.
bool IsToolId(std::string_view id);
// Names of tools: the same letters, 1 to 128.
bool IsToolName(std::string_view name);
// The nearest name that is one, for tools that only earlier turns name.
std::string AsToolName(std::string_view name);
// Names of a schema's properties at its top: ^[a-zA-Z0-9_.-]{1,64}$.
bool IsPropertyName(std::string_view name);
// Whom a request is for: no address and no number of a person, at most 256 bytes.
bool IsUserId(std::string_view id);
bool IsImageType(std::string_view media_type);

}  // namespace moerge::anthropic
