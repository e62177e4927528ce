// What Anthropic's Messages API answers, in OpenAI's shape. Thoughts are `reasoning_content`, and
// `thinking_blocks` with their signatures, which the API wants back while a call is under way. A
// call of kAnswerTool is the answer's text. Pure; a stream's translator is not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/completion.h"
#include "config/base/json.h"
#include "config/entities.h"

namespace moerge {

// Errors: kUpstream, if it is no message. `created` is in seconds since 1970.
Result<ChatReply> FromAnthropicReply(const Backend& backend, std::string_view json,
                                     std::int64_t created);

// Tokens as the API counts them: those that were cached apart. What is said later takes the place
// of what was said before, unless it says nothing.
struct AnthropicCounts {
  std::int64_t input = 0;
  std::int64_t read = 0;     // from the cache
  std::int64_t created = 0;  // in the cache
  std::int64_t output = 0;
  std::int64_t thinking = 0;  // of the output

  void Take(const json::Value& usage);
  Usage Sum() const;
};

// One streamed message. Pings and kinds of events not known are ignored.
class AnthropicStream {
 public:
  AnthropicStream(const Backend& backend, std::int64_t created, bool wants_usage)
      : backend_(backend), created_(created), wants_usage_(wants_usage) {}

  // Takes one event's data and appends the chunks it becomes. Errors: kUpstream, for an error event
  // and for what is no event of this API.
  Status Take(std::string_view data, std::vector<std::string>* chunks);
  // The stream is over: an answer whose end was said is whole without a message_stop.
  void End(std::vector<std::string>* chunks);
  bool done() const { return done_; }  // message_stop was seen
  // Error: kUpstream, for a stream that is over without a word of how the answer ended, where
  // something that is no event of this API came in it; `ignored` is that of the parser.
  Status CheckEnd(std::string_view ignored) const;
  ChunkWriter& writer() { return writer_; }

 private:
  enum class Kind { kOther, kThinking, kAnswer, kCall };
  struct Block {
    Kind kind = Kind::kOther;
    int call = 0;              // kCall: its number
    bool arguments = false;    // kCall, kAnswer: some came
    std::string input = "{}";  // kCall, kAnswer: said at its start; pieces come in its place
    std::string thinking;
    std::string signature;
  };

  void Start(const json::Value& message);
  void BlockStart(const json::Value& event, std::vector<std::string>* chunks);
  void ToolStart(const json::Value& tool, Block* block, std::vector<std::string>* chunks);
  Status BlockDelta(const json::Value& event, std::vector<std::string>* chunks);
  void Arguments(std::string_view piece, Block* block, std::vector<std::string>* chunks);
  void Close(Block* block, std::vector<std::string>* chunks);
  void BlockStop(const json::Value& event, std::vector<std::string>* chunks);
  Status MessageDelta(const json::Value& event, std::vector<std::string>* chunks);
  void Stop(std::vector<std::string>* chunks);

  const Backend& backend_;
  std::int64_t created_;
  bool wants_usage_;
  bool done_ = false;
  int calls_ = 0;
  AnthropicCounts counts_;
  ChunkWriter writer_;
  std::string left_out_;  // of the latest event of no known kind, as it may be shown
  std::map<std::int64_t, Block> blocks_;  // by index
};

}  // namespace moerge
