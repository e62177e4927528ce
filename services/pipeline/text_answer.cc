#include "services/pipeline/text_answer.h"

#include <string>
#include <utility>
#include <vector>

#include "adapters/completion.h"
#include "adapters/reply_chunks.h"
#include "config/base/json.h"

namespace moerge {
namespace {

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
  writer.Key("usage");
  WriteUsage(reply.usage, &writer);
  writer.EndObject();
  return reply;
}

Task<Status> StreamReply(const ChatReply& reply, const StreamHead& head, ChunkSink& stream) {
  const ChunkHead called{.id = "chatcmpl-" + std::string(head.id),
                         .model = std::string(head.model),
                         .created = head.created};
  for (const OwnedChunk& chunk : ChunksOf(reply, &called, head.with_usage)) {
    const ChatChunk view = chunk.view();
    Status sent = co_await stream.Write(view);
    if (!sent) co_return sent;
  }
  co_return Ok{};
}

}  // namespace moerge
