// Bodies of the admin API: a JSON object over an entity that is already there. Unknown and mistyped
// fields are refused by name. Thread-safe, pure. Errors: kInvalid with `param`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/base/json.h"
#include "config/base/result.h"
#include "registry/entity_json.h"
#include "services/api/field_error.h"

namespace moerge::api {

// "name", "origin" and the fields that ToJson writes.
template <class T>
std::vector<std::string> FieldNames() {
  const std::string sample = ToJson(T());
  const Result<json::Document> document = json::Document::Parse(sample);
  std::vector<std::string> names = {"name"};
  for (const json::Value member : document->root().children()) names.emplace_back(member.key());
  return names;
}

// {"name": ..., "origin": ..., every field}.
template <class T>
std::string EntityJson(const T& entity) {
  std::string out = "{\"name\":";
  json::AppendQuoted(entity.name, &out);
  out += ",\"origin\":";
  json::AppendQuoted(OriginName(entity.origin), &out);
  const std::string fields = ToJson(entity);
  if (fields.size() > 2) out.append(",").append(fields, 1, fields.size() - 2);
  return out + "}";
}

// One member at a time, so that an error can name it.
template <class T>
Status ApplyMember(json::Value member, T* entity) {
  static const std::vector<std::string> kNames = FieldNames<T>();
  const std::string key(member.key());
  // What GET gave may come back.
  if (key == "origin" || key == "provisional" || key == "latency" || key == "condition") {
    return Ok{};
  }
  if (key == "name") {
    if (!member.is_string()) return WrongType("name", "a string", member);
    entity->name = *member.AsString();
    return Ok{};
  }
  if (std::find(kNames.begin(), kNames.end(), key) == kNames.end()) {
    return UnknownField(key, key, kNames);
  }
  if (key == "trial" && !member.is_null()) {
    return FieldError("trial", "set at /api/v1/policies/NAME/trial, not here");
  }
  std::string alone = "{";
  json::AppendQuoted(key, &alone);
  alone.append(":").append(member.raw()).append("}");
  if (FromJson(alone, entity)) return Ok{};
  const std::string sample = ToJson(T());
  const Result<json::Document> document = json::Document::Parse(sample);
  return WrongType(key, json::TypeName(document->root().Find(key).type()), member);
}

// `base` with the body's members in place of its own.
template <class T>
Result<T> ReadEntity(std::string_view body, T base) {
  const Result<json::Document> document = ParseObject(body);
  if (!document) return document.error();
  for (const json::Value member : document->root().children()) {
    if (Status applied = ApplyMember(member, &base); !applied) return std::move(applied).error();
  }
  return base;
}

}  // namespace moerge::api
