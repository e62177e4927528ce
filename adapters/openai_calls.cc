#include "adapters/openai_calls.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "adapters/openai_fields.h"
#include "config/base/random.h"
#include "config/base/text.h"

namespace moerge {
namespace {

// What is called, where a server says it: in `function` or `custom`, or beside the id.
struct CalledTool {
  json::Value object = {};
  bool custom = false;
  bool beside = false;

  std::string_view name() const { return StringAt(object, "name"); }
  json::Value input() const { return object.Find(custom ? "input" : "arguments"); }
};

CalledTool ToolOf(const json::Value& call) {
  if (const json::Value custom = call.Find("custom"); custom.is_object()) return {custom, true};
  if (const json::Value function = call.Find("function"); function.is_object()) return {function};
  if (!StringAt(call, "name").empty()) return {.object = call, .beside = true};
  return {};
}

// A call of something else, which is the server's own affair.
bool IsForeign(const json::Value& call) {
  const std::string_view type = StringAt(call, "type");
  return !type.empty() && !EqualsIgnoreCase(type, "function") && !ToolOf(call).object.present();
}

// As JSON; empty: it has none.
std::string_view IdOf(const json::Value& call) {
  return StringAt(call, "id").empty() ? std::string_view() : call.Find("id").raw();
}

std::string NewId() { return "\"call_" + RandomId() + "\""; }

// The text that arguments are; empty: there are none.
std::string ArgumentsOf(const CalledTool& tool) {
  const json::Value input = tool.input();
  const bool nested = input.is_object() || input.is_array();
  return std::string(nested ? input.raw() : input.AsString().value_or(""));
}

// One call, or a piece of one, as it is given.
struct CallText {
  std::optional<std::int64_t> index = {};  // of a piece
  std::string id = {};                     // JSON; empty: it goes on
  std::optional<std::string_view> name = {};
  std::string arguments = {};
};

void WriteOthers(const json::Value& object, std::initializer_list<std::string_view> known,
                 json::Writer* writer) {
  for (const json::Value member : object.children()) {
    if (std::ranges::find(known, member.key()) != known.end()) continue;
    writer->Key(member.key()).Raw(member.raw());
  }
}

void WriteCall(const json::Value& call, const CalledTool& tool, const CallText& text,
               json::Writer* writer) {
  const std::string_view input = tool.custom ? "input" : "arguments";
  writer->BeginObject();
  if (text.index) writer->Field("index", *text.index);
  if (!text.id.empty()) {
    writer->Key("id").Raw(text.id).Field("type", tool.custom ? "custom" : "function");
  }
  if (tool.beside) {
    WriteOthers(call, {"index", "id", "type", "name", "arguments"}, writer);
  } else {
    WriteOthers(call, {"index", "id", "type", "function", "custom"}, writer);
  }
  writer->Key(tool.custom ? "custom" : "function").BeginObject();
  if (text.name) writer->Field("name", *text.name);
  writer->Field(input, text.arguments);
  if (!tool.beside) WriteOthers(tool.object, {"id", "name", input}, writer);
  writer->EndObject().EndObject();
}

void WriteForeign(const json::Value& call, std::int64_t index, json::Writer* writer) {
  writer->BeginObject().Field("index", index);
  WriteOthers(call, {"index"}, writer);
  writer->EndObject();
}

// Whether a call of a whole reply is as it should be, but for its id's being its own.
bool InOrder(const json::Value& call) {
  const CalledTool tool = ToolOf(call);
  if (!tool.object.present()) return true;
  const json::Value input = tool.input();
  const bool text = input.is_string() && (tool.custom || !input.AsString()->empty());
  const bool typed = StringAt(call, "type") == (tool.custom ? "custom" : "function");
  return !tool.beside && text && typed && !IdOf(call).empty();
}

std::string RewrittenCalls(const json::Value& calls) {
  std::string out;
  json::Writer writer(&out);
  std::vector<std::string_view> ids;
  writer.BeginArray();
  for (const json::Value call : calls.children()) {
    const CalledTool tool = ToolOf(call);
    if (!tool.object.present()) {
      writer.Raw(call.raw());
      continue;
    }
    const std::string_view id = IdOf(call);
    const bool own = !id.empty() && std::ranges::find(ids, id) == ids.end();
    CallText text{.id = own ? std::string(id) : NewId(), .name = tool.name()};
    text.arguments = ArgumentsOf(tool);
    if (text.arguments.empty() && !tool.custom) text.arguments = "{}";
    WriteCall(call, tool, text, &writer);
    ids.push_back(id);
  }
  writer.EndArray();
  return out;
}

bool AreInOrder(const json::Value& calls) {
  std::vector<std::string_view> ids;
  for (const json::Value call : calls.children()) {
    if (!InOrder(call)) return false;
    const std::string_view id = IdOf(call);
    if (!id.empty() && std::ranges::find(ids, id) != ids.end()) return false;
    ids.push_back(id);
  }
  return true;
}

}  // namespace

// Whether a piece can be given as it is. What goes on says its id and name no second time.
bool StreamedCalls::Fits(const CallPiece& piece) const {
  if (piece.index < 0 || piece.odd) return false;
  const bool begins = !piece.id.empty() && piece.typed && !piece.name.empty();
  const auto choice = choices_.find(piece.choice);
  if (choice == choices_.end()) return begins;
  if (!choice->second.moved.empty()) return false;
  const auto& calls = choice->second.calls;
  const auto call = calls.find(piece.index);
  if (call == calls.end()) return begins && !HasId(choice->second, piece.id);
  return call->second.begun && piece.id.empty() && piece.name.empty();
}

bool StreamedCalls::HasId(const Choice& choice, std::string_view id) {
  return std::ranges::any_of(choice.calls, [id](const auto& call) { return call.second.id == id; });
}

// Whether something of a call has to be said before its choice ends.
bool StreamedCalls::Unfinished(const Call& call) {
  return !call.begun || (call.argument_bytes == 0 && !call.any_input);
}

// Whether nothing of this chunk needs a second look.
bool StreamedCalls::Complete(const OpenAiChunk& seen) const {
  if (!std::ranges::all_of(seen.calls, [this](const auto& piece) { return Fits(piece); })) {
    return false;
  }
  const auto same = [](const CallPiece& one, const CallPiece& other) {
    return one.choice == other.choice &&
           (one.index == other.index || (!one.id.empty() && one.id == other.id));
  };
  if (std::ranges::adjacent_find(seen.calls, same) != seen.calls.end()) return false;
  if (seen.finish_reason.empty()) return true;
  if (!seen.calls.empty()) return false;
  return std::ranges::none_of(choices_, [](const auto& choice) {
    return std::ranges::any_of(choice.second.calls,
                               [](const auto& call) { return Unfinished(call.second); });
  });
}

void StreamedCalls::Count(const CallPiece& piece) {
  Call& call = choices_[piece.choice].calls[piece.index];
  if (!call.begun) {
    call.begun = true;
    call.id = piece.id;
    call.name = piece.name;
    call.any_input = piece.custom;
  }
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
    if (const json::Value calls = value.Find("delta").Find("tool_calls"); calls.size() > 0) {
      edits.push_back(Replacement(calls, Pieces(calls, ends, &choice)));
    }
    if (ends) mended.before = Rest(document->root(), number, &choice);
  }
  if (!edits.empty()) mended.json = Edited(json, std::move(edits));
  if (mended.json == json) mended.json.clear();
  return mended;
}

std::string StreamedCalls::Pieces(const json::Value& calls, bool ends, Choice* choice) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginArray();
  for (const json::Value call : calls.children()) {
    if (call.is_object()) WritePiece(call, ends, choice, &writer);
  }
  writer.EndArray();
  return out;
}

// Nothing is written of a call that has no name yet. `ends`: nothing of this choice follows.
void StreamedCalls::WritePiece(const json::Value& call, bool ends, Choice* choice,
                               json::Writer* writer) {
  const CalledTool tool = ToolOf(call);
  const std::int64_t index = IndexOf(call, choice);
  Call& known = choice->calls[index];
  if (IsForeign(call)) {
    known.begun = known.any_input = true;
    return WriteForeign(call, index, writer);
  }
  CallText text{.index = index, .arguments = ArgumentsOf(tool)};
  known.argument_bytes += text.arguments.size();
  known.any_input = known.any_input || tool.custom;
  const std::string_view name = tool.name();
  if (!known.begun && name.empty()) {
    known.held.append(text.arguments);
    return;
  }
  if (!known.begun) {
    known.begun = true;
    text.id = OwnId(*choice, index);
    text.arguments = known.held + text.arguments;
  }
  // Some servers say the name in pieces, some say all of it in each.
  if (name != known.name && !name.empty()) {
    text.name = name;
    known.name.append(name);
  }
  if (ends && Unfinished(known)) {
    text.arguments = "{}";
    known.argument_bytes = 2;
  }
  WriteCall(call, tool, text, writer);
}

// What a call begins with: the id that the server gave it, unless another has the same.
std::string StreamedCalls::OwnId(const Choice& choice, std::int64_t index) {
  const std::string& id = choice.calls.at(index).id;
  const bool taken = std::ranges::any_of(choice.calls, [&](const auto& other) {
    return other.first != index && other.second.id == id;
  });
  return id.empty() || taken ? NewId() : id;
}

// The chunk that says what is missing of calls at the end of their choice; empty: nothing.
std::string StreamedCalls::Rest(const json::Value& root, std::int64_t number, Choice* choice) {
  const auto unfinished = [](const auto& call) { return Unfinished(call.second); };
  if (std::ranges::none_of(choice->calls, unfinished)) return {};
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject();
  for (const std::string_view key : {"id", "object", "created", "model"}) {
    if (const json::Value value = root.Find(key)) writer.Key(key).Raw(value.raw());
  }
  writer.Key("choices").BeginArray().BeginObject().Field("index", number);
  writer.Key("delta").BeginObject().Key("tool_calls").BeginArray();
  for (auto& [index, call] : choice->calls) {
    if (!Unfinished(call)) continue;
    CallText text{.index = index, .arguments = call.held.empty() ? "{}" : call.held};
    if (!call.begun) {
      text.id = OwnId(*choice, index);
      text.name = call.name;
    }
    WriteCall({}, {}, text, &writer);
    call.begun = call.any_input = true;
  }
  writer.EndArray().EndObject().Key("logprobs").Null().Key("finish_reason").Null();
  writer.EndObject().EndArray().EndObject();
  return out;
}

// Whether a piece begins another call than the one that is known by its index.
bool StreamedCalls::BeginsAnother(const Call& known, std::string_view id, std::string_view name) {
  if (name.empty()) return false;
  if (!id.empty() && !known.id.empty()) return id != known.id;
  if (!id.empty()) return known.begun && name != known.name;
  return known.begun && known.argument_bytes > 0 && name != known.name;
}

// A piece without an index begins a call if it has an id that is new, and goes on with the latest
// if it has none. One with the index of another call that it is not part of begins a new one.
std::int64_t StreamedCalls::IndexOf(const json::Value& call, Choice* choice) {
  const std::string_view id = IdOf(call);
  const std::string_view name = ToolOf(call).name();
  auto& calls = choice->calls;
  const std::int64_t last = calls.empty() ? -1 : calls.rbegin()->first;
  const auto said = call.Find("index").AsInt();
  if (said && *said >= 0) {
    const auto moved = choice->moved.find(*said);
    const std::int64_t index = moved == choice->moved.end() ? *said : moved->second;
    Call& known = calls[index];
    if (!BeginsAnother(known, id, name)) {
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
  if (last >= 0 && id.empty() && name.empty()) return last;
  calls[last + 1].id = id;
  return last + 1;
}

std::string MendCalls(const json::Document& reply) {
  std::vector<JsonEdit> edits;
  for (const json::Value choice : reply.root().Find("choices").children()) {
    const json::Value calls = choice.Find("message").Find("tool_calls");
    if (!AreInOrder(calls)) edits.push_back(Replacement(calls, RewrittenCalls(calls)));
  }
  return edits.empty() ? std::string() : Edited(reply.text(), std::move(edits));
}

}  // namespace moerge
