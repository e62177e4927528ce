// A symbolic expert's text as the chat.completion, or the stream of chunks, that a model would give.
// Owner: the caller; no state. Threads: StreamToolAnswer on the stream's loop, the other any.
#pragma once

#include <cstdint>
#include <string_view>

#include "adapters/chat.h"
#include "config/base/task.h"

namespace moerge {

struct ToolAnswerHead {
  std::string_view id;     // of the decision
  std::string_view model;  // the expert's name
  std::int64_t created = 0;  // seconds since 1970
  std::int64_t prompt_tokens = 0;
};

ChatReply MakeToolReply(const ToolAnswerHead& head, std::string_view text);

// Role, content, finish, and the usage if `with_usage`. Error: the stream's.
Task<Status> StreamToolAnswer(const ToolAnswerHead& head, std::string_view text, bool with_usage,
                              ChunkSink& stream);

}  // namespace moerge
