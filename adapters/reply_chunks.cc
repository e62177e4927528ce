#include "adapters/reply_chunks.h"

#include <algorithm>

#include "adapters/json_mend.h"
#include "adapters/openai_fields.h"

namespace moerge {
namespace {

// What a stream says of one choice.
struct Pieces {
  std::int64_t index = 0;
  std::string role = {};
  std::string delta = {};
  std::string logprobs = "null";
  std::string finish = {};
};

bool IsIndexed(std::string_view key) { return key == "tool_calls" || key == "thinking_blocks"; }

// Pieces of an array are told apart by their index, which whole ones do without.
void WriteIndexed(const json::Value& elements, json::Writer* writer) {
  std::int64_t index = 0;
  writer->BeginArray();
  for (const json::Value element : elements.children()) {
    writer->BeginObject().Field("index", index++);
    for (const json::Value member : element.children()) {
      if (member.key() != "index") writer->Key(member.key()).Raw(member.raw());
    }
    writer->EndObject();
  }
  writer->EndArray();
}

std::string DeltaOf(const json::Value& message) {
  std::string delta;
  json::Writer writer(&delta);
  writer.BeginObject();
  for (const json::Value member : message.children()) {
    if (member.is_null() || member.key() == "role") continue;
    writer.Key(member.key());
    if (member.key() == "content" && member.is_array()) {
      writer.String(ContentText(member));  // a stream has no parts
    } else if (IsIndexed(member.key()) && member.is_array()) {
      WriteIndexed(member, &writer);
    } else {
      writer.Raw(member.raw());
    }
  }
  writer.EndObject();
  return delta;
}

// An answer of text begins with an empty one, any other has none so far.
std::string RoleOf(const json::Value& content) {
  const bool text = !content || content.is_string();
  return std::string(R"({"role":"assistant","content":)") + (text ? "\"\"}" : "null}");
}

std::string FinishOf(std::string_view reason) {
  std::string finish;
  json::AppendQuoted(reason.empty() ? "stop" : reason, &finish);
  return finish;
}

std::vector<Pieces> PiecesOf(const ChatReply& reply, const json::Value& root) {
  std::vector<Pieces> all;
  for (const json::Value choice : root.Find("choices").children()) {
    const json::Value message = choice.Find("message");
    Pieces pieces{.index = choice.Find("index").AsInt().value_or(0),
                  .role = RoleOf(message.Find("content")),
                  .delta = DeltaOf(message),
                  .finish = FinishOf(choice.Find("finish_reason").AsString().value_or("stop"))};
    if (const json::Value logprobs = choice.Find("logprobs"); logprobs) {
      pieces.logprobs = logprobs.raw();
    }
    all.push_back(std::move(pieces));
  }
  if (!all.empty()) return all;
  Pieces text{.role = RoleOf({}), .delta = {}, .finish = FinishOf(reply.finish_reason)};
  json::Writer(&text.delta).BeginObject().Field("content", reply.content).EndObject();
  all.push_back(std::move(text));
  return all;
}

class ChunkMaker {
 public:
  explicit ChunkMaker(ChunkHead head) : head_(std::move(head)) {}

  // `delta`, `logprobs` and `finish` are JSON values.
  void Choice(std::int64_t choice, std::string_view delta, std::string_view logprobs,
              std::string_view finish) {
    OwnedChunk& chunk = chunks_.emplace_back();
    json::Writer writer(&chunk.json);
    Open(&writer, &chunk);
    writer.Key("choices").BeginArray().BeginObject().Field("index", choice);
    writer.Key("delta").Raw(delta).Key("logprobs").Raw(logprobs);
    writer.Key("finish_reason").Raw(finish).EndObject().EndArray().EndObject();
  }

  void UsageOnly(std::string_view usage) {
    OwnedChunk& chunk = chunks_.emplace_back();
    json::Writer writer(&chunk.json);
    Open(&writer, &chunk);
    writer.Key("choices").BeginArray().EndArray().Key("usage").Raw(usage).EndObject();
  }

  std::vector<OwnedChunk> Take() { return std::move(chunks_); }

 private:
  void Open(json::Writer* writer, OwnedChunk* chunk) const {
    writer->BeginObject().Field("id", head_.id).Field("object", "chat.completion.chunk");
    writer->Field("created", head_.created).Key("model");
    chunk->model_begin = chunk->json.size();
    writer->String(head_.model);
    chunk->model_end = chunk->json.size();
  }

  const ChunkHead head_;
  std::vector<OwnedChunk> chunks_;
};

std::string UsageOf(const ChatReply& reply, const json::Value& root) {
  if (const json::Value usage = root.Find("usage"); usage.is_object()) {
    return std::string(usage.raw());
  }
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("prompt_tokens", reply.usage.prompt_tokens);
  writer.Field("completion_tokens", reply.usage.completion_tokens);
  writer.Field("total_tokens", reply.usage.prompt_tokens + reply.usage.completion_tokens);
  writer.EndObject();
  return out;
}

void Append(std::string_view key, std::string_view text,
            std::vector<std::pair<std::string, std::string>>* texts) {
  const auto known = std::ranges::find(*texts, key, &std::pair<std::string, std::string>::first);
  if (known != texts->end()) {
    known->second.append(text);
  } else {
    texts->emplace_back(key, text);
  }
}

void Replace(std::string_view key, std::string_view value,
             std::vector<std::pair<std::string, std::string>>* values) {
  const auto known = std::ranges::find(*values, key, &std::pair<std::string, std::string>::first);
  if (known != values->end()) {
    known->second = value;
  } else {
    values->emplace_back(key, value);
  }
}

// The elements of an array, without its brackets.
void AppendElements(const json::Value& array, std::string* out) {
  for (const json::Value element : array.children()) {
    if (!out->empty()) out->push_back(',');
    out->append(element.raw());
  }
}

// Members whose text goes on from piece to piece.
bool GoesOn(std::string_view key) {
  constexpr std::string_view kKeys[] = {"text", "summary", "data", "transcript", "arguments"};
  return std::ranges::find(kKeys, key) != std::end(kKeys);
}

bool SaysNothing(const json::Value& value) {
  return !value || value.is_null() || (value.is_string() && value.AsString()->empty());
}

// Two pieces of one object.
std::string Merged(const json::Value& known, const json::Value& second) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject();
  for (const json::Value member : known.children()) {
    const json::Value more = second.Find(member.key());
    writer.Key(member.key());
    if (GoesOn(member.key()) && member.is_string() && more.is_string()) {
      writer.String(std::string(*member.AsString()).append(*more.AsString()));
    } else {
      writer.Raw(SaysNothing(more) ? member.raw() : more.raw());
    }
  }
  for (const json::Value member : second.children()) {
    if (!known.Find(member.key())) writer.Key(member.key()).Raw(member.raw());
  }
  writer.EndObject();
  return out;
}

// The two pieces as one; empty: they are of two things.
std::string Joined(std::string_view first, const json::Value& second) {
  const auto document = json::Document::Parse(first);
  if (!document || !second.Find("index").AsInt()) return {};
  const json::Value known = document->root();
  if (known.Find("index").AsInt() != second.Find("index").AsInt()) return {};
  if (StringAt(known, "type") != StringAt(second, "type")) return {};
  return Merged(known, second);
}

// An object by key, such as the speech of an answer, goes on from piece to piece.
void GoOn(const json::Value& value, std::vector<std::pair<std::string, std::string>>* values) {
  const auto known =
      std::ranges::find(*values, value.key(), &std::pair<std::string, std::string>::first);
  if (known == values->end() || !value.is_object())
    return Replace(value.key(), value.raw(), values);
  const auto document = json::Document::Parse(known->second);
  if (!document || !document->root().is_object()) return Replace(value.key(), value.raw(), values);
  known->second = Merged(document->root(), value);
}

// What of a call is not OpenAI's, such as Gemini's signature, without which it is not taken back.
void TakeOthers(const json::Value& call, std::vector<std::pair<std::string, std::string>>* others) {
  for (const json::Value member : call.children()) {
    const std::string_view key = member.key();
    const bool known =
        key == "index" || key == "id" || key == "type" || key == "function" || key == "custom";
    if (!known && !member.is_null()) Replace(key, member.raw(), others);
  }
}

}  // namespace

std::vector<OwnedChunk> ChunksOf(const ChatReply& reply, const ChunkHead* head, bool with_usage) {
  const auto document = json::Document::Parse(reply.json);
  const json::Value root = document ? document->root() : json::Value();
  ChunkHead own{.id = std::string(root.Find("id").AsString().value_or("chatcmpl-0")),
                .model = std::string(root.Find("model").AsString().value_or("")),
                .created = root.Find("created").AsInt().value_or(0)};
  ChunkMaker maker(head == nullptr ? std::move(own) : *head);
  for (const Pieces& pieces : PiecesOf(reply, root)) {
    maker.Choice(pieces.index, pieces.role, "null", "null");
    maker.Choice(pieces.index, pieces.delta, pieces.logprobs, "null");
    maker.Choice(pieces.index, "{}", "null", pieces.finish);
  }
  if (with_usage) maker.UsageOnly(UsageOf(reply, root));
  return maker.Take();
}

Status ChunkAssembler::Add(std::string_view chunk) {
  std::string mended;
  const auto document = ParseMended(chunk, &mended);
  if (!document || !document->root().is_object()) {
    return Error{ErrorCode::kUpstream, "a chunk is no JSON object"};
  }
  const json::Value root = document->root();
  for (const json::Value member : root.children()) {
    const std::string_view key = member.key();
    if (key == "choices" || key == "object" || member.is_null()) continue;
    if (key == "usage") {
      usage_ = member.raw();
    } else if (std::ranges::find(head_, key, &std::pair<std::string, std::string>::first) ==
               head_.end()) {
      head_.emplace_back(key, member.raw());
    }
  }
  for (const json::Value choice : root.Find("choices").children()) TakeChoice(choice);
  return Ok{};
}

void ChunkAssembler::TakeChoice(const json::Value& choice) {
  Choice& into = choices_[choice.Find("index").AsInt().value_or(0)];
  TakeDelta(choice.Find("delta"), &into);
  AppendElements(choice.Find("logprobs").Find("content"), &into.logprobs);
  if (const auto reason = choice.Find("finish_reason").AsString()) into.finish_reason = *reason;
}

void ChunkAssembler::TakeDelta(const json::Value& delta, Choice* into) {
  for (const json::Value member : delta.children()) {
    const std::string_view key = member.key();
    if (key == "role" || member.is_null()) continue;
    if (key == "tool_calls") {
      TakeCalls(member, into);
    } else if (key == "thinking_blocks") {
      for (const json::Value block : member.children()) {
        if (!into->thinking_blocks.empty()) into->thinking_blocks.push_back(',');
        json::Writer writer(&into->thinking_blocks);
        writer.BeginObject();
        for (const json::Value part : block.children()) {
          if (part.key() != "index") writer.Key(part.key()).Raw(part.raw());
        }
        writer.EndObject();
      }
    } else if (const auto text = member.AsString()) {
      into->has_content = into->has_content || key == "content";
      Append(key, *text, &into->texts);
    } else if (member.is_array()) {
      TakeList(member, into);
    } else {
      GoOn(member, &into->values);
    }
  }
}

// Elements with an index are pieces of one, as OpenRouter streams reasoning_details.
void ChunkAssembler::TakeList(const json::Value& list, Choice* into) {
  const std::string key(list.key());
  auto known = std::ranges::find(into->lists, key, [](const auto& one) { return one.first; });
  if (known == into->lists.end()) known = into->lists.insert(known, {key, {}});
  for (const json::Value element : list.children()) {
    std::vector<std::string>& all = known->second;
    std::string joined = all.empty() ? std::string() : Joined(all.back(), element);
    if (joined.empty()) {
      all.emplace_back(element.raw());
    } else {
      all.back() = std::move(joined);
    }
  }
}

void ChunkAssembler::TakeCalls(const json::Value& calls, Choice* into) {
  for (const json::Value call : calls.children()) {
    const std::int64_t last = into->calls.empty() ? 0 : into->calls.rbegin()->first;
    Call& one = into->calls[call.Find("index").AsInt().value_or(last)];
    TakeOthers(call, &one.others);
    if (const auto id = call.Find("id").AsString(); id && !id->empty()) one.id = *id;
    if (const auto type = call.Find("type").AsString(); type && !type->empty()) one.type = *type;
    const json::Value custom = call.Find("custom");
    one.custom = one.custom || custom.is_object();
    const json::Value function = custom.is_object() ? custom : call.Find("function");
    one.name.append(function.Find("name").AsString().value_or(""));
    const json::Value arguments = function.Find(custom.is_object() ? "input" : "arguments");
    one.arguments.append(arguments.AsString().value_or(""));
  }
}

std::string ChunkAssembler::Finish() const {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject();
  writer.Field("object", "chat.completion");
  for (const auto& [key, value] : head_) writer.Key(key).Raw(value);
  writer.Key("choices").BeginArray();
  for (const auto& [index, choice] : choices_) {
    writer.BeginObject().Field("index", index).Key("message");
    WriteMessage(choice, &writer);
    writer.Key("logprobs");
    if (choice.logprobs.empty()) {
      writer.Null();
    } else {
      writer.BeginObject().Key("content").Raw("[" + choice.logprobs + "]");
      writer.Key("refusal").Null().EndObject();
    }
    writer.Key("finish_reason");
    choice.finish_reason.empty() ? writer.Null() : writer.String(choice.finish_reason);
    writer.EndObject();
  }
  writer.EndArray();
  if (!usage_.empty()) writer.Key("usage").Raw(usage_);
  writer.EndObject();
  return out;
}

void ChunkAssembler::WriteMessage(const Choice& choice, json::Writer* writer) {
  writer->BeginObject().Field("role", "assistant");
  if (!choice.has_content) writer->Key("content").Null();
  for (const auto& [key, text] : choice.texts) {
    const bool other = !choice.calls.empty() || choice.texts.size() > 1;
    writer->Key(key);
    key == "content" && text.empty() && other ? writer->Null() : writer->String(text);
  }
  for (const auto& [key, value] : choice.values) writer->Key(key).Raw(value);
  for (const auto& [key, elements] : choice.lists) {
    writer->Key(key).BeginArray();
    for (const std::string& element : elements) writer->Raw(element);
    writer->EndArray();
  }
  if (!choice.thinking_blocks.empty()) {
    writer->Key("thinking_blocks").Raw("[" + choice.thinking_blocks + "]");
  }
  if (!choice.calls.empty()) WriteCalls(choice, writer);
  writer->EndObject();
}

void ChunkAssembler::WriteCalls(const Choice& choice, json::Writer* writer) {
  writer->Key("tool_calls").BeginArray();
  for (const auto& [index, call] : choice.calls) {
    writer->BeginObject().Field("id", call.id).Field("type", call.type);
    for (const auto& [key, value] : call.others) writer->Key(key).Raw(value);
    writer->Key(call.custom ? "custom" : "function").BeginObject().Field("name", call.name);
    if (call.custom) {
      writer->Field("input", call.arguments);
    } else {
      writer->Field("arguments", call.arguments.empty() ? "{}" : call.arguments);
    }
    writer->EndObject().EndObject();
  }
  writer->EndArray();
}

}  // namespace moerge
