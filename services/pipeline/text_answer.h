// An answer that is at hand, as the chat.completion or the stream of chunks that a model would
// give. Owner: the caller; no state. Threads: StreamReply on the stream's loop, the others any.
#pragma once

#include <cstdint>
#include <string_view>

#include "adapters/chat.h"
#include "config/base/task.h"

namespace moerge {

struct TextAnswer {
  std::string_view id;       // of the decision
  std::string_view model;    // the expert's name
  std::int64_t created = 0;  // seconds since 1970
  std::string_view text = {};
  std::string_view finish_reason = "stop";
  Usage usage = {};
};

// What a symbolic expert that says `text` used: tokens are counted as bytes / 4.
Usage ToolUsage(std::int64_t prompt_tokens, std::string_view text);

ChatReply MakeTextReply(const TextAnswer& answer);

// Whose stream a whole reply becomes.
struct StreamHead {
  std::string_view id;     // of the decision
  std::string_view model;  // the expert's name
  std::int64_t created = 0;
  bool with_usage = false;
};
// For every choice the role, the rest of its message at once (text, reasoning, calls of functions,
// log-probabilities) and how it ended; then the usage if that is wanted. Error: the stream's.
Task<Status> StreamReply(const ChatReply& reply, const StreamHead& head, ChunkSink& stream);

}  // namespace moerge
