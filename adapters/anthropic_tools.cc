#include "adapters/anthropic_tools.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/anthropic_rules.h"
#include "adapters/anthropic_schema.h"
#include "adapters/openai_fields.h"

namespace moerge::anthropic {
namespace {

// Clients put it on the tool, or on the function within.
json::Value MarkOf(const json::Value& tool) {
  const json::Value mark = tool.Find("cache_control");
  return mark.is_object() ? mark : tool.Find("function").Find("cache_control");
}

class ToolWriter {
 public:
  ToolWriter(std::string* out, std::size_t marks, std::vector<std::string>* notes)
      : writer_(out), marks_(marks), notes_(*notes) {}

  Status Write(const json::Value& tools, const std::set<std::string_view>* allowed) {
    writer_.BeginArray();
    std::size_t i = 0;
    for (const json::Value tool : tools.children()) {
      const std::string path = "tools[" + std::to_string(i++) + "]";
      const std::string_view name = StringAt(tool.Find("function"), "name");
      if (allowed != nullptr && !allowed->contains(name)) continue;
      if (!name.empty() && !declared_.insert(name).second) {
        Note("`" + path + "` is not passed on: a tool before it has the same name");
        continue;
      }
      if (Status written = One(tool, path); !written) return written;
    }
    writer_.EndArray();
    return Ok{};
  }

 private:
  Status One(const json::Value& tool, const std::string& path) {
    const json::Value function = tool.Find("function");
    const std::string_view type = tool.Find("type").AsString().value_or("function");
    if (type == "function" && !function.is_object()) {
      return NotExpressible(kApi, "a tool without `function`", path);
    }
    if (type != "function") {
      return NotExpressible(kApi, "a tool of the type `" + std::string(type) + "`", path);
    }
    const std::string_view name = StringAt(function, "name");
    if (!IsToolName(name)) {
      return NotExpressible(
          kApi,
          "a function named `" + std::string(name) + "` (it takes 1 to 128 of a-z A-Z 0-9 _ -)",
          path + ".function.name");
    }
    const std::string parameters = path + ".function.parameters";
    const auto schema = ReadToolSchema(function.Find("parameters"), parameters);
    if (!schema) return schema.error();
    for (const std::string& property : schema->properties) {
      if (IsPropertyName(property)) continue;
      return NotExpressible(
          kApi, "a parameter named `" + property + "` (it takes 1 to 64 of a-z A-Z 0-9 _ . -)",
          parameters + ".properties");
    }
    if (schema->widened) {
      Note("`" + parameters + "` is wider than the client said: " + std::string(kApi) +
           " takes no anyOf, oneOf or allOf at a schema's top");
    }
    writer_.BeginObject().Field("name", name);
    if (const std::string_view text = StringAt(function, "description"); !text.empty()) {
      writer_.Field("description", text);
    }
    writer_.Key("input_schema").Raw(schema->json);
    if (function.Find("strict").AsBool() == true) {
      Note(NotPassedOn(path + ".function.strict", kApi));
    }
    const json::Value mark = MarkOf(tool);
    if (mark.is_object() && marks_-- <= kMaxCacheMarks) {
      writer_.Key("cache_control").Raw(mark.raw());
    }
    writer_.EndObject();
    return Ok{};
  }

  void Note(std::string note) { notes_.push_back(std::move(note)); }

  json::Writer writer_;
  std::size_t marks_;  // of the tools that are still to come
  std::vector<std::string>& notes_;
  std::set<std::string_view> declared_;
};

// What `tool_choice` says.
struct Choice {
  std::string_view type;  // "auto", "any", "none", "tool"; empty: nothing
  std::string_view name;  // of "tool"
  std::optional<std::set<std::string_view>> allowed = {};  // these tools alone
};

Error BadChoice(std::string_view what) {
  return NotExpressible(kApi, "`tool_choice` " + std::string(what), "tool_choice");
}

Result<Choice> ChoiceOfWord(std::string_view word) {
  if (word == "none" || word == "auto") return Choice{word, {}};
  if (word == "required" || word == "any") return Choice{"any", {}};
  return BadChoice("`" + std::string(word) + "`");
}

Result<Choice> ChoiceOfAllowed(const json::Value& allowed) {
  constexpr std::string_view kFunction = "function";
  Choice choice{allowed.Find("mode").AsString() == "required" ? "any" : "auto", {}};
  choice.allowed.emplace();
  for (const json::Value tool : allowed.Find("tools").children()) {
    const std::string_view type = tool.Find("type").AsString().value_or(kFunction);
    if (type != kFunction) return BadChoice("of a tool of the type `" + std::string(type) + "`");
    choice.allowed->insert(ToolName(tool));
  }
  return choice;
}

Result<Choice> ReadChoice(const json::Value& request) {
  const json::Value value = request.Find("tool_choice");
  if (!value || value.is_null()) return Choice{};
  if (const auto word = ToolChoiceWord(request)) return ChoiceOfWord(*word);
  if (const auto forced = ForcedTool(request)) return Choice{"tool", *forced};
  const std::string_view type = StringAt(value, "type");
  if (const json::Value allowed = AllowedTools(request)) return ChoiceOfAllowed(allowed);
  return BadChoice("of the type `" + std::string(type) + "`");
}

std::string ChoiceJson(const Choice& choice, bool serial) {
  if (choice.type.empty() && !serial) return {};
  const std::string_view type = choice.type.empty() ? "auto" : choice.type;
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("type", type);
  if (type == "tool") writer.Field("name", choice.name);
  if (serial && type != "none") writer.Field("disable_parallel_tool_use", true);
  writer.EndObject();
  return out;
}

ToolSet AnswerTool(const json::Value& format) {
  ToolSet set;
  json::Writer writer(&set.tools);
  writer.BeginArray().BeginObject().Field("name", kAnswerTool);
  writer.Field("description", "Gives the answer to the user.").Key("input_schema");
  writer.Raw(format.Find("json_schema").Find("schema").raw());
  writer.EndObject().EndArray();
  set.tool_choice = ChoiceJson({"tool", kAnswerTool}, true);
  set.forced = true;
  return set;
}

// The API wants the tools of the conversation declared, though none is to be called.
ToolSet UsedTools(const std::set<std::string>& used) {
  ToolSet set;
  if (used.empty()) return set;
  json::Writer writer(&set.tools);
  writer.BeginArray();
  for (const std::string& name : used) {
    writer.BeginObject().Field("name", name).Key("input_schema").Raw(kAnySchema).EndObject();
  }
  writer.EndArray();
  set.tool_choice = ChoiceJson({"none", {}}, false);
  return set;
}

}  // namespace

bool AnswersByTool(const json::Value& request) {
  if (request.Find("tools").size() > 0) return false;
  const json::Value format = request.Find("response_format");
  const json::Value schema = format.Find("json_schema").Find("schema");
  return format.Find("type").AsString() == "json_schema" && IsPlainSchema(schema);
}

Result<ToolSet> ReadTools(const json::Value& request, const std::set<std::string>& used,
                          std::vector<std::string>* notes) {
  const json::Value tools = request.Find("tools");
  if (Status known = CheckChosenTools(request); !known) return std::move(known).error();
  Result<Choice> choice = ReadChoice(request);
  if (!choice) return std::move(choice).error();
  const bool forced = choice->type == "any" || choice->type == "tool";
  if (tools.size() == 0) {
    if (forced) return BadChoice("without `tools`");
    if (AnswersByTool(request) && used.empty()) return AnswerTool(request.Find("response_format"));
    return UsedTools(used);
  }
  ToolSet set;
  const auto* allowed = choice->allowed ? &*choice->allowed : nullptr;
  for (const json::Value tool : tools.children()) {
    const bool sent = allowed == nullptr || allowed->contains(ToolName(tool));
    if (sent && MarkOf(tool).is_object()) ++set.marks;
  }
  ToolWriter writer(&set.tools, set.marks, notes);
  set.all_marks = set.marks <= kMaxCacheMarks;
  set.marks = std::min(set.marks, kMaxCacheMarks);
  if (Status written = writer.Write(tools, allowed); !written) return std::move(written).error();
  set.tool_choice = ChoiceJson(*choice, request.Find("parallel_tool_calls").AsBool() == false);
  set.forced = forced;
  return set;
}

}  // namespace moerge::anthropic
