#include "adapters/completion.h"

#include "config/base/json.h"

namespace moerge {
namespace {

void WriteUsage(const Usage& usage, json::Writer* writer) {
  writer->BeginObject();
  writer->Field("prompt_tokens", usage.prompt_tokens);
  writer->Field("completion_tokens", usage.completion_tokens);
  writer->Field("total_tokens", usage.prompt_tokens + usage.completion_tokens);
  writer->EndObject();
}

void WriteMessage(const Completion& completion, json::Writer* writer) {
  writer->BeginObject().Field("role", "assistant").Key("content");
  if (completion.content.empty() && !completion.tool_calls.empty()) {
    writer->Null();
  } else {
    writer->String(completion.content);
  }
  writer->Key("refusal").Null();
  if (!completion.tool_calls.empty()) {
    writer->Key("tool_calls").BeginArray();
    for (const ToolCall& call : completion.tool_calls) {
      writer->BeginObject().Field("id", call.id).Field("type", "function");
      writer->Key("function").BeginObject();
      writer->Field("name", call.name).Field("arguments", call.arguments).EndObject().EndObject();
    }
    writer->EndArray();
  }
  writer->EndObject();
}

}  // namespace

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
  writer.Key("logprobs").Null().Field("finish_reason", completion.finish_reason);
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

void ChunkWriter::Delta(std::string_view delta, std::vector<std::string>* out) {
  scratch_ = "{\"index\":0,\"delta\":";
  scratch_.append(delta).append(",\"logprobs\":null,\"finish_reason\":null}]}");
  Add(scratch_, out);
}

void ChunkWriter::Role(std::vector<std::string>* out) {
  Delta(R"({"role":"assistant","content":""})", out);
}

void ChunkWriter::Content(std::string_view text, std::vector<std::string>* out) {
  std::string delta = "{\"content\":";
  json::AppendQuoted(text, &delta);
  delta.push_back('}');
  Delta(delta, out);
  summary_.content_bytes += static_cast<std::int64_t>(text.size());
}

void ChunkWriter::ToolCallStart(int index, std::string_view id, std::string_view name,
                                std::string_view arguments, std::vector<std::string>* out) {
  std::string delta;
  json::Writer writer(&delta);
  writer.BeginObject().Key("tool_calls").BeginArray().BeginObject().Field("index", index);
  writer.Field("id", id).Field("type", "function").Key("function").BeginObject();
  writer.Field("name", name).Field("arguments", arguments);
  writer.EndObject().EndObject().EndArray().EndObject();
  Delta(delta, out);
}

void ChunkWriter::ToolArguments(int index, std::string_view arguments,
                                std::vector<std::string>* out) {
  std::string delta;
  json::Writer writer(&delta);
  writer.BeginObject().Key("tool_calls").BeginArray().BeginObject().Field("index", index);
  writer.Key("function").BeginObject().Field("arguments", arguments).EndObject();
  writer.EndObject().EndArray().EndObject();
  Delta(delta, out);
}

void ChunkWriter::Finish(std::string_view reason, std::vector<std::string>* out) {
  summary_.finish_reason = reason;
  std::string rest = R"({"index":0,"delta":{},"logprobs":null,"finish_reason":)";
  json::AppendQuoted(reason, &rest);
  rest.append("}]}");
  Add(rest, out);
}

void ChunkWriter::UsageOnly(std::vector<std::string>* out) {
  std::string rest = "],\"usage\":";
  json::Writer writer(&rest);
  WriteUsage(summary_.usage, &writer);
  rest.push_back('}');
  Add(rest, out);
}

}  // namespace moerge
