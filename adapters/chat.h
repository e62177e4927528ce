// One chat request and its answer, as the parts of moerge hand them to each other. The request
// keeps the client's bytes, so that every field of OpenAI's API, known or not, reaches the expert
// as sent.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/json.h"
#include "config/base/task.h"
#include "registry/snapshot.h"

namespace moerge {

class ChatBody;
using ChatBodyPtr = std::shared_ptr<const ChatBody>;

// The body of POST /v1/chat/completions, valid as checked by services/api. Immutable and shared by
// all calls that send it.
class ChatBody {
  struct Key {};

 public:
  // Errors: kInvalid, from the JSON parser. Checks nothing beyond "an object".
  static Result<ChatBodyPtr> Parse(std::string text);
  explicit ChatBody(Key) {}  // for Parse
  ChatBody(const ChatBody&) = delete;
  ChatBody& operator=(const ChatBody&) = delete;

  std::string_view text() const { return text_; }
  json::Value root() const { return document_->root(); }
  json::Value Field(std::string_view key) const { return root().Find(key); }

 private:
  std::string text_;
  std::optional<json::Document> document_;
};

struct Usage {
  std::int64_t prompt_tokens = 0;
  std::int64_t completion_tokens = 0;
  bool estimated = true;                 // the expert did not say; see token_estimate.h
  std::int64_t cached_tokens = 0;        // of the prompt's, read from the expert's cache
  std::int64_t reasoning_tokens = 0;     // of the completion's
  std::int64_t image_tokens = 0;         // of the prompt's, pictures
  std::int64_t audio_tokens = 0;         // of the prompt's, speech
  std::int64_t audio_output_tokens = 0;  // of the completion's, speech
};

// What happened to one call that somebody should know of, in plain words.
struct AnswerNotes {
  // For the client: what of its request the expert's API has no word for, what cut the answer.
  std::vector<std::string> told;
  std::vector<std::string> mended;  // for the attempt: what of the reply was not as it should be
  std::int64_t context = 0;  // tokens that the expert says it has room for, having refused; 0: none
};

// Says once what was not as it should be; `notes` may be null.
void NoteMended(AnswerNotes* notes, std::string_view what);

// One call of one expert. Everything outlives the call.
struct ChatCall {
  const ChatBody* body = nullptr;
  const Expert* expert = nullptr;
  const Backend* backend = nullptr;
  std::string_view request_id;
  std::string_view traceparent;  // passed on; may be empty
  AnswerNotes* notes = nullptr;  // added to; null: nobody wants them
  // How long it may say nothing of its answer; 0: as long as the call's deadline allows.
  std::chrono::milliseconds patience{0};
};

// A whole answer: a `chat.completion` object in OpenAI's shape, whatever the backend speaks.
struct ChatReply {
  std::string json;
  // Where the value of the top-level "model" stands in `json`; 0, 0 if there is none.
  std::size_t model_begin = 0;
  std::size_t model_end = 0;
  std::string content;        // text of the first choice; empty if it only calls functions
  std::string finish_reason;  // of the first choice
  bool context_full = false;  // it was cut since the expert's context has no more room
  Usage usage;
};

// One event of a streamed answer: a `chat.completion.chunk` object in OpenAI's shape.
struct ChatChunk {
  std::string_view json;  // valid during the call that gets it
  std::size_t model_begin = 0;
  std::size_t model_end = 0;
};

struct StreamSummary {
  std::int64_t chunks = 0;
  std::int64_t content_bytes = 0;
  std::int64_t other_bytes = 0;  // of reasoning, refusals and calls
  std::string finish_reason = {};
  Usage usage = {};
  bool context_full = false;  // as in ChatReply
};

// Takes a streamed answer piece by piece; suspends while the client is slow, so that memory stays
// bounded. An Error (kCancelled: the client left) ends the stream.
class ChunkSink {
 public:
  virtual ~ChunkSink() = default;
  virtual Task<Status> Write(const ChatChunk& chunk) = 0;
};

}  // namespace moerge
