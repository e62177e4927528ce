#include "adapters/anthropic_reply.h"

#include "adapters/anthropic_tools.h"
#include "adapters/error_detail.h"
#include "adapters/failure_signs.h"
#include "adapters/json_mend.h"
#include "adapters/openai_fields.h"
#include "adapters/sse.h"
#include "adapters/upstream.h"
#include "config/base/random.h"

namespace moerge {
namespace {

constexpr std::string_view kContextFull = "model_context_window_exceeded";

// `calls`: of functions that the client declared.
std::string_view FinishReason(std::string_view stop_reason, bool calls) {
  if (stop_reason == "max_tokens" || stop_reason == kContextFull) return "length";
  if (stop_reason == "tool_use" && calls) return "tool_calls";
  if (stop_reason == "refusal") return "content_filter";
  return "stop";  // end_turn, stop_sequence, pause_turn
}

// The arguments that an input is: an object, or its text.
std::string InputOf(const json::Value& input) {
  if (input.is_object()) return std::string(input.raw());
  return ToolArguments(input);
}

// What an answer that says itself to be none looks like.
bool IsMessage(const json::Value& root) {
  const std::string_view type = StringAt(root, "type");
  const json::Value content = root.Find("content");
  return (type == "message" || type.empty()) && (content.is_array() || content.is_string()) &&
         !IsError(root.Find("error"));
}

// A signed or hidden thought as it must come back.
std::string ThinkingBlock(std::string_view thinking, std::string_view signature) {
  std::string json;
  json::Writer writer(&json);
  writer.BeginObject().Field("type", "thinking").Field("thinking", thinking);
  writer.Field("signature", signature).EndObject();
  return json;
}

std::string HiddenBlock(std::string_view data) {
  std::string json;
  json::Writer(&json)
      .BeginObject()
      .Field("type", "redacted_thinking")
      .Field("data", data)
      .EndObject();
  return json;
}

void TakeThought(const json::Value& block, Completion* completion) {
  const bool hidden = StringAt(block, "type") == "redacted_thinking";
  const std::string_view signature = StringAt(block, "signature");
  completion->reasoning.append(StringAt(block, "thinking"));
  if (!hidden && signature.empty()) return;
  std::string& all = completion->thinking_blocks;
  if (!all.empty()) all.push_back(',');
  all.append(hidden ? HiddenBlock(StringAt(block, "data"))
                    : ThinkingBlock(StringAt(block, "thinking"), signature));
}

std::string IdOfUse(const json::Value& tool) {
  const std::string_view id = StringAt(tool, "id");
  return id.empty() ? "call_" + RandomId() : std::string(id);
}

void TakeTool(const json::Value& block, Completion* completion) {
  const std::string arguments = InputOf(block.Find("input"));
  if (StringAt(block, "name") == anthropic::kAnswerTool) {
    completion->content.append(arguments);
    return;
  }
  completion->tool_calls.push_back(
      ToolCall{IdOfUse(block), std::string(StringAt(block, "name")), arguments});
}

void TakeBlock(const json::Value& block, Completion* completion) {
  const std::string_view type = StringAt(block, "type");
  if (type == "text") completion->content.append(StringAt(block, "text"));
  if (type == "thinking" || type == "redacted_thinking") TakeThought(block, completion);
  if (type == "tool_use") TakeTool(block, completion);
}

}  // namespace

void AnthropicCounts::Take(const json::Value& usage) {
  const auto take = [&usage](std::string_view key, std::int64_t* count) {
    const auto said = TokenCount(usage.Find(key));
    if (said && *said > 0) *count = *said;
  };
  const bool cache_known = read > 0 || created > 0;
  take("input_tokens", &input);
  take("cache_read_input_tokens", &read);
  take("cache_creation_input_tokens", &created);
  take("output_tokens", &output);
  const auto thoughts = TokenCount(usage.Find("output_tokens_details").Find("thinking_tokens"));
  if (thoughts && *thoughts > 0) thinking = *thoughts;
  // Some servers tell only at the end what of the input was cached.
  const auto rest = TokenCount(usage.Find("input_tokens"));
  if (!cache_known && (read > 0 || created > 0) && rest) input = *rest;
}

Usage AnthropicCounts::Sum() const {
  Usage usage{.prompt_tokens = input + read + created, .completion_tokens = output};
  usage.cached_tokens = read;
  usage.reasoning_tokens = thinking;
  usage.estimated = usage.prompt_tokens == 0 && output == 0;
  return usage;
}

Result<ChatReply> FromAnthropicReply(const Backend& backend, std::string_view json,
                                     std::int64_t created) {
  std::string mended;
  const auto document = ParseMended(json, &mended);
  if (!document) return NotAnAnswer(backend, "the reply is not JSON: " + QuoteError(backend, json));
  const json::Value root = document->root();
  if (!IsMessage(root)) {
    return ErrorInAnswer(backend, "the reply is no message", json);
  }
  Completion completion;
  completion.id = StringAt(root, "id");
  completion.model = StringAt(root, "model");
  completion.created = created;
  const json::Value content = root.Find("content");
  completion.content = content.AsString().value_or("");
  for (const json::Value block : content.children()) TakeBlock(block, &completion);
  completion.finish_reason =
      FinishReason(StringAt(root, "stop_reason"), !completion.tool_calls.empty());
  AnthropicCounts counts;
  counts.Take(root.Find("usage"));
  completion.usage = counts.Sum();
  if (SaysNothing(completion)) return NotAnAnswer(backend, kEmptyAnswer);
  ChatReply reply = WriteCompletion(std::move(completion));
  reply.context_full = StringAt(root, "stop_reason") == kContextFull;
  return reply;
}

Status AnthropicStream::Take(std::string_view data, std::vector<std::string>* chunks) {
  std::string mended;
  const auto document = ParseMended(data, &mended);
  if (!document || !document->root().is_object()) {
    return ErrorInAnswer(backend_, "an event of the stream is not JSON", data);
  }
  const json::Value event = document->root();
  const std::string_view type = StringAt(event, "type");
  const bool failed = type.empty() ? SignOf(document->text()) == Sign::kFailure : IsErrorName(type);
  if (failed || IsError(event.Find("error"))) {
    return ErrorInAnswer(backend_, "an error in the stream", data);
  }
  if (type == "message_start") Start(event.Find("message"));
  const bool known = type.starts_with("content_block_") || type.starts_with("message_");
  if (!known && !IsPing(type)) left_out_ = QuoteError(backend_, data);
  if (!known) return Ok{};
  if (!writer_.begun())
    return NotAnAnswer(backend_, "the stream does not begin with message_start");
  if (type == "content_block_start") BlockStart(event, chunks);
  if (type == "content_block_delta") return BlockDelta(event, chunks);
  if (type == "content_block_stop") BlockStop(event, chunks);
  if (type == "message_delta") return MessageDelta(event, chunks);
  if (type == "message_stop") Stop(chunks);
  return Ok{};
}

void AnthropicStream::Start(const json::Value& message) {
  writer_.Begin(StringAt(message, "id"), StringAt(message, "model"), created_);
  counts_.Take(message.Find("usage"));
  writer_.summary().usage = counts_.Sum();
}

void AnthropicStream::BlockStart(const json::Value& event, std::vector<std::string>* chunks) {
  const json::Value start = event.Find("content_block");
  const std::string_view type = StringAt(start, "type");
  Block& block = blocks_[event.Find("index").AsInt().value_or(-1)];
  if (type == "text" && !StringAt(start, "text").empty()) {
    writer_.Content(StringAt(start, "text"), chunks);
  } else if (type == "thinking") {
    block.kind = Kind::kThinking;
    block.thinking = StringAt(start, "thinking");
    block.signature = StringAt(start, "signature");
    if (!block.thinking.empty()) writer_.Reasoning(block.thinking, chunks);
  } else if (type == "redacted_thinking") {
    writer_.ThinkingBlock(HiddenBlock(StringAt(start, "data")), chunks);
  } else if (type == "tool_use") {
    ToolStart(start, &block, chunks);
  }
}

void AnthropicStream::ToolStart(const json::Value& tool, Block* block,
                                std::vector<std::string>* chunks) {
  const bool answer = StringAt(tool, "name") == anthropic::kAnswerTool;
  block->kind = answer ? Kind::kAnswer : Kind::kCall;
  if (!answer) {
    block->call = calls_++;
    writer_.ToolCallStart(block->call, IdOfUse(tool), StringAt(tool, "name"), {}, chunks);
  }
  block->input = InputOf(tool.Find("input"));
}

Status AnthropicStream::BlockDelta(const json::Value& event, std::vector<std::string>* chunks) {
  const json::Value delta = event.Find("delta");
  const std::string_view type = StringAt(delta, "type");
  if (type == "text_delta") {
    writer_.Content(StringAt(delta, "text"), chunks);
    return Ok{};
  }
  const auto found = blocks_.find(event.Find("index").AsInt().value_or(-1));
  if (found == blocks_.end()) {
    if (type != "input_json_delta") return Ok{};
    return NotAnAnswer(backend_, "the stream continues a tool call that it did not begin");
  }
  Block& block = found->second;
  if (type == "thinking_delta") {
    block.thinking.append(StringAt(delta, "thinking"));
    writer_.Reasoning(StringAt(delta, "thinking"), chunks);
  } else if (type == "signature_delta") {
    block.signature.append(StringAt(delta, "signature"));
  } else if (type == "input_json_delta") {
    Arguments(StringAt(delta, "partial_json"), &block, chunks);
  }
  return Ok{};
}

void AnthropicStream::Arguments(std::string_view piece, Block* block,
                                std::vector<std::string>* chunks) {
  if (piece.empty()) return;
  block->arguments = true;
  if (block->kind == Kind::kAnswer) writer_.Content(piece, chunks);
  if (block->kind == Kind::kCall) writer_.ToolArguments(block->call, piece, chunks);
}

// What a block says only at its end.
void AnthropicStream::Close(Block* block, std::vector<std::string>* chunks) {
  const bool call = block->kind == Kind::kCall || block->kind == Kind::kAnswer;
  if (call && !block->arguments) Arguments(block->input, block, chunks);
  if (block->kind == Kind::kThinking && !block->signature.empty()) {
    writer_.ThinkingBlock(ThinkingBlock(block->thinking, block->signature), chunks);
  }
}

void AnthropicStream::BlockStop(const json::Value& event, std::vector<std::string>* chunks) {
  const auto found = blocks_.find(event.Find("index").AsInt().value_or(-1));
  if (found == blocks_.end()) return;
  Close(&found->second, chunks);
  blocks_.erase(found);
}

Status AnthropicStream::MessageDelta(const json::Value& event, std::vector<std::string>* chunks) {
  counts_.Take(event.Find("usage"));
  writer_.summary().usage = counts_.Sum();
  const auto reason = event.Find("delta").Find("stop_reason").AsString();
  if (!reason) return Ok{};
  const std::string_view finish = FinishReason(*reason, calls_ > 0);
  writer_.summary().context_full = *reason == kContextFull;
  if (finish == "stop" && writer_.SaysNothing()) return NotAnAnswer(backend_, kEmptyAnswer);
  // Some servers leave out the blocks' ends.
  for (auto& [index, block] : blocks_) Close(&block, chunks);
  blocks_.clear();
  writer_.Finish(finish, chunks);
  return Ok{};
}

Status AnthropicStream::CheckEnd(std::string_view ignored) const {
  const StreamSummary& summary = writer_.summary();
  if (!summary.finish_reason.empty() || (left_out_.empty() && ignored.empty())) return Ok{};
  return ErrorBehind(backend_, left_out_, ignored);
}

void AnthropicStream::End(std::vector<std::string>* chunks) {
  if (!done_ && !writer_.summary().finish_reason.empty()) Stop(chunks);
}

void AnthropicStream::Stop(std::vector<std::string>* chunks) {
  if (wants_usage_) writer_.UsageOnly(chunks);
  done_ = true;
}

}  // namespace moerge
