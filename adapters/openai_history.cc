#include "adapters/openai_history.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "adapters/openai_fields.h"

namespace moerge {
namespace {

constexpr std::string_view kReasoning[] = {"reasoning_content", "reasoning", "reasoning_details",
                                           "thinking_blocks", "thinking"};

bool IsReasoning(std::string_view key) {
  return std::ranges::find(kReasoning, key) != std::end(kReasoning);
}

bool IsReasoningPart(const json::Value& part) {
  const std::string_view type = StringAt(part, "type");
  return type == "thinking" || type == "redacted_thinking" || type == "reasoning";
}

// False: there was nothing to leave out.
bool WriteContent(const json::Value& content, json::Writer* writer) {
  bool less = false;
  writer->BeginArray();
  for (const json::Value part : content.children()) {
    if (IsReasoningPart(part)) {
      less = true;
    } else {
      writer->Raw(part.raw());
    }
  }
  writer->EndArray();
  return less;
}

bool WriteMessage(const json::Value& message, json::Writer* writer) {
  bool less = false;
  writer->BeginObject();
  for (const json::Value member : message.children()) {
    if (IsReasoning(member.key())) {
      less = true;
      continue;
    }
    writer->Key(member.key());
    if (member.key() == "content" && member.is_array()) {
      less = WriteContent(member, writer) || less;
    } else {
      writer->Raw(member.raw());
    }
  }
  writer->EndObject();
  return less;
}

bool WriteMessages(const json::Value& messages, json::Writer* writer) {
  bool less = false;
  writer->BeginArray();
  for (const json::Value message : messages.children()) {
    if (message.is_object() && StringAt(message, "role") == "assistant") {
      less = WriteMessage(message, writer) || less;
    } else {
      writer->Raw(message.raw());
    }
  }
  writer->EndArray();
  return less;
}

}  // namespace

bool BlamesReasoning(std::string_view error) {
  return error.find("reasoning") != error.npos || error.find("thinking") != error.npos;
}

ChatBodyPtr WithoutReasoning(const ChatBody& body) {
  std::string text;
  json::Writer writer(&text);
  bool less = false;
  writer.BeginObject();
  for (const json::Value member : body.root().children()) {
    writer.Key(member.key());
    if (member.key() == "messages" && member.is_array()) {
      less = WriteMessages(member, &writer) || less;
    } else {
      writer.Raw(member.raw());
    }
  }
  writer.EndObject();
  if (!less) return nullptr;
  auto shorter = ChatBody::Parse(std::move(text));
  return shorter ? std::move(*shorter) : nullptr;
}

}  // namespace moerge
