#include "adapters/anthropic_schema.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/anthropic_rules.h"
#include "adapters/openai_fields.h"

namespace moerge::anthropic {
namespace {

constexpr int kMaxSchemaDepth = 16;  // of unions and references
constexpr std::size_t kMaxBranches = 1000;

bool IsUnion(std::string_view key) {
  return std::ranges::find(kSchemaUnions, key) != std::end(kSchemaUnions);
}

// Whether a schema's `type` lets an object through; a missing one does.
bool AllowsObject(const json::Value& schema) {
  if (schema.type() == json::Type::kFalse) return false;
  const json::Value type = schema.Find("type");
  if (!type || type.is_null() || type.AsString() == "object") return true;
  for (const json::Value one : type.children()) {
    if (one.AsString() == "object") return true;
  }
  return false;
}

// The value that "#/$defs/A" names within `root`; absent: there is none.
json::Value Referred(const json::Value& root, std::string_view reference) {
  if (!reference.starts_with("#/")) return {};
  json::Value at = root;
  for (reference.remove_prefix(1); !reference.empty() && at;) {
    reference.remove_prefix(1);
    const std::size_t end = std::min(reference.find('/'), reference.size());
    std::string step;
    for (std::size_t i = 0; i < end; ++i) {
      const bool escape = reference[i] == '~' && i + 1 < end;
      step.push_back(escape ? (reference[++i] == '1' ? '/' : '~') : reference[i]);
    }
    reference.remove_prefix(end);
    json::Value next = at.Find(step);
    std::size_t index = 0;
    for (const json::Value element : at.children()) {
      if (at.is_array() && std::to_string(index++) == step) next = element;
    }
    at = next;
  }
  return at;
}

// What may stand in a property: one of several schemas.
struct Alternative {
  std::string json;
  json::Value value = {};  // absent: put together here
};
using Alternatives = std::vector<Alternative>;

// What a schema says of one value, where all that it says is which ones and of which type.
struct Listed {
  std::string_view type;                 // raw; empty: not said
  std::vector<std::string_view> values;  // raw
};

std::optional<Listed> ValuesOf(const json::Value& schema) {
  Listed listed;
  for (const json::Value member : schema.children()) {
    if (member.key() == "type") {
      listed.type = member.raw();
    } else if (member.key() == "const") {
      listed.values.push_back(member.raw());
    } else if (member.key() == "enum") {
      for (const json::Value one : member.children()) listed.values.push_back(one.raw());
    } else {
      return std::nullopt;
    }
  }
  if (listed.values.empty()) return std::nullopt;
  return listed;
}

std::optional<Listed> AllValues(const Alternatives& alternatives) {
  std::optional<Listed> all;
  for (const Alternative& one : alternatives) {
    auto listed = ValuesOf(one.value);
    if (!listed || (all && all->type != listed->type)) return std::nullopt;
    if (!all) {
      all = std::move(listed);
      continue;
    }
    if (all->values.size() + listed->values.size() > kMaxBranches) return std::nullopt;
    for (const std::string_view value : listed->values) {
      if (std::ranges::find(all->values, value) == all->values.end()) all->values.push_back(value);
    }
  }
  return all;
}

bool LetsAllThrough(std::string_view schema) { return schema == "{}" || schema == "true"; }

// The alternatives as one schema.
std::string Joined(const Alternatives& alternatives) {
  if (alternatives.size() == 1) return alternatives[0].json;
  for (const Alternative& one : alternatives) {
    if (LetsAllThrough(one.json)) return one.json;
  }
  std::string json;
  json::Writer writer(&json);
  writer.BeginObject();
  if (const auto listed = AllValues(alternatives)) {
    if (!listed->type.empty()) writer.Key("type").Raw(listed->type);
    writer.Key("enum").BeginArray();
    for (const std::string_view value : listed->values) writer.Raw(value);
  } else {
    writer.Key("anyOf").BeginArray();
    for (const Alternative& one : alternatives) writer.Raw(one.json);
  }
  writer.EndArray().EndObject();
  return json;
}

// What schemas say of an object, as far as the API takes it at the top.
struct Shape {
  std::map<std::string_view, Alternatives> properties;
  std::set<std::string_view> required;
  bool no_object = false;  // nothing that is an object fits
  bool others = false;     // properties of other names are told by a pattern
};

bool Has(const Alternatives& alternatives, std::string_view json) {
  return std::ranges::find(alternatives, json, &Alternative::json) != alternatives.end();
}

void AddBranch(const Shape& branch, Shape* all) {
  if (branch.no_object) return;
  if (all->no_object) {
    *all = branch;
    return;
  }
  for (const auto& [name, alternatives] : branch.properties) {
    Alternatives& known = all->properties[name];
    for (const Alternative& one : alternatives) {
      if (!Has(known, one.json)) known.push_back(one);
    }
  }
  std::erase_if(all->required,
                [&](std::string_view name) { return !branch.required.contains(name); });
  all->others = all->others || branch.others;
}

// Both hold; `several`: the former is already put together so.
Alternative BothOf(std::string before, bool several, std::string_view then) {
  if (several) return {before.insert(before.size() - 2, "," + std::string(then))};
  return {R"({"allOf":[)" + before + "," + std::string(then) + "]}"};
}

// Both hold.
void Restrict(const Shape& more, Shape* all) {
  for (const auto& [name, alternatives] : more.properties) {
    const auto [known, is_new] = all->properties.emplace(name, alternatives);
    if (is_new) continue;
    const std::string before = Joined(known->second);
    const std::string then = Joined(alternatives);
    if (before == then || LetsAllThrough(then)) continue;
    if (LetsAllThrough(before)) {
      known->second = alternatives;
      continue;
    }
    const bool several = known->second.size() == 1 && !known->second[0].value;
    known->second = {BothOf(before, several, then)};
  }
  all->required.insert(more.required.begin(), more.required.end());
  all->no_object = all->no_object || more.no_object;
  all->others = all->others || more.others;
}

class SchemaReader {
 public:
  explicit SchemaReader(const json::Value& root)
      : root_(root), bytes_left_(8 * root.raw().size() + 65536) {}

  // Nothing: it cannot be read.
  std::optional<Shape> Read(const json::Value& schema, int depth) {
    const std::size_t bytes = schema.raw().size();
    if (depth > kMaxSchemaDepth || visited_++ > kMaxBranches || bytes > bytes_left_) return {};
    bytes_left_ -= bytes;
    Shape shape;
    shape.no_object = !AllowsObject(schema);
    if (shape.no_object) return shape;
    shape.others = depth > 0 && schema.Find("patternProperties").size() > 0;
    for (const json::Value property : schema.Find("properties").children()) {
      shape.properties[property.key()] = {{std::string(property.raw()), property}};
    }
    for (const json::Value name : schema.Find("required").children()) {
      if (const auto text = name.AsString()) shape.required.insert(*text);
    }
    if (!Follow(schema, depth, &shape)) return {};
    for (const std::string_view key : kSchemaUnions) {
      if (!Union(schema.Find(key), key == "allOf", depth, &shape)) return {};
    }
    return shape;
  }

  bool unions() const { return unions_; }

 private:
  bool Follow(const json::Value& schema, int depth, Shape* shape) {
    const auto reference = schema.Find("$ref").AsString();
    if (!reference) return true;
    const json::Value target = Referred(root_, *reference);
    if (!target) return false;
    const auto more = Read(target, depth + 1);
    if (more) Restrict(*more, shape);
    return more.has_value();
  }

  bool Union(const json::Value& branches, bool all, int depth, Shape* shape) {
    if (branches.size() == 0) return true;
    unions_ = true;
    Shape any;
    any.no_object = true;
    for (const json::Value branch : branches.children()) {
      const auto read = Read(branch, depth + 1);
      if (!read) return false;
      all ? Restrict(*read, shape) : AddBranch(*read, &any);
    }
    if (!all) Restrict(any, shape);
    return true;
  }

  const json::Value root_;
  std::size_t bytes_left_;  // to be read, that references cannot blow it up
  std::size_t visited_ = 0;
  bool unions_ = false;
};

bool IsWrittenAnew(std::string_view key) {
  return key == "type" || key == "properties" || key == "required" || key == "$ref" || IsUnion(key);
}

bool ShutsOthersOut(std::string_view key) {
  return key == "additionalProperties" || key == "unevaluatedProperties";
}

void WriteShape(const json::Value& schema, const Shape& shape, json::Writer* writer) {
  writer->BeginObject().Field("type", "object");
  const auto copy = [&](const json::Value& from, const json::Value& before) {
    for (const json::Value member : from.children()) {
      const std::string_view key = member.key();
      if (IsWrittenAnew(key) || member.is_null() || before.Find(key)) continue;
      if (shape.others && ShutsOthersOut(key)) continue;
      writer->Key(key).Raw(member.raw());
    }
  };
  copy(schema, {});
  // What a reference that is all of the schema says beside its properties.
  if (const auto reference = schema.Find("$ref").AsString()) {
    copy(Referred(schema, *reference), schema);
  }
  writer->Key("properties").BeginObject();
  for (const auto& [name, alternatives] : shape.properties)
    writer->Key(name).Raw(Joined(alternatives));
  writer->EndObject();
  if (!shape.required.empty()) {
    writer->Key("required").BeginArray();
    for (const std::string_view name : shape.required) writer->String(name);
    writer->EndArray();
  }
  writer->EndObject();
}

// Whether it can go as it is.
bool GoesAsItIs(const json::Value& schema) {
  if (schema.Find("type").AsString() != "object") return false;
  for (const json::Value member : schema.children()) {
    if (IsUnion(member.key()) || member.key() == "$ref" || member.is_null()) return false;
  }
  return true;
}

// A reference to what stands in a union at the top, which is no more.
bool Dangles(std::string_view json) {
  return std::ranges::any_of(kSchemaUnions, [json](std::string_view key) {
    return json.find("\"#/" + std::string(key) + "/") != json.npos;
  });
}

}  // namespace

Result<ToolSchema> ReadToolSchema(const json::Value& schema, const std::string& path) {
  if (!AllowsObject(schema)) {
    return NotExpressible(kApi, "a function whose parameters are no object", path + ".type");
  }
  ToolSchema read;
  if (!schema.is_object() || schema.size() == 0) {
    read.json = kAnySchema;
    return read;
  }
  if (GoesAsItIs(schema)) {
    read.json = schema.raw();
    for (const json::Value property : schema.Find("properties").children()) {
      read.properties.emplace(property.key());
    }
    return read;
  }
  SchemaReader reader(schema);
  const auto shape = reader.Read(schema, 0);
  if (shape && shape->no_object) {
    return NotExpressible(kApi, "a function whose parameters are no object", path);
  }
  if (shape) {
    json::Writer writer(&read.json);
    WriteShape(schema, *shape, &writer);
    for (const auto& [name, alternatives] : shape->properties) read.properties.emplace(name);
  }
  if (!shape || Dangles(read.json)) {
    return NotExpressible(
        kApi, "a schema with a union or a reference at its top that cannot be resolved within it",
        path);
  }
  read.widened = reader.unions();
  return read;
}

bool IsPlainSchema(const json::Value& schema) {
  if (!GoesAsItIs(schema)) return false;
  for (const json::Value property : schema.Find("properties").children()) {
    if (!IsPropertyName(property.key())) return false;
  }
  return true;
}

}  // namespace moerge::anthropic
