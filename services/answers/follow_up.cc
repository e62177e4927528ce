#include "services/answers/follow_up.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "config/base/json.h"

namespace moerge {
namespace {

constexpr std::string_view kNeverPassedOn[] = {
    "messages",  "tools",         "tool_choice", "parallel_tool_calls",
    "functions", "function_call", "n",           "moerge"};
constexpr std::string_view kFormOfAnswer[] = {"response_format",       "stop",     "max_tokens",
                                              "max_completion_tokens", "logprobs", "top_logprobs"};

bool IsAmong(std::string_view key, std::span<const std::string_view> keys) {
  return std::ranges::find(keys, key) != keys.end();
}

// REQUIRES: `text` is a JSON object. One that has become larger than the parser takes is sent as an
// empty one, which experts refuse.
ChatBodyPtr Parsed(std::string text) {
  Result<ChatBodyPtr> body = ChatBody::Parse(std::move(text));
  return body ? *std::move(body) : *ChatBody::Parse("{}");
}

// The members of `body` that `keep` takes, as they stand.
template <class Keep>
void CopyMembers(json::Value object, const Keep& keep, json::Writer* writer) {
  for (const json::Value member : object.children()) {
    if (keep(member.key())) writer->Key(member.key()).Raw(member.raw());
  }
}

// The last turn of the user, or the last one at all.
std::size_t LastUserTurn(json::Value messages) {
  std::size_t last = messages.size() - 1;
  std::size_t place = 0;
  for (const json::Value message : messages.children()) {
    if (message.Find("role").AsString() == "user") last = place;
    ++place;
  }
  return last;
}

enum class Place { kBehind, kInstead };

bool IsText(json::Value part) { return part.Find("type").AsString() == "text"; }

void WriteContent(json::Value content, std::string_view text, Place place, json::Writer* writer) {
  if (!content.is_array()) {
    std::string all;
    if (place == Place::kBehind) {
      all.append(content.AsString().value_or(std::string_view())).append("\n\n");
    }
    writer->String(all.append(text));
    return;
  }
  writer->BeginArray();
  for (const json::Value part : content.children()) {
    if (place == Place::kBehind || !IsText(part)) writer->Raw(part.raw());
  }
  writer->BeginObject().Field("type", "text").Field("text", text).EndObject().EndArray();
}

void WriteTurn(json::Value message, std::string_view text, Place place, json::Writer* writer) {
  writer->BeginObject();
  CopyMembers(
      message, [](std::string_view key) { return key != "content"; }, writer);
  writer->Key("content");
  WriteContent(message.Find("content"), text, place, writer);
  writer->EndObject();
}

ChatBodyPtr Changed(const ChatBody& body, std::string_view text, Place place, bool in_own_form) {
  const json::Value messages = body.Field("messages");
  const std::size_t last = LastUserTurn(messages);
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject();
  const auto kept = [in_own_form](std::string_view key) {
    return !IsAmong(key, kNeverPassedOn) && !(in_own_form && IsAmong(key, kFormOfAnswer));
  };
  CopyMembers(body.root(), kept, &writer);
  writer.Key("messages").BeginArray();
  std::size_t turn = 0;
  for (const json::Value message : messages.children()) {
    if (turn++ == last) {
      WriteTurn(message, text, place, &writer);
    } else {
      writer.Raw(message.raw());
    }
  }
  writer.EndArray().EndObject();
  return Parsed(std::move(out));
}

}  // namespace

ChatBodyPtr WithMaterial(const ChatBody& body, std::string_view material, bool in_own_form) {
  return Changed(body, material, Place::kBehind, in_own_form);
}

ChatBodyPtr WithQuestion(const ChatBody& body, std::string_view question) {
  return Changed(body, question, Place::kInstead, false);
}

ChatBodyPtr BodyOf(const OwnQuestion& question) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("model", "").Key("messages").BeginArray();
  writer.BeginObject().Field("role", "system").Field("content", question.instructions).EndObject();
  writer.BeginObject().Field("role", "user").Field("content", question.question).EndObject();
  writer.EndArray();
  if (question.max_tokens > 0) writer.Field("max_tokens", question.max_tokens);
  writer.Field("temperature", 0).EndObject();
  return Parsed(std::move(out));
}

ChatBodyPtr WithTemperature(const ChatBody& body, double temperature) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject();
  CopyMembers(
      body.root(), [](std::string_view key) { return key != "temperature"; }, &writer);
  writer.Field("temperature", temperature).EndObject();
  return Parsed(std::move(out));
}

ChatBodyPtr WithLogprobs(const ChatBody& body) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject();
  CopyMembers(
      body.root(), [](std::string_view key) { return key != "logprobs"; }, &writer);
  writer.Field("logprobs", true).EndObject();
  return Parsed(std::move(out));
}

std::int64_t PromptTokens(const ChatBody& body) {
  return static_cast<std::int64_t>((body.text().size() + 3) / 4);
}

}  // namespace moerge
