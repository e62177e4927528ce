#include "adapters/openai_choices.h"

#include <vector>

#include "adapters/finish_reason.h"
#include "adapters/json_edit.h"
#include "adapters/openai_fields.h"

namespace moerge {
namespace {

struct TextAndThoughts {
  std::string text;
  std::string thoughts;
  bool has_text = false;
};

// False: some part is neither.
bool ReadParts(const json::Value& content, TextAndThoughts* read) {
  for (const json::Value part : content.children()) {
    const std::string_view type = StringAt(part, "type");
    if (type == "text" || type == "output_text") {
      read->text.append(StringAt(part, "text"));
      read->has_text = true;
    } else if (type == "thinking") {
      read->thoughts.append(ContentText(part.Find("thinking")));
    } else {
      return false;
    }
  }
  return true;
}

std::string JsonTextOf(std::string_view text) {
  std::string quoted;
  json::AppendQuoted(text, &quoted);
  return quoted;
}

// Parts of `message` as members that are texts.
void TakeContent(const json::Value& message, JsonMembers* members) {
  const json::Value content = message.Find("content");
  TextAndThoughts read;
  if (!content.is_array() || !ReadParts(content, &read)) return;
  members->emplace_back("content", read.has_text ? JsonTextOf(read.text) : "null");
  const json::Value known = message.Find("reasoning_content");
  const bool free = !known || known.is_null();
  if (free && !read.thoughts.empty()) {
    members->emplace_back("reasoning_content", JsonTextOf(read.thoughts));
  }
}

void MendMessage(const json::Value& message, std::vector<JsonEdit>* edits) {
  JsonMembers members;
  TakeContent(message, &members);
  if (const json::Value call = message.Find("tool_calls"); call.is_object()) {
    members.emplace_back("tool_calls", "[" + std::string(call.raw()) + "]");
  }
  SetMembers(message, members, edits);
}

// An empty reason is none in a chunk, and no more than the end of a whole reply.
void MendFinish(const json::Value& reason, bool whole, std::vector<JsonEdit>* edits) {
  const auto said = reason.AsString();
  if (!said) return;
  const std::string_view plain = PlainFinishReason(*said);
  if (said->empty()) {
    edits->push_back(Replacement(reason, whole ? "\"stop\"" : "null"));
  } else if (plain != *said) {
    edits->push_back(Replacement(reason, JsonTextOf(plain)));
  }
}

}  // namespace

std::string MendChoices(const json::Document& reply, std::string_view part) {
  std::vector<JsonEdit> edits;
  for (const json::Value choice : reply.root().Find("choices").children()) {
    MendMessage(choice.Find(part), &edits);
    MendFinish(choice.Find("finish_reason"), part == "message", &edits);
  }
  return edits.empty() ? std::string() : Edited(reply.text(), std::move(edits));
}

}  // namespace moerge
