#include "adapters/openai_calls.h"

#include <algorithm>

#include "adapters/openai_fields.h"
#include "config/base/random.h"

namespace moerge {
namespace {

bool Lacks(const json::Value& object, std::string_view key) {
  const json::Value value = object.Find(key);
  return value.is_null() || (value.is_string() && value.AsString()->empty());
}

// Arguments as JSON text; nothing to do: no edit.
void MendArguments(const json::Value& function, std::vector<JsonEdit>* edits) {
  const json::Value arguments = function.Find("arguments");
  std::string text = "\"{}\"";
  if (arguments.is_object()) {
    text.clear();
    json::AppendQuoted(arguments.raw(), &text);
  } else if (arguments.is_string() && !arguments.AsString()->empty()) {
    return;
  }
  SetMembers(function, {{"arguments", std::move(text)}}, edits);
}

// What a call of a function needs to begin with and this one lacks.
void AddIdentity(const json::Value& call, JsonMembers* members) {
  if (!call.Find("function").is_object()) return;
  if (Lacks(call, "id")) members->emplace_back("id", "\"call_" + RandomId() + "\"");
  if (Lacks(call, "type")) members->emplace_back("type", "\"function\"");
}

void MendCall(const json::Value& call, std::vector<JsonEdit>* edits) {
  const json::Value function = call.Find("function");
  if (!function.is_object()) return;
  MendArguments(function, edits);
  JsonMembers members;
  AddIdentity(call, &members);
  SetMembers(call, members, edits);
}

std::string EmptyArguments(const json::Value& root, std::int64_t choice,
                           const std::vector<std::int64_t>& calls) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject();
  for (const std::string_view key : {"id", "object", "created", "model"}) {
    if (const json::Value value = root.Find(key)) writer.Key(key).Raw(value.raw());
  }
  writer.Key("choices").BeginArray().BeginObject().Field("index", choice);
  writer.Key("delta").BeginObject().Key("tool_calls").BeginArray();
  for (const std::int64_t call : calls) {
    writer.BeginObject().Field("index", call).Key("function").BeginObject();
    writer.Field("arguments", "{}").EndObject().EndObject();
  }
  writer.EndArray().EndObject().Key("logprobs").Null().Key("finish_reason").Null();
  writer.EndObject().EndArray().EndObject();
  return out;
}

// Whether a piece with this id and a name begins another call than the one known by `known`.
bool BeginsAnother(std::string_view known, std::string_view id, bool named) {
  return named && !id.empty() && !known.empty() && id != known;
}

std::string_view IdOf(const json::Value& call) {
  return Lacks(call, "id") ? std::string_view() : call.Find("id").raw();
}

}  // namespace

// Whether a piece can be given as it is.
bool StreamedCalls::Fits(const CallPiece& piece) const {
  if (piece.index < 0) return false;
  const bool begins = !piece.id.empty() && piece.typed;
  const auto choice = choices_.find(piece.choice);
  if (choice == choices_.end()) return begins;
  if (!choice->second.moved.empty()) return false;
  const auto call = choice->second.calls.find(piece.index);
  if (call == choice->second.calls.end()) return begins;
  return !BeginsAnother(call->second.id, piece.id, piece.named);
}

// Whether nothing of this chunk needs a second look.
bool StreamedCalls::Complete(const OpenAiChunk& seen) const {
  if (!std::ranges::all_of(seen.calls, [this](const auto& piece) { return Fits(piece); })) {
    return false;
  }
  const auto same = [](const CallPiece& one, const CallPiece& other) {
    return one.choice == other.choice && one.index == other.index;
  };
  if (std::ranges::adjacent_find(seen.calls, same) != seen.calls.end()) return false;
  if (seen.finish_reason.empty()) return true;
  if (!seen.calls.empty()) return false;
  return std::ranges::none_of(choices_, [](const auto& choice) {
    return std::ranges::any_of(choice.second.calls,
                               [](const auto& call) { return call.second.argument_bytes == 0; });
  });
}

void StreamedCalls::Count(const CallPiece& piece) {
  Call& call = choices_[piece.choice].calls[piece.index];
  if (call.id.empty()) call.id = piece.id;
  call.argument_bytes += piece.argument_bytes;
}

StreamedCalls::Mended StreamedCalls::Take(std::string_view json, const OpenAiChunk& seen) {
  if (seen.calls.empty() && choices_.empty()) return {};
  if (Complete(seen)) {
    for (const CallPiece& piece : seen.calls) Count(piece);
    return {};
  }
  const auto document = json::Document::Parse(json);
  if (!document) return {};
  Mended mended;
  std::vector<JsonEdit> edits;
  for (const json::Value value : document->root().Find("choices").children()) {
    const std::int64_t number = value.Find("index").AsInt().value_or(0);
    Choice& choice = choices_[number];
    const bool ends = value.Find("finish_reason").is_string();
    for (const json::Value call : value.Find("delta").Find("tool_calls").children()) {
      MendPiece(call, ends, &choice, &edits);
    }
    if (!ends) continue;
    const std::vector<std::int64_t> empty = WithoutArguments(&choice);
    if (!empty.empty()) mended.before = EmptyArguments(document->root(), number, empty);
  }
  if (!edits.empty()) mended.json = Edited(json, std::move(edits));
  return mended;
}

// `ends`: nothing of this choice follows.
void StreamedCalls::MendPiece(const json::Value& call, bool ends, Choice* choice,
                              std::vector<JsonEdit>* edits) {
  const std::size_t before = choice->calls.size();
  const std::int64_t index = IndexOf(call, choice);
  Call& known = choice->calls[index];
  JsonMembers members;
  if (call.Find("index").AsInt() != index) members.emplace_back("index", std::to_string(index));
  if (choice->calls.size() > before) AddIdentity(call, &members);
  SetMembers(call, members, edits);
  const json::Value function = call.Find("function");
  known.argument_bytes += StringAt(function, "arguments").size();
  if (!ends || known.argument_bytes > 0 || !function.is_object()) return;
  MendArguments(function, edits);
  known.argument_bytes = 2;
}

// The calls that have none at the end; they get some.
std::vector<std::int64_t> StreamedCalls::WithoutArguments(Choice* choice) {
  std::vector<std::int64_t> empty;
  for (auto& [index, call] : choice->calls) {
    if (call.argument_bytes > 0) continue;
    empty.push_back(index);
    call.argument_bytes = 2;
  }
  return empty;
}

// A piece without an index begins a call if it has an id that is new, and goes on with the latest
// if it has none. One with the index of another call that it is not part of begins a new one.
std::int64_t StreamedCalls::IndexOf(const json::Value& call, Choice* choice) {
  const std::string_view id = IdOf(call);
  const bool named = !Lacks(call.Find("function"), "name");
  auto& calls = choice->calls;
  const std::int64_t last = calls.empty() ? -1 : calls.rbegin()->first;
  if (const auto said = call.Find("index").AsInt()) {
    const auto moved = choice->moved.find(*said);
    const std::int64_t index = moved == choice->moved.end() ? *said : moved->second;
    Call& known = calls[index];
    if (!BeginsAnother(known.id, id, named)) {
      if (known.id.empty()) known.id = id;
      return index;
    }
    choice->moved[*said] = last + 1;
    calls[last + 1].id = id;
    return last + 1;
  }
  for (const auto& [index, known] : calls) {
    if (!id.empty() && known.id == id) return index;
  }
  if (last >= 0 && id.empty() && !named) return last;
  calls[last + 1].id = id;
  return last + 1;
}

std::string MendCalls(const json::Document& reply) {
  std::vector<JsonEdit> edits;
  for (const json::Value choice : reply.root().Find("choices").children()) {
    for (const json::Value call : choice.Find("message").Find("tool_calls").children()) {
      MendCall(call, &edits);
    }
  }
  return edits.empty() ? std::string() : Edited(reply.text(), std::move(edits));
}

}  // namespace moerge
