// A whole chat.completion as the chunks of a stream, and the chunks of a stream as a whole
// chat.completion: for experts that answer the one where the other was asked for, and for answers
// that are made whole and given as a stream. Pure; not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/chat.h"
#include "config/base/json.h"

namespace moerge {

// What chunks are called.
struct ChunkHead {
  std::string id = {};
  std::string model = {};
  std::int64_t created = 0;  // seconds since 1970
};

struct OwnedChunk {
  std::string json = {};
  std::size_t model_begin = 0;
  std::size_t model_end = 0;

  ChatChunk view() const { return {json, model_begin, model_end}; }
};

// For every choice the role, the rest of its message at once (text, reasoning, calls of functions,
// log-probabilities) and how it ended; then the usage if that is wanted. `head` null: as the reply
// is called.
std::vector<OwnedChunk> ChunksOf(const ChatReply& reply, const ChunkHead* head, bool with_usage);

// Puts the chunks of one stream together as OpenAI's SDKs do.
class ChunkAssembler {
 public:
  // Errors: kUpstream, for what is no chunk.
  Status Add(std::string_view chunk);
  // The chat.completion. Without any choice it has none, which no reader takes for an answer.
  std::string Finish() const;

 private:
  struct Call {
    std::string id;
    std::string type = "function";
    std::string name;
    std::string arguments;
    std::vector<std::pair<std::string, std::string>> others;  // JSON by key, such as signatures
    bool custom = false;
  };
  struct Choice {
    std::vector<std::pair<std::string, std::string>> texts;   // by key, in order
    std::vector<std::pair<std::string, std::string>> values;  // JSON by key
    // Elements of arrays by key: JSON texts.
    std::vector<std::pair<std::string, std::vector<std::string>>> lists;
    std::map<std::int64_t, Call> calls;
    std::string thinking_blocks;
    std::string logprobs;  // elements of logprobs.content
    bool has_content = false;
    std::string finish_reason;
  };

  void TakeChoice(const json::Value& choice);
  void TakeDelta(const json::Value& delta, Choice* into);
  static void TakeList(const json::Value& list, Choice* into);
  static void TakeCalls(const json::Value& calls, Choice* into);
  static void WriteMessage(const Choice& choice, json::Writer* writer);
  static void WriteCalls(const Choice& choice, json::Writer* writer);

  std::vector<std::pair<std::string, std::string>> head_;  // members of the first chunk, JSON
  std::map<std::int64_t, Choice> choices_;
  std::string usage_;  // JSON
};

}  // namespace moerge
