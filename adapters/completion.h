// Writing answers in OpenAI's shape for backends that speak another one: whole completions and the
// chunks of a stream, which add up to the same. Pure; not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/chat.h"
#include "config/base/json.h"

namespace moerge {

struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;  // JSON; empty: {}
};

// What a translated answer consists of.
struct Completion {
  std::string id;
  std::string model;
  std::int64_t created = 0;  // seconds since 1970
  std::string content;
  std::string reasoning;        // `reasoning_content`
  std::string thinking_blocks;  // elements of an array, JSON: thoughts that the API had signed
  std::string logprobs;         // the array `logprobs.content`, JSON; empty: none
  std::vector<ToolCall> tool_calls;
  std::string finish_reason;
  Usage usage;
};
ChatReply WriteCompletion(Completion completion);

inline constexpr std::string_view kEmptyAnswer = "the answer is empty";
// Whether an answer that ended by itself says nothing at all and took no token: none, in truth.
bool SaysNothing(const Completion& completion);

// A usage as OpenAI writes it.
void WriteUsage(const Usage& usage, json::Writer* writer);

// Writes the chunks of one streamed answer, and keeps its summary. The role goes out with the first
// piece that says something, so that what fails before may still be asked of another expert.
class ChunkWriter {
 public:
  // Before Begin there is nothing to write into.
  void Begin(std::string_view id, std::string_view model, std::int64_t created);
  bool begun() const { return !prefix_.empty(); }

  // Each appends one chunk to `out`, with the role's in front of the first. `logprobs` is the array
  // of the text's tokens, JSON; empty: none.
  void Content(std::string_view text, std::vector<std::string>* out,
               std::string_view logprobs = {});
  void Reasoning(std::string_view text, std::vector<std::string>* out);
  // `block` is an object, JSON, without its index.
  void ThinkingBlock(std::string_view block, std::vector<std::string>* out);
  void ToolCallStart(int index, std::string_view id, std::string_view name,
                     std::string_view arguments, std::vector<std::string>* out);
  void ToolArguments(int index, std::string_view arguments, std::vector<std::string>* out);
  void Finish(std::string_view reason, std::vector<std::string>* out);
  void UsageOnly(std::vector<std::string>* out);

  bool said() const { return said_; }
  // As of a whole answer; before Finish.
  bool SaysNothing() const { return !said_ && !summary_.usage.estimated && NoTokens(); }

  // The request whose prompt is counted here where the expert does not count it. Outlives the
  // stream.
  void ExpectPrompt(const json::Value& request) { request_ = request; }

  ChatChunk ChunkOf(const std::string& json) const { return {json, model_begin_, model_end_}; }
  StreamSummary& summary() { return summary_; }
  const StreamSummary& summary() const { return summary_; }

 private:
  bool NoTokens() const { return summary_.usage.completion_tokens == 0; }
  void Say(bool text, std::vector<std::string>* out);
  void Delta(std::string_view delta, std::vector<std::string>* out,
             std::string_view logprobs = "null");
  void Add(std::string_view rest, std::vector<std::string>* out);

  std::string prefix_;  // everything up to the choices, the same in every chunk
  std::size_t model_begin_ = 0;
  std::size_t model_end_ = 0;
  bool said_ = false;
  int thinking_blocks_ = 0;
  json::Value request_;  // may be absent
  std::string scratch_;
  StreamSummary summary_;
};

}  // namespace moerge
