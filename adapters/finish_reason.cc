#include "adapters/finish_reason.h"

#include <algorithm>

#include "config/base/text.h"

namespace moerge {
namespace {

struct OtherWord {
  std::string_view said;  // in lower case
  std::string_view plain;
};

// Servers behind OpenAI's API that hand on another API's word, or have one of their own.
constexpr OtherWord kOtherWords[] = {
    // TGI, Together, Cohere, Gemini, Anthropic's behind proxies
    {"null", ""},
    {"none", ""},
    {"unspecified", ""},
    {"eos", "stop"},
    {"eos_token", "stop"},
    {"stop_sequence", "stop"},
    {"stop_token", "stop"},
    {"end_turn", "stop"},
    {"complete", "stop"},
    {"completed", "stop"},
    {"finished", "stop"},
    // Mistral, Cohere, Gemini
    {"model_length", "length"},
    {"max_tokens", "length"},
    {"max_length", "length"},
    {"max_output_tokens", "length"},
    {"model_context_window_exceeded", "length"},
    {"tool_call", "tool_calls"},
    {"tool_use", "tool_calls"},
    // Gemini, Zhipu, Bedrock, Anthropic
    {"safety", "content_filter"},
    {"recitation", "content_filter"},
    {"blocklist", "content_filter"},
    {"prohibited_content", "content_filter"},
    {"spii", "content_filter"},
    {"sensitive", "content_filter"},
    {"content_filtered", "content_filter"},
    {"guardrail_intervened", "content_filter"},
    {"refusal", "content_filter"},
    // OpenRouter, Mistral; DeepSeek; vLLM, SGLang; Zhipu; Gemini; Bedrock; Cohere
    {"error", kFailedReason},
    {"insufficient_system_resource", kFailedReason},
    {"abort", kFailedReason},
    {"network_error", kFailedReason},
    {"function_call_filter", kFailedReason},
    {"malformed_function_call", kFailedReason},
    {"malformed_model_output", kFailedReason},
    {"malformed_tool_use", kFailedReason},
    {"error_toxic", kFailedReason},
    {"error_limit", kFailedReason},
};

constexpr std::string_view kPlain[] = {"stop", "length", "tool_calls", "content_filter",
                                       "function_call"};

}  // namespace

std::string_view PlainFinishReason(std::string_view said) {
  if (std::ranges::find(kPlain, said) != std::end(kPlain)) return said;
  // Gemini tells the cause behind a colon.
  std::string word = LowerAscii(Trim(said.substr(0, said.find(':'))));
  constexpr std::string_view kPrefix = "finish_reason_";
  if (word.starts_with(kPrefix)) word.erase(0, kPrefix.size());
  for (const std::string_view plain : kPlain) {
    if (word == plain) return plain;
  }
  for (const OtherWord& other : kOtherWords) {
    if (word == other.said) return other.plain;
  }
  return said;
}

}  // namespace moerge
