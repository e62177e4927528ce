// What Ollama's native /api/chat answers, in OpenAI's shape. Pure; a stream's translator is not
// thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/completion.h"
#include "config/entities.h"

namespace moerge {

// What an answer is called, as Ollama gives it no name. Tool calls are named after it, too.
struct ReplyIdentity {
  std::string id;            // "chatcmpl-..."
  std::int64_t created = 0;  // seconds since 1970
  bool one_call = false;     // the client wants no more than one call of a function at once
};

// Errors: kUpstream, if it is no answer.
Result<ChatReply> FromOllamaReply(const Backend& backend, std::string_view json,
                                  const ReplyIdentity& identity);

// One streamed answer: a JSON object per line.
class OllamaStream {
 public:
  OllamaStream(const Backend& backend, ReplyIdentity identity, bool wants_usage)
      : backend_(backend), identity_(std::move(identity)), wants_usage_(wants_usage) {}

  // Takes one line and appends the chunks it becomes. Errors: kUpstream, for an error object and
  // for what is no part of an answer. An empty line is nothing.
  Status Take(std::string_view line, std::vector<std::string>* chunks);
  bool done() const { return done_; }
  ChunkWriter& writer() { return writer_; }

 private:
  void Message(const json::Value& root, std::vector<std::string>* chunks);
  Status Done(const json::Value& root, std::vector<std::string>* chunks);

  const Backend& backend_;
  ReplyIdentity identity_;
  bool wants_usage_;
  bool done_ = false;
  int tool_calls_ = 0;
  ChunkWriter writer_;
};

}  // namespace moerge
