#include "services/pipeline/text_answer.h"

#include <string>

#include "config/base/json.h"

namespace moerge {
namespace {

constexpr std::string_view kRoleDelta = R"({"role":"assistant","content":""})";
constexpr std::string_view kNoDelta = "{}";

// A completion or chunk up to "choices"; tells where the model's name stands.
struct Opening {
  std::size_t model_begin = 0;
  std::size_t model_end = 0;
};

Opening Open(const TextAnswer& head, std::string_view object, json::Writer& writer,
             std::string* out) {
  Opening opening;
  writer.BeginObject().Field("id", "chatcmpl-" + std::string(head.id)).Field("object", object);
  writer.Field("created", head.created).Key("model");
  opening.model_begin = out->size();
  writer.String(head.model);
  opening.model_end = out->size();
  return opening;
}

void WriteUsage(const Usage& usage, json::Writer& writer) {
  writer.Key("usage").BeginObject().Field("prompt_tokens", usage.prompt_tokens);
  writer.Field("completion_tokens", usage.completion_tokens);
  writer.Field("total_tokens", usage.prompt_tokens + usage.completion_tokens).EndObject();
}

// `delta` and `finish` are JSON values.
Task<Status> SendChunk(const TextAnswer& head, std::string_view delta, std::string_view finish,
                       ChunkSink& stream) {
  std::string out;
  json::Writer writer(&out);
  const Opening at = Open(head, "chat.completion.chunk", writer, &out);
  writer.Key("choices").BeginArray().BeginObject().Field("index", 0).Key("delta").Raw(delta);
  writer.Key("logprobs").Null().Key("finish_reason").Raw(finish).EndObject().EndArray().EndObject();
  const ChatChunk chunk{out, at.model_begin, at.model_end};
  co_return co_await stream.Write(chunk);
}

Task<Status> SendUsage(const TextAnswer& head, ChunkSink& stream) {
  std::string out;
  json::Writer writer(&out);
  const Opening at = Open(head, "chat.completion.chunk", writer, &out);
  writer.Key("choices").BeginArray().EndArray();
  WriteUsage(head.usage, writer);
  writer.EndObject();
  const ChatChunk chunk{out, at.model_begin, at.model_end};
  co_return co_await stream.Write(chunk);
}

}  // namespace

Usage ToolUsage(std::int64_t prompt_tokens, std::string_view text) {
  return Usage{.prompt_tokens = prompt_tokens,
               .completion_tokens = static_cast<std::int64_t>((text.size() + 3) / 4)};
}

ChatReply MakeTextReply(const TextAnswer& answer) {
  ChatReply reply;
  reply.content = answer.text;
  reply.finish_reason = answer.finish_reason;
  reply.usage = answer.usage;
  json::Writer writer(&reply.json);
  const Opening at = Open(answer, "chat.completion", writer, &reply.json);
  reply.model_begin = at.model_begin;
  reply.model_end = at.model_end;
  writer.Key("choices").BeginArray().BeginObject().Field("index", 0);
  writer.Key("message").BeginObject().Field("role", "assistant").Field("content", answer.text);
  writer.Key("refusal").Null().EndObject().Key("logprobs").Null();
  writer.Field("finish_reason", answer.finish_reason).EndObject().EndArray();
  WriteUsage(reply.usage, writer);
  writer.EndObject();
  return reply;
}

Task<Status> StreamTextAnswer(const TextAnswer& answer, bool with_usage, ChunkSink& stream) {
  Status sent = co_await SendChunk(answer, kRoleDelta, "null", stream);
  if (!sent) co_return sent;
  std::string delta;
  json::Writer writer(&delta);
  writer.BeginObject().Field("content", answer.text).EndObject();
  sent = co_await SendChunk(answer, delta, "null", stream);
  if (!sent) co_return sent;
  std::string reason;
  json::AppendQuoted(answer.finish_reason, &reason);
  sent = co_await SendChunk(answer, kNoDelta, reason, stream);
  if (!sent || !with_usage) co_return sent;
  co_return co_await SendUsage(answer, stream);
}

}  // namespace moerge
