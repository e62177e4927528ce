// What OpenAI-compatible servers answer, read without being rebuilt. Pure, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/chat.h"
#include "config/entities.h"

namespace moerge {

// A whole `chat.completion`. Errors: kUpstream, if it is no JSON object with at least one choice,
// or carries an error.
Result<ChatReply> ParseOpenAiReply(const Backend& backend, std::string json,
                                   std::size_t prompt_bytes);

// What one event of a stream says; views into it.
struct OpenAiChunk {
  bool has_choices = false;
  bool has_error = false;
  std::size_t model_begin = 0;
  std::size_t model_end = 0;
  std::size_t content_bytes = 0;   // text of all choices, decoded
  std::string_view finish_reason;  // of the first choice that has one; empty if none has
  std::optional<Usage> usage;
};

// False: not a JSON object. One pass over the text, nothing built.
bool ScanOpenAiChunk(std::string_view json, OpenAiChunk* chunk);

}  // namespace moerge
