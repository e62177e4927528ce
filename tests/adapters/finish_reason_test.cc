// How servers say that an answer ended; the next word is one row.
#include "adapters/finish_reason.h"

#include <gtest/gtest.h>

namespace moerge {
namespace {

TEST(FinishReason, OtherServersWordsAreOpenAis) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"stop", "stop"},
      {"length", "length"},
      {"tool_calls", "tool_calls"},
      {"function_call", "function_call"},
      {"content_filter", "content_filter"},
      {"STOP", "stop"},
      {"eos", "stop"},
      {"eos_token", "stop"},
      {"stop_sequence", "stop"},
      {"end_turn", "stop"},
      {"COMPLETE", "stop"},
      {"model_length", "length"},
      {"MAX_TOKENS", "length"},
      {"max_output_tokens", "length"},
      {"tool_use", "tool_calls"},
      {"content_filter: SAFETY", "content_filter"},
      {"SAFETY", "content_filter"},
      {"sensitive", "content_filter"},
      {"refusal", "content_filter"},
      {"error", "error"},
      {"ERROR", "error"},
      {"insufficient_system_resource", "error"},
      {"abort", "error"},
      {"network_error", "error"},
      {"MALFORMED_FUNCTION_CALL", "error"},
      {"function_call_filter: MALFORMED_FUNCTION_CALL", "error"},
      {"ERROR_TOXIC", "error"},
      // What is not known is the client's to judge.
      {"pause", "pause"},
      {"", ""},
  };
  for (const auto& [said, plain] : rows) EXPECT_EQ(PlainFinishReason(said), plain) << said;
}

}  // namespace
}  // namespace moerge
