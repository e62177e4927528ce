#include "services/calls/kept_reply.h"

#include <cstdint>

#include "config/base/json.h"

namespace moerge {
namespace {

struct UsageField {
  std::string_view key;
  std::int64_t Usage::*value;
};
constexpr UsageField kKeptUsage[] = {{"prompt", &Usage::prompt_tokens},
                                     {"completion", &Usage::completion_tokens},
                                     {"cached", &Usage::cached_tokens},
                                     {"reasoning", &Usage::reasoning_tokens},
                                     {"image", &Usage::image_tokens},
                                     {"audio", &Usage::audio_tokens},
                                     {"audio_output", &Usage::audio_output_tokens}};

void WriteKeptUsage(const Usage& usage, json::Writer* writer) {
  writer->Key("usage").BeginObject().Field("estimated", usage.estimated);
  for (const auto& [key, value] : kKeptUsage) {
    if (usage.*value != 0) writer->Field(key, usage.*value);
  }
  writer->EndObject();
}

Usage ReadKeptUsage(json::Value value) {
  Usage usage;
  usage.estimated = value.Find("estimated").AsBool().value_or(true);
  for (const auto& [key, field] : kKeptUsage) usage.*field = value.Find(key).AsInt().value_or(0);
  return usage;
}

std::size_t PlaceIn(json::Value object, std::string_view key) {
  return static_cast<std::size_t>(object.Find(key).AsInt().value_or(0));
}

}  // namespace

std::string KeptReply(const ChatReply& reply) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("chat", reply.json);
  writer.Field("model_begin", reply.model_begin).Field("model_end", reply.model_end);
  writer.Field("content", reply.content).Field("finish_reason", reply.finish_reason);
  WriteKeptUsage(reply.usage, &writer);
  writer.EndObject();
  return out;
}

std::string KeptReply(const RawReply& reply) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("raw", reply.body).Field("status", reply.status);
  writer.Field("content_type", reply.content_type);
  WriteKeptUsage(reply.usage, &writer);
  writer.EndObject();
  return out;
}

template <>
std::optional<ChatReply> ReadKeptReply(std::string_view text) {
  const Result<json::Document> document = json::Document::Parse(text);
  if (!document || !document->root().Find("chat").AsString()) return std::nullopt;
  const json::Value root = document->root();
  ChatReply reply;
  reply.json = StringAt(root, "chat");
  reply.model_begin = PlaceIn(root, "model_begin");
  reply.model_end = PlaceIn(root, "model_end");
  if (reply.model_begin > reply.model_end || reply.model_end > reply.json.size()) {
    return std::nullopt;
  }
  reply.content = StringAt(root, "content");
  reply.finish_reason = StringAt(root, "finish_reason");
  reply.usage = ReadKeptUsage(root.Find("usage"));
  return reply;
}

template <>
std::optional<RawReply> ReadKeptReply(std::string_view text) {
  const Result<json::Document> document = json::Document::Parse(text);
  if (!document || !document->root().Find("raw").AsString()) return std::nullopt;
  const json::Value root = document->root();
  RawReply reply;
  reply.status = static_cast<int>(root.Find("status").AsInt().value_or(200));
  reply.content_type = StringAt(root, "content_type");
  reply.body = StringAt(root, "raw");
  reply.usage = ReadKeptUsage(root.Find("usage"));
  return reply;
}

}  // namespace moerge
