#include "adapters/anthropic_reply.h"

#include "adapters/upstream.h"

namespace moerge {
namespace {

std::string_view FinishReason(std::string_view stop_reason) {
  if (stop_reason == "max_tokens" || stop_reason == "model_context_window_exceeded")
    return "length";
  if (stop_reason == "tool_use") return "tool_calls";
  if (stop_reason == "refusal") return "content_filter";
  return "stop";  // end_turn, stop_sequence, pause_turn
}

// Overwrites what `usage` says; the input counts cached tokens apart.
void TakeAnthropicUsage(const json::Value& usage, Usage* out) {
  if (const auto input = usage.Find("input_tokens").AsInt()) {
    out->prompt_tokens = *input + usage.Find("cache_creation_input_tokens").AsInt().value_or(0) +
                         usage.Find("cache_read_input_tokens").AsInt().value_or(0);
    out->estimated = false;
  }
  if (const auto output = usage.Find("output_tokens").AsInt()) out->completion_tokens = *output;
}

void TakeBlock(const json::Value& block, Completion* completion) {
  const std::string_view type = StringAt(block, "type");
  if (type == "text") completion->content.append(StringAt(block, "text"));
  if (type != "tool_use") return;
  completion->tool_calls.push_back(ToolCall{std::string(StringAt(block, "id")),
                                            std::string(StringAt(block, "name")),
                                            std::string(block.Find("input").raw())});
}

}  // namespace

Result<ChatReply> FromAnthropicReply(const Backend& backend, std::string_view json,
                                     std::int64_t created) {
  const auto document = json::Document::Parse(json);
  if (!document) return NotAnAnswer(backend, "the reply is not JSON: " + QuoteError(backend, json));
  const json::Value root = document->root();
  if (StringAt(root, "type") != "message" || !root.Find("content").is_array()) {
    return NotAnAnswer(backend, "the reply is no message: " + QuoteError(backend, json));
  }
  Completion completion;
  completion.id = StringAt(root, "id");
  completion.model = StringAt(root, "model");
  completion.created = created;
  for (const json::Value block : root.Find("content").children()) TakeBlock(block, &completion);
  completion.finish_reason = FinishReason(StringAt(root, "stop_reason"));
  TakeAnthropicUsage(root.Find("usage"), &completion.usage);
  return WriteCompletion(std::move(completion));
}

Status AnthropicStream::Take(std::string_view data, std::vector<std::string>* chunks) {
  const auto document = json::Document::Parse(data);
  if (!document || !document->root().is_object()) {
    return NotAnAnswer(backend_,
                       "an event of the stream is not JSON: " + QuoteError(backend_, data));
  }
  const json::Value event = document->root();
  const std::string_view type = StringAt(event, "type");
  if (type == "error") {
    return NotAnAnswer(backend_, "an error in the stream: " + QuoteError(backend_, data));
  }
  if (type == "message_start") return Start(event.Find("message"), chunks);
  if (!type.starts_with("content_block_") && !type.starts_with("message_")) return Ok{};
  if (!writer_.begun())
    return NotAnAnswer(backend_, "the stream does not begin with message_start");
  if (type == "content_block_start") return BlockStart(event, chunks);
  if (type == "content_block_delta") return BlockDelta(event, chunks);
  if (type == "message_delta") MessageDelta(event, chunks);
  if (type == "message_stop") Stop(chunks);
  return Ok{};
}

Status AnthropicStream::Start(const json::Value& message, std::vector<std::string>* chunks) {
  writer_.Begin(StringAt(message, "id"), StringAt(message, "model"), created_);
  TakeAnthropicUsage(message.Find("usage"), &writer_.summary().usage);
  writer_.Role(chunks);
  return Ok{};
}

Status AnthropicStream::BlockStart(const json::Value& event, std::vector<std::string>* chunks) {
  const json::Value block = event.Find("content_block");
  const std::string_view type = StringAt(block, "type");
  if (type == "text" && !StringAt(block, "text").empty()) {
    writer_.Content(StringAt(block, "text"), chunks);
  }
  if (type != "tool_use") return Ok{};
  const int index = static_cast<int>(tools_.size());
  tools_[event.Find("index").AsInt().value_or(-1)] = index;
  // The input comes in deltas; a server that sends it whole puts it here.
  const json::Value input = block.Find("input");
  writer_.ToolCallStart(index, StringAt(block, "id"), StringAt(block, "name"),
                        input.size() > 0 ? input.raw() : std::string_view(), chunks);
  return Ok{};
}

Status AnthropicStream::BlockDelta(const json::Value& event, std::vector<std::string>* chunks) {
  const json::Value delta = event.Find("delta");
  const std::string_view type = StringAt(delta, "type");
  if (type == "text_delta") {
    writer_.Content(StringAt(delta, "text"), chunks);
  } else if (type == "input_json_delta") {
    const auto tool = tools_.find(event.Find("index").AsInt().value_or(-1));
    if (tool == tools_.end()) {
      return NotAnAnswer(backend_, "the stream continues a tool call that it did not begin");
    }
    writer_.ToolArguments(tool->second, StringAt(delta, "partial_json"), chunks);
  }
  return Ok{};
}

void AnthropicStream::MessageDelta(const json::Value& event, std::vector<std::string>* chunks) {
  TakeAnthropicUsage(event.Find("usage"), &writer_.summary().usage);
  const auto reason = event.Find("delta").Find("stop_reason").AsString();
  if (reason) writer_.Finish(FinishReason(*reason), chunks);
}

void AnthropicStream::Stop(std::vector<std::string>* chunks) {
  if (wants_usage_) writer_.UsageOnly(chunks);
  done_ = true;
}

}  // namespace moerge
