#include "services/pipeline/text_answer.h"

#include <string>
#include <utility>
#include <vector>

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

void WriteUsage(const Usage& usage, json::Writer& writer) {
  writer.Key("usage").BeginObject().Field("prompt_tokens", usage.prompt_tokens);
  writer.Field("completion_tokens", usage.completion_tokens);
  writer.Field("total_tokens", usage.prompt_tokens + usage.completion_tokens).EndObject();
}

class ReplyStream {
 public:
  ReplyStream(const StreamHead& head, ChunkSink& stream)
      : head_{.id = head.id, .model = head.model, .created = head.created}, stream_(stream) {}

  // `delta`, `logprobs` and `finish` are JSON values.
  Task<Status> Send(std::int64_t choice, std::string_view delta, std::string_view logprobs,
                    std::string_view finish) {
    out_.clear();
    json::Writer writer(&out_);
    const Opening at = Open(head_, "chat.completion.chunk", writer, &out_);
    writer.Key("choices").BeginArray().BeginObject().Field("index", choice);
    writer.Key("delta").Raw(delta).Key("logprobs").Raw(logprobs);
    writer.Key("finish_reason").Raw(finish).EndObject().EndArray().EndObject();
    const ChatChunk chunk{out_, at.model_begin, at.model_end};
    co_return co_await stream_.Write(chunk);
  }

  Task<Status> SendUsage(const Usage& usage) {
    out_.clear();
    json::Writer writer(&out_);
    const Opening at = Open(head_, "chat.completion.chunk", writer, &out_);
    writer.Key("choices").BeginArray().EndArray();
    WriteUsage(usage, writer);
    writer.EndObject();
    const ChatChunk chunk{out_, at.model_begin, at.model_end};
    co_return co_await stream_.Write(chunk);
  }

 private:
  const TextAnswer head_;
  ChunkSink& stream_;
  std::string out_;
};

// What a stream says of one choice.
struct Pieces {
  std::int64_t index = 0;
  std::string delta;
  std::string logprobs = "null";
  std::string finish = {};
};

// Pieces of an array of calls are told apart by their index, which whole ones do without.
void WriteCalls(json::Value calls, json::Writer* writer) {
  std::int64_t index = 0;
  writer->BeginArray();
  for (const json::Value call : calls.children()) {
    writer->BeginObject().Field("index", index++);
    for (const json::Value member : call.children()) {
      if (member.key() != "index") writer->Key(member.key()).Raw(member.raw());
    }
    writer->EndObject();
  }
  writer->EndArray();
}

std::string DeltaOf(json::Value message) {
  std::string delta;
  json::Writer writer(&delta);
  writer.BeginObject();
  for (const json::Value member : message.children()) {
    if (member.is_null() || member.key() == "role") continue;
    writer.Key(member.key());
    if (member.key() == "tool_calls" && member.is_array()) {
      WriteCalls(member, &writer);
    } else {
      writer.Raw(member.raw());
    }
  }
  writer.EndObject();
  return delta;
}

std::string FinishOf(std::string_view reason) {
  std::string finish;
  json::AppendQuoted(reason.empty() ? "stop" : reason, &finish);
  return finish;
}

std::vector<Pieces> PiecesOf(const ChatReply& reply) {
  std::vector<Pieces> all;
  const auto document = json::Document::Parse(reply.json);
  const json::Value choices = document ? document->root().Find("choices") : json::Value();
  for (const json::Value choice : choices.children()) {
    Pieces pieces{.index = choice.Find("index").AsInt().value_or(0),
                  .delta = DeltaOf(choice.Find("message"))};
    if (const json::Value logprobs = choice.Find("logprobs"); logprobs) {
      pieces.logprobs = logprobs.raw();
    }
    pieces.finish = FinishOf(choice.Find("finish_reason").AsString().value_or("stop"));
    all.push_back(std::move(pieces));
  }
  if (!all.empty()) return all;
  std::string delta;
  json::Writer(&delta).BeginObject().Field("content", reply.content).EndObject();
  all.push_back({.delta = std::move(delta), .finish = FinishOf(reply.finish_reason)});
  return all;
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

Task<Status> StreamReply(const ChatReply& reply, const StreamHead& head, ChunkSink& stream) {
  constexpr std::string_view kRole = R"({"role":"assistant","content":""})";
  ReplyStream out(head, stream);
  for (const Pieces& pieces : PiecesOf(reply)) {
    Status sent = co_await out.Send(pieces.index, kRole, "null", "null");
    if (sent) sent = co_await out.Send(pieces.index, pieces.delta, pieces.logprobs, "null");
    if (sent) sent = co_await out.Send(pieces.index, "{}", "null", pieces.finish);
    if (!sent) co_return sent;
  }
  if (!head.with_usage) co_return Ok{};
  co_return co_await out.SendUsage(reply.usage);
}

}  // namespace moerge
