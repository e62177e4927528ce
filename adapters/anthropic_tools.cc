#include "adapters/anthropic_tools.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "adapters/anthropic_rules.h"
#include "adapters/openai_fields.h"

namespace moerge::anthropic {
namespace {

constexpr std::string_view kAnySchema = R"({"type":"object","properties":{}})";

bool IsUnion(std::string_view key) {
  return std::ranges::find(kSchemaUnions, key) != std::end(kSchemaUnions);
}

// Whether a schema's `type` lets an object through; a missing one does.
bool AllowsObject(const json::Value& schema) {
  const json::Value type = schema.Find("type");
  if (!type || type.is_null() || type.AsString() == "object") return true;
  for (const json::Value one : type.children()) {
    if (one.AsString() == "object") return true;
  }
  return false;
}

// The properties of a schema and of all branches of its unions, the first of a name.
std::map<std::string_view, std::string_view> AllProperties(const json::Value& schema) {
  std::map<std::string_view, std::string_view> all;
  const auto add = [&all](const json::Value& from) {
    for (const json::Value property : from.Find("properties").children()) {
      all.emplace(property.key(), property.raw());
    }
  };
  add(schema);
  for (const std::string_view key : kSchemaUnions) {
    for (const json::Value branch : schema.Find(key).children()) add(branch);
  }
  return all;
}

// The schema with `"type":"object"` in front. Unions at the top, which the API refuses, are widened
// to one object with the properties of all their branches; true: so it was.
bool WriteSchema(const json::Value& schema, json::Writer* writer) {
  bool plain = schema.Find("type").AsString() == "object";
  for (const json::Value member : schema.children()) {
    plain = plain && !IsUnion(member.key()) && !member.is_null();
  }
  if (plain) {
    writer->Raw(schema.raw());
    return false;
  }
  bool widened = false;
  writer->BeginObject().Field("type", "object");
  for (const json::Value member : schema.children()) {
    const std::string_view key = member.key();
    widened = widened || IsUnion(key);
    const bool other = key != "type" && key != "properties" && !IsUnion(key);
    if (!other || member.is_null()) continue;
    writer->Key(key).Raw(member.raw());
  }
  writer->Key("properties").BeginObject();
  for (const auto& [name, property] : AllProperties(schema)) writer->Key(name).Raw(property);
  writer->EndObject().EndObject();
  return widened;
}

class ToolWriter {
 public:
  ToolWriter(std::string* out, std::vector<std::string>* notes) : writer_(out), notes_(*notes) {}

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
    const json::Value schema = function.Find("parameters");
    if (!AllowsObject(schema)) {
      return NotExpressible(kApi, "a function whose parameters are no object",
                            path + ".function.parameters.type");
    }
    for (const auto& [property, unused] : AllProperties(schema)) {
      if (IsPropertyName(property)) continue;
      return NotExpressible(kApi,
                            "a parameter named `" + std::string(property) +
                                "` (it takes 1 to 64 of a-z A-Z 0-9 _ . -)",
                            path + ".function.parameters.properties");
    }
    writer_.BeginObject().Field("name", name);
    if (const std::string_view text = StringAt(function, "description"); !text.empty()) {
      writer_.Field("description", text);
    }
    writer_.Key("input_schema");
    Schema(schema, path);
    if (function.Find("strict").AsBool() == true) {
      Note(NotPassedOn(path + ".function.strict", kApi));
    }
    const json::Value mark = tool.Find("cache_control");
    if (mark.is_object()) writer_.Key("cache_control").Raw(mark.raw());
    writer_.EndObject();
    return Ok{};
  }

  void Schema(const json::Value& schema, const std::string& path) {
    if (!schema.is_object() || schema.size() == 0) {
      writer_.Raw(kAnySchema);
    } else if (WriteSchema(schema, &writer_)) {
      notes_.push_back("`" + path + ".function.parameters` is wider than the client said: " +
                       std::string(kApi) + " takes no anyOf, oneOf or allOf at a schema's top");
    }
  }

  void Note(std::string note) { notes_.push_back(std::move(note)); }

  json::Writer writer_;
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
  Choice choice{allowed.Find("mode").AsString() == "required" ? "any" : "auto", {}};
  choice.allowed.emplace();
  for (const json::Value tool : allowed.Find("tools").children()) {
    choice.allowed->insert(StringAt(tool.Find("function"), "name"));
  }
  return choice;
}

Result<Choice> ReadChoice(const json::Value& request) {
  const json::Value value = request.Find("tool_choice");
  if (!value || value.is_null()) return Choice{};
  if (const auto word = ToolChoiceWord(request)) return ChoiceOfWord(*word);
  if (const auto forced = ForcedTool(request)) return Choice{"tool", *forced};
  const std::string_view type = StringAt(value, "type");
  if (type == "allowed_tools") return ChoiceOfAllowed(value.Find("allowed_tools"));
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
  (void)WriteSchema(format.Find("json_schema").Find("schema"), &writer);
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
  const bool unions = std::ranges::any_of(
      kSchemaUnions, [&](std::string_view key) { return schema.Find(key).present(); });
  return format.Find("type").AsString() == "json_schema" && schema.is_object() &&
         schema.Find("type").AsString() == "object" && !unions;
}

Result<ToolSet> ReadTools(const json::Value& request, const std::set<std::string>& used,
                          std::vector<std::string>* notes) {
  const json::Value tools = request.Find("tools");
  Result<Choice> choice = ReadChoice(request);
  if (!choice) return std::move(choice).error();
  const bool forced = choice->type == "any" || choice->type == "tool";
  if (tools.size() == 0) {
    if (forced) return BadChoice("without `tools`");
    if (AnswersByTool(request) && used.empty()) return AnswerTool(request.Find("response_format"));
    return UsedTools(used);
  }
  ToolSet set;
  ToolWriter writer(&set.tools, notes);
  const auto* allowed = choice->allowed ? &*choice->allowed : nullptr;
  if (Status written = writer.Write(tools, allowed); !written) return std::move(written).error();
  set.tool_choice = ChoiceJson(*choice, request.Find("parallel_tool_calls").AsBool() == false);
  set.forced = forced;
  return set;
}

}  // namespace moerge::anthropic
