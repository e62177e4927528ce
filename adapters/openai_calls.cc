#include "adapters/openai_calls.h"

#include <algorithm>

#include "config/base/random.h"

namespace moerge {
namespace {

struct Edit {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;
};

std::string Apply(std::string_view json, std::vector<Edit> edits) {
  std::ranges::sort(edits, {}, &Edit::begin);
  std::string out;
  std::size_t from = 0;
  for (const Edit& edit : edits) {
    out.append(json.substr(from, edit.begin - from)).append(edit.text);
    from = edit.end;
  }
  return out.append(json.substr(from));
}

// A member in front of an object's others.
Edit Insert(const json::Value& object, std::string member) {
  if (object.size() > 0) member.push_back(',');
  const std::size_t at = object.begin() + 1;
  return {at, at, std::move(member)};
}

bool IsMissing(const json::Value& value) { return !value || value.is_null(); }

// Arguments as JSON text; nothing to do: no edit.
void MendArguments(const json::Value& function, std::vector<Edit>* edits) {
  const json::Value arguments = function.Find("arguments");
  std::string text = "\"{}\"";
  if (arguments.is_object()) {
    text.clear();
    json::AppendQuoted(arguments.raw(), &text);
  } else if (arguments.is_string() && !arguments.AsString()->empty()) {
    return;
  }
  if (arguments) {
    edits->push_back({arguments.begin(), arguments.end(), std::move(text)});
  } else {
    edits->push_back(Insert(function, "\"arguments\":" + text));
  }
}

void MendCall(const json::Value& call, std::vector<Edit>* edits) {
  const json::Value function = call.Find("function");
  if (!function.is_object()) return;
  MendArguments(function, edits);
  std::string members;
  if (IsMissing(call.Find("id"))) members = "\"id\":\"call_" + RandomId() + "\"";
  if (IsMissing(call.Find("type"))) {
    members.append(members.empty() ? "" : ",").append("\"type\":\"function\"");
  }
  for (const std::string_view key : {"id", "type"}) {
    const json::Value value = call.Find(key);
    if (!value || !value.is_null()) continue;
    // A key may not stand twice.
    edits->push_back(
        {value.begin(), value.end(), key == "id" ? "\"call_" + RandomId() + "\"" : "\"function\""});
    const std::size_t at = members.find("\"" + std::string(key) + "\":");
    const std::size_t end = members.find(',', at);
    members.erase(at, end == members.npos ? end : end - at + 1);
  }
  if (members.ends_with(',')) members.pop_back();
  if (!members.empty()) edits->push_back(Insert(call, std::move(members)));
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

}  // namespace

// Whether nothing of this chunk needs a second look.
bool StreamedCalls::Complete(const OpenAiChunk& seen) const {
  if (std::ranges::any_of(seen.calls, [](const CallPiece& piece) { return piece.index < 0; })) {
    return false;
  }
  if (seen.finish_reason.empty()) return true;
  if (!seen.calls.empty()) return false;
  return std::ranges::none_of(choices_, [](const auto& choice) {
    return std::ranges::any_of(choice.second,
                               [](const auto& call) { return call.second.argument_bytes == 0; });
  });
}

StreamedCalls::Mended StreamedCalls::Take(std::string_view json, const OpenAiChunk& seen) {
  if (seen.calls.empty() && choices_.empty()) return {};
  if (Complete(seen)) {
    for (const CallPiece& piece : seen.calls) {
      choices_[piece.choice][piece.index].argument_bytes += piece.argument_bytes;
    }
    return {};
  }
  const auto document = json::Document::Parse(json);
  if (!document) return {};
  Mended mended;
  std::vector<Edit> edits;
  for (const json::Value choice : document->root().Find("choices").children()) {
    const std::int64_t number = choice.Find("index").AsInt().value_or(0);
    Calls& calls = choices_[number];
    const bool ends = choice.Find("finish_reason").is_string();
    for (const json::Value call : choice.Find("delta").Find("tool_calls").children()) {
      const bool indexed = call.Find("index").AsInt().has_value();
      const std::int64_t index = IndexOf(call, &calls);
      if (!indexed) edits.push_back(Insert(call, "\"index\":" + std::to_string(index)));
      const json::Value function = call.Find("function");
      const std::size_t bytes = function.Find("arguments").AsString().value_or("").size();
      std::size_t& all = calls[index].argument_bytes;
      all += bytes;
      if (!ends || all > 0 || !function.is_object()) continue;
      MendArguments(function, &edits);
      all = 2;
    }
    std::vector<std::int64_t> empty;
    for (auto& [index, call] : calls) {
      if (!ends || call.argument_bytes > 0) continue;
      empty.push_back(index);
      call.argument_bytes = 2;
    }
    if (!empty.empty()) mended.before = EmptyArguments(document->root(), number, empty);
  }
  if (!edits.empty()) mended.json = Apply(json, std::move(edits));
  return mended;
}

// A piece without an index begins a call if it has an id that is new, and goes on with the latest
// if it has none.
std::int64_t StreamedCalls::IndexOf(const json::Value& call, Calls* calls) {
  const std::string_view id = call.Find("id").AsString().value_or("");
  if (const auto index = call.Find("index").AsInt()) {
    Call& known = (*calls)[*index];
    if (!id.empty()) known.id = id;
    return *index;
  }
  for (const auto& [index, known] : *calls) {
    if (!id.empty() && known.id == id) return index;
  }
  const std::int64_t last = calls->empty() ? -1 : calls->rbegin()->first;
  const bool named = !call.Find("function").Find("name").AsString().value_or("").empty();
  if (last >= 0 && id.empty() && !named) return last;
  (*calls)[last + 1].id = id;
  return last + 1;
}

std::string MendCalls(const json::Document& reply) {
  std::vector<Edit> edits;
  for (const json::Value choice : reply.root().Find("choices").children()) {
    for (const json::Value call : choice.Find("message").Find("tool_calls").children()) {
      MendCall(call, &edits);
    }
  }
  return edits.empty() ? std::string() : Apply(reply.text(), std::move(edits));
}

}  // namespace moerge
