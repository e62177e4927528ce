#include "services/replay/replay_codec.h"

#include <algorithm>

#include "config/base/json.h"

namespace moerge::replay {
namespace {

constexpr std::int64_t kCreated = 1'700'000'000;  // fixed: the same request gives the same bytes

void WriteUsage(json::Writer& writer, std::string_view prompt, std::string_view text) {
  const std::int64_t in = CountTokens(prompt);
  const std::int64_t out = CountTokens(text);
  writer.Key("usage").BeginObject();
  writer.Field("prompt_tokens", in).Field("completion_tokens", out).Field("total_tokens", in + out);
  writer.EndObject();
}

void BeginReply(json::Writer& writer, std::string_view id, std::string_view object,
                std::string_view model) {
  writer.BeginObject();
  writer.Field("id", id).Field("object", object).Field("created", kCreated).Field("model", model);
}

}  // namespace

std::int64_t CountTokens(std::string_view text) {
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(text.size()) / 4);
}

std::vector<std::string_view> Pieces(std::string_view text) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const std::size_t word = std::min(text.find_first_not_of(" \n\t"), text.size());
    const std::size_t end = std::min(text.find_first_of(" \n\t", word), text.size());
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return pieces;
}

std::string Completion(std::string_view id, std::string_view model, std::string_view prompt,
                       std::string_view text) {
  std::string out;
  json::Writer writer(&out);
  BeginReply(writer, id, "chat.completion", model);
  writer.Key("choices").BeginArray().BeginObject().Field("index", 0);
  writer.Key("message").BeginObject().Field("role", "assistant").Field("content", text).EndObject();
  writer.Key("logprobs").Null().Field("finish_reason", "stop").EndObject().EndArray();
  WriteUsage(writer, prompt, text);
  writer.EndObject();
  return out;
}

std::string ChunkEvent(std::string_view id, std::string_view model, std::string_view delta,
                       std::string_view finish_reason) {
  std::string out = "data: ";
  json::Writer writer(&out);
  BeginReply(writer, id, "chat.completion.chunk", model);
  writer.Key("choices").BeginArray().BeginObject().Field("index", 0).Key("delta").Raw(delta);
  writer.Key("finish_reason");
  if (finish_reason.empty()) {
    writer.Null();
  } else {
    writer.String(finish_reason);
  }
  writer.EndObject().EndArray().EndObject();
  return out + "\n\n";
}

std::string UsageEvent(std::string_view id, std::string_view model, std::string_view prompt,
                       std::string_view text) {
  std::string out = "data: ";
  json::Writer writer(&out);
  BeginReply(writer, id, "chat.completion.chunk", model);
  writer.Key("choices").BeginArray().EndArray();
  WriteUsage(writer, prompt, text);
  writer.EndObject();
  return out + "\n\n";
}

std::string ErrorBody(std::string_view message, std::string_view type, std::string_view code) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Key("error").BeginObject();
  writer.Field("message", message).Field("type", type).Key("param").Null();
  writer.Key("code");
  if (code.empty()) {
    writer.Null();
  } else {
    writer.String(code);
  }
  writer.EndObject().EndObject();
  return out;
}

std::string ModelList(const std::vector<std::string>& models) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").Key("data").BeginArray();
  for (const std::string& model : models) {
    writer.BeginObject().Field("id", model).Field("object", "model");
    writer.Field("created", kCreated).Field("owned_by", "replay").EndObject();
  }
  writer.EndArray().EndObject();
  return out;
}

}  // namespace moerge::replay
