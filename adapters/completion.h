// Writing answers in OpenAI's shape for backends that speak another one: whole completions and the
// chunks of a stream. Pure; not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/chat.h"

namespace moerge {

struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;  // JSON
};

// What a translated answer consists of.
struct Completion {
  std::string id;
  std::string model;
  std::int64_t created = 0;  // seconds since 1970
  std::string content;
  std::vector<ToolCall> tool_calls;
  std::string finish_reason;
  Usage usage;
};
ChatReply WriteCompletion(Completion completion);

// Writes the chunks of one streamed answer, and keeps its summary.
class ChunkWriter {
 public:
  // Before Begin there is nothing to write into.
  void Begin(std::string_view id, std::string_view model, std::int64_t created);
  bool begun() const { return !prefix_.empty(); }

  // Each appends one chunk to `out`.
  void Role(std::vector<std::string>* out);
  void Content(std::string_view text, std::vector<std::string>* out);
  void ToolCallStart(int index, std::string_view id, std::string_view name,
                     std::string_view arguments, std::vector<std::string>* out);
  void ToolArguments(int index, std::string_view arguments, std::vector<std::string>* out);
  void Finish(std::string_view reason, std::vector<std::string>* out);
  void UsageOnly(std::vector<std::string>* out);

  ChatChunk ChunkOf(const std::string& json) const { return {json, model_begin_, model_end_}; }
  StreamSummary& summary() { return summary_; }

 private:
  void Delta(std::string_view delta, std::vector<std::string>* out);
  void Add(std::string_view rest, std::vector<std::string>* out);

  std::string prefix_;  // everything up to the choices, the same in every chunk
  std::size_t model_begin_ = 0;
  std::size_t model_end_ = 0;
  std::string scratch_;
  StreamSummary summary_;
};

}  // namespace moerge
