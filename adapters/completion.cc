#include "adapters/completion.h"

#include "adapters/token_estimate.h"
#include "config/base/json.h"

namespace moerge {
namespace {

void WriteToolCalls(const std::vector<ToolCall>& calls, json::Writer* writer) {
  writer->Key("tool_calls").BeginArray();
  for (const ToolCall& call : calls) {
    const std::string_view arguments =
        call.arguments.empty() ? std::string_view("{}") : std::string_view(call.arguments);
    writer->BeginObject().Field("id", call.id).Field("type", "function");
    writer->Key("function").BeginObject();
    writer->Field("name", call.name).Field("arguments", arguments).EndObject().EndObject();
  }
  writer->EndArray();
}

void WriteMessage(const Completion& completion, json::Writer* writer) {
  const bool other = !completion.tool_calls.empty() || !completion.reasoning.empty();
  writer->BeginObject().Field("role", "assistant").Key("content");
  if (completion.content.empty() && other) {
    writer->Null();
  } else {
    writer->String(completion.content);
  }
  writer->Key("refusal").Null();
  if (!completion.reasoning.empty()) writer->Field("reasoning_content", completion.reasoning);
  if (!completion.thinking_blocks.empty()) {
    writer->Key("thinking_blocks").Raw("[" + completion.thinking_blocks + "]");
  }
  if (!completion.tool_calls.empty()) WriteToolCalls(completion.tool_calls, writer);
  writer->EndObject();
}

std::string LogprobsOf(std::string_view tokens) {
  if (tokens.empty()) return "null";
  return "{\"content\":" + std::string(tokens) + ",\"refusal\":null}";
}

}  // namespace

void WriteUsage(const Usage& usage, json::Writer* writer) {
  writer->BeginObject();
  writer->Field("prompt_tokens", usage.prompt_tokens);
  writer->Field("completion_tokens", usage.completion_tokens);
  writer->Field("total_tokens", usage.prompt_tokens + usage.completion_tokens);
  if (usage.cached_tokens > 0) {
    writer->Key("prompt_tokens_details").BeginObject();
    writer->Field("cached_tokens", usage.cached_tokens).EndObject();
  }
  if (usage.reasoning_tokens > 0) {
    writer->Key("completion_tokens_details").BeginObject();
    writer->Field("reasoning_tokens", usage.reasoning_tokens).EndObject();
  }
  writer->EndObject();
}

bool SaysNothing(const Completion& completion) {
  return completion.content.empty() && completion.reasoning.empty() &&
         completion.tool_calls.empty() && completion.finish_reason == "stop" &&
         !completion.usage.estimated && completion.usage.completion_tokens == 0;
}

ChatReply WriteCompletion(Completion completion) {
  ChatReply reply;
  json::Writer writer(&reply.json);
  writer.BeginObject().Field("id", completion.id).Field("object", "chat.completion");
  writer.Field("created", completion.created).Key("model");
  reply.model_begin = reply.json.size();
  writer.String(completion.model);
  reply.model_end = reply.json.size();
  writer.Key("choices").BeginArray().BeginObject().Field("index", 0).Key("message");
  WriteMessage(completion, &writer);
  writer.Key("logprobs").Raw(LogprobsOf(completion.logprobs));
  writer.Field("finish_reason", completion.finish_reason);
  writer.EndObject().EndArray().Key("usage");
  WriteUsage(completion.usage, &writer);
  writer.EndObject();
  reply.content = std::move(completion.content);
  reply.finish_reason = std::move(completion.finish_reason);
  reply.usage = completion.usage;
  return reply;
}

void ChunkWriter::Begin(std::string_view id, std::string_view model, std::int64_t created) {
  prefix_.clear();
  json::Writer writer(&prefix_);
  writer.BeginObject().Field("id", id).Field("object", "chat.completion.chunk");
  writer.Field("created", created).Key("model");
  model_begin_ = prefix_.size();
  writer.String(model);
  model_end_ = prefix_.size();
  prefix_.append(",\"choices\":[");
}

void ChunkWriter::Add(std::string_view rest, std::vector<std::string>* out) {
  std::string& chunk = out->emplace_back();
  chunk.reserve(prefix_.size() + rest.size());
  chunk.append(prefix_).append(rest);
  ++summary_.chunks;
}

void ChunkWriter::Delta(std::string_view delta, std::vector<std::string>* out,
                        std::string_view logprobs) {
  scratch_ = "{\"index\":0,\"delta\":";
  scratch_.append(delta).append(",\"logprobs\":").append(logprobs);
  scratch_.append(",\"finish_reason\":null}]}");
  Add(scratch_, out);
}

// An answer of text begins with an empty one, any other has none so far.
void ChunkWriter::Say(bool text, std::vector<std::string>* out) {
  if (said_) return;
  said_ = true;
  Delta(text ? R"({"role":"assistant","content":""})" : R"({"role":"assistant","content":null})",
        out);
}

void ChunkWriter::Content(std::string_view text, std::vector<std::string>* out,
                          std::string_view logprobs) {
  Say(true, out);
  std::string delta = "{\"content\":";
  json::AppendQuoted(text, &delta);
  delta.push_back('}');
  Delta(delta, out, LogprobsOf(logprobs));
  summary_.content_bytes += static_cast<std::int64_t>(text.size());
}

void ChunkWriter::Reasoning(std::string_view text, std::vector<std::string>* out) {
  Say(false, out);
  std::string delta = "{\"reasoning_content\":";
  json::AppendQuoted(text, &delta);
  delta.push_back('}');
  Delta(delta, out);
  summary_.other_bytes += static_cast<std::int64_t>(text.size());
}

void ChunkWriter::ThinkingBlock(std::string_view block, std::vector<std::string>* out) {
  Say(false, out);
  std::string delta = "{\"thinking_blocks\":[{\"index\":" + std::to_string(thinking_blocks_++);
  delta.append(",").append(block.substr(1)).append("]}");
  Delta(delta, out);
}

void ChunkWriter::ToolCallStart(int index, std::string_view id, std::string_view name,
                                std::string_view arguments, std::vector<std::string>* out) {
  Say(false, out);
  std::string delta;
  json::Writer writer(&delta);
  writer.BeginObject().Key("tool_calls").BeginArray().BeginObject().Field("index", index);
  writer.Field("id", id).Field("type", "function").Key("function").BeginObject();
  writer.Field("name", name).Field("arguments", arguments);
  writer.EndObject().EndObject().EndArray().EndObject();
  Delta(delta, out);
  summary_.other_bytes += static_cast<std::int64_t>(name.size() + arguments.size());
}

void ChunkWriter::ToolArguments(int index, std::string_view arguments,
                                std::vector<std::string>* out) {
  std::string delta;
  json::Writer writer(&delta);
  writer.BeginObject().Key("tool_calls").BeginArray().BeginObject().Field("index", index);
  writer.Key("function").BeginObject().Field("arguments", arguments).EndObject();
  writer.EndObject().EndArray().EndObject();
  Delta(delta, out);
  summary_.other_bytes += static_cast<std::int64_t>(arguments.size());
}

void ChunkWriter::Finish(std::string_view reason, std::vector<std::string>* out) {
  Say(true, out);
  summary_.finish_reason = reason;
  std::string rest = R"({"index":0,"delta":{},"logprobs":null,"finish_reason":)";
  json::AppendQuoted(reason, &rest);
  rest.append("}]}");
  Add(rest, out);
}

void ChunkWriter::UsageOnly(std::vector<std::string>* out) {
  std::string rest = "],\"usage\":";
  json::Writer writer(&rest);
  const std::int64_t answer =
      EstimateTokens(static_cast<std::size_t>(summary_.content_bytes + summary_.other_bytes));
  WriteUsage(Settled(summary_.usage, request_, answer), &writer);
  rest.push_back('}');
  Add(rest, out);
}

}  // namespace moerge
