#include "tests/support/strict_apis.h"

#include <algorithm>
#include <set>
#include <vector>

#include "adapters/anthropic_rules.h"
#include "adapters/ollama_rules.h"
#include "adapters/openai_fields.h"
#include "config/base/json.h"
#include "config/base/text.h"

namespace moerge::test {
namespace {

template <class Names>
std::string UnknownMember(const json::Value& object, const Names& names) {
  for (const json::Value member : object.children()) {
    if (std::ranges::find(names, member.key()) == std::end(names)) {
      return std::string(member.key()) + ": extra inputs are not permitted";
    }
  }
  return {};
}

class StrictAnthropic {
 public:
  explicit StrictAnthropic(const json::Value& request) : request_(request) {}

  std::string Run() {
    for (const auto check : {&StrictAnthropic::Top, &StrictAnthropic::Sampling,
                             &StrictAnthropic::Tools, &StrictAnthropic::Turns}) {
      (this->*check)();
      if (!why_.empty()) break;
    }
    return why_;
  }

 private:
  void Refuse(std::string why) {
    if (why_.empty()) why_ = std::move(why);
  }

  void Top() {
    Refuse(UnknownMember(request_, anthropic::kRequestMembers));
    const auto limit = request_.Find("max_tokens").AsInt();
    if (!limit || *limit < 1) Refuse("max_tokens: field required");
    if (const json::Value system = request_.Find("system"); system.is_array()) {
      for (const json::Value block : system.children()) Text(block);
    }
    std::size_t marks = 0;
    const std::string_view body = request_.raw();
    for (std::size_t at = 0; (at = body.find("\"cache_control\":{", at)) != body.npos; ++at)
      ++marks;
    if (marks > anthropic::kMaxCacheMarks) Refuse("a maximum of 4 blocks with cache_control");
    const std::string_view user = StringAt(request_.Find("metadata"), "user_id");
    if (!user.empty() && !anthropic::IsUserId(user)) Refuse("metadata.user_id");
    const json::Value thinking = request_.Find("thinking");
    const auto budget = thinking.Find("budget_tokens").AsInt();
    const json::Value effort = request_.Find("output_config").Find("effort");
    if (effort && std::ranges::find(anthropic::kEfforts, effort.AsString().value_or("")) ==
                      std::end(anthropic::kEfforts)) {
      Refuse("output_config.effort");
    }
    const std::string_view type = StringAt(thinking, "type");
    if (!thinking || type == "disabled") return;
    const bool within = type == "enabled";
    if (!within && (type != "adaptive" || budget)) Refuse("thinking.type");
    if (within && (!budget || *budget < anthropic::kMinThinking || *budget >= limit.value_or(0))) {
      Refuse("thinking.budget_tokens");
    }
    const std::string_view choice = StringAt(request_.Find("tool_choice"), "type");
    if (choice == "any" || choice == "tool") Refuse("thinking with a forced tool");
  }

  void Sampling() {
    const auto temperature = request_.Find("temperature").AsDouble();
    if (temperature && *temperature > anthropic::kMaxTemperature) Refuse("temperature: at most 1");
    if (temperature && request_.Find("top_p")) Refuse("temperature and top_p together");
    const std::string_view thinking = StringAt(request_.Find("thinking"), "type");
    const bool thinks = !thinking.empty() && thinking != "disabled";
    if (thinks && (temperature || request_.Find("top_k"))) {
      Refuse("temperature with thinking");
    }
    for (const json::Value stop : request_.Find("stop_sequences").children()) {
      if (Trim(stop.AsString().value_or("")).empty()) Refuse("stop_sequences: whitespace");
    }
  }

  void Tools() {
    std::set<std::string_view> names;
    for (const json::Value tool : request_.Find("tools").children()) {
      if (!anthropic::IsToolName(StringAt(tool, "name"))) Refuse("tools.name");
      if (!names.insert(StringAt(tool, "name")).second) Refuse("tools: names must be unique");
      const json::Value schema = tool.Find("input_schema");
      for (const json::Value member : schema.children()) {
        if (member.is_null()) Refuse("input_schema: " + std::string(member.key()) + " is null");
      }
      for (const json::Value property : schema.Find("properties").children()) {
        if (!anthropic::IsPropertyName(property.key())) Refuse("properties: keys");
      }
      if (schema.Find("type").AsString() != "object") Refuse("input_schema.type: field required");
      for (const std::string_view key : anthropic::kSchemaUnions) {
        if (schema.Find(key)) Refuse("input_schema: " + std::string(key) + " at the top");
      }
    }
    if (request_.Find("tool_choice") && request_.Find("tools").size() == 0) {
      Refuse("tool_choice without tools");
    }
  }

  void Turns() {
    const json::Value messages = request_.Find("messages");
    if (messages.size() == 0) Refuse("messages: at least one message is required");
    std::string_view role = "assistant";
    for (const json::Value message : messages.children()) {
      if (StringAt(message, "role") == role) Refuse("roles must alternate, the user first");
      role = StringAt(message, "role");
      if (message.Find("content").size() == 0) Refuse("content: empty");
      Answers(message);
      for (const json::Value block : message.Find("content").children()) {
        const bool picture = StringAt(block, "type") == "image";
        if (picture && role == "assistant") Refuse("image blocks of the assistant's");
        Block(block);
      }
      last_ = message;
    }
    if (!calls_.empty()) Refuse("tool_use without tool_result");
    if (role != "assistant") return;
    std::string_view text;
    for (const json::Value block : last_.Find("content").children()) text = StringAt(block, "text");
    if (Trim(text).size() < text.size() && text.find_last_not_of(" \n\t\r") + 1 < text.size()) {
      Refuse("final assistant content cannot end with trailing whitespace");
    }
  }

  // Results come first, and answer all calls of the turn before and nothing else.
  void Answers(const json::Value& message) {
    bool other = false;
    for (const json::Value block : message.Find("content").children()) {
      if (StringAt(block, "type") != "tool_result") {
        other = true;
      } else if (other) {
        Refuse("tool_result blocks must come first");
      } else if (calls_.erase(std::string(StringAt(block, "tool_use_id"))) == 0) {
        Refuse("unexpected tool_use_id");
      }
    }
    if (!calls_.empty()) Refuse("tool_use ids without tool_result blocks immediately after");
  }

  void Text(const json::Value& block) {
    if (Trim(StringAt(block, "text")).empty()) Refuse("text content blocks must be non-empty");
  }

  void Block(const json::Value& block) {
    const std::string_view type = StringAt(block, "type");
    if (type == "text") Text(block);
    if (type == "tool_use") Call(block);
    if (type == "image") Image(block.Find("source"));
    if (type == "tool_result") {
      for (const json::Value inner : block.Find("content").children()) Block(inner);
    }
    const std::set<std::string_view> known = {
        "text", "tool_use", "image", "tool_result", "document", "thinking", "redacted_thinking"};
    if (!known.contains(type)) Refuse("a block of the type " + std::string(type));
  }

  void Call(const json::Value& block) {
    const std::string id(StringAt(block, "id"));
    if (!anthropic::IsToolName(StringAt(block, "name"))) Refuse("tool_use.name");
    if (!anthropic::IsToolId(id)) Refuse("tool_use.id: should match ^[a-zA-Z0-9_-]+$");
    if (!ids_.insert(id).second) Refuse("tool_use ids must be unique");
    if (!block.Find("input").is_object()) Refuse("tool_use.input: not an object");
    if (request_.Find("tools").size() == 0) Refuse("tool blocks without tools");
    calls_.insert(id);
  }

  void Image(const json::Value& source) {
    if (StringAt(source, "type") != "base64") return;
    const std::string_view type = StringAt(source, "media_type");
    if (!anthropic::IsImageType(type)) Refuse("image.source.base64.media_type");
    const std::string_view truth = PictureType(StringAt(source, "data"));
    if (!truth.empty() && truth != type) Refuse("the image is not of its media type");
  }

  const json::Value request_;
  std::string why_;
  json::Value last_;
  std::set<std::string> ids_;
  std::set<std::string> calls_;  // without a result so far
};

std::string RefusedMessage(const json::Value& message) {
  if (const std::string unknown = UnknownMember(message, ollama::kMessageMembers);
      !unknown.empty()) {
    return unknown;
  }
  const std::string_view role = StringAt(message, "role");
  if (std::ranges::find(ollama::kRoles, role) == std::end(ollama::kRoles)) return "role";
  if (!message.Find("content").is_string()) return "content: not a string";
  for (const json::Value image : message.Find("images").children()) {
    if (image.AsString().value_or("").starts_with("data:")) return "images: illegal base64";
  }
  for (const json::Value call : message.Find("tool_calls").children()) {
    const json::Value function = call.Find("function");
    if (!function.Find("arguments").is_object()) return "arguments: not an object";
  }
  return {};
}

std::string RefusedThink(const json::Value& think) {
  if (!think || think.is_bool()) return {};
  const auto word = think.AsString();
  const bool known =
      word && std::ranges::find(ollama::kEfforts, *word) != std::end(ollama::kEfforts);
  return known ? "" : "think: must be a boolean, low, medium or high";
}

}  // namespace

std::string RefusedByAnthropic(std::string_view body) {
  const auto document = json::Document::Parse(body);
  if (!document) return document.error().message;
  return StrictAnthropic(document->root()).Run();
}

std::string RefusedByOllama(std::string_view body) {
  const auto document = json::Document::Parse(body);
  if (!document) return document.error().message;
  const json::Value request = document->root();
  if (std::string why = UnknownMember(request, ollama::kRequestMembers); !why.empty()) return why;
  for (const json::Value message : request.Find("messages").children()) {
    if (std::string why = RefusedMessage(message); !why.empty()) return why;
  }
  for (const json::Value tool : request.Find("tools").children()) {
    if (!tool.Find("function").is_object()) return "tools: no function";
    const json::Value parameters = tool.Find("function").Find("parameters");
    if (parameters.Find("type").is_array()) return "parameters.type: cannot unmarshal array";
    for (const json::Value property : parameters.Find("properties").children()) {
      if (!property.is_object()) return "parameters.properties: cannot unmarshal";
    }
  }
  const json::Value format = request.Find("format");
  if (format && format.AsString() != "json" && !format.is_object()) return "format";
  for (const json::Value option : request.Find("options").children()) {
    if (option.is_null()) return "options." + std::string(option.key());
  }
  return RefusedThink(request.Find("think"));
}

}  // namespace moerge::test
