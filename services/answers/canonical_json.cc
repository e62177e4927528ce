#include "services/answers/canonical_json.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "config/base/json.h"

namespace moerge {
namespace {

void Append(json::Value value, std::string* out);

void AppendNumber(json::Value value, std::string* out) {
  const auto number = value.AsDouble();
  if (!number) return out->append(value.raw()), void();
  char digits[40];
  std::snprintf(digits, sizeof digits, "%.15g", *number + 0.0);
  out->append(digits);
}

void AppendObject(json::Value object, std::string* out) {
  std::vector<json::Value> members;
  for (const json::Value member : object.children()) members.push_back(member);
  std::ranges::sort(members, {}, [](json::Value member) { return member.key(); });
  out->push_back('{');
  for (const json::Value member : members) {
    if (out->back() != '{') out->push_back(',');
    json::AppendQuoted(member.key(), out);
    out->push_back(':');
    Append(member, out);
  }
  out->push_back('}');
}

void AppendArray(json::Value array, std::string* out) {
  out->push_back('[');
  bool first = true;
  for (const json::Value element : array.children()) {
    if (!first) out->push_back(',');
    first = false;
    Append(element, out);
  }
  out->push_back(']');
}

void Append(json::Value value, std::string* out) {
  if (value.is_object()) return AppendObject(value, out);
  if (value.is_array()) return AppendArray(value, out);
  if (value.is_number()) return AppendNumber(value, out);
  if (value.is_string()) return json::AppendQuoted(*value.AsString(), out);
  out->append(value.raw());
}

}  // namespace

std::optional<std::string> CanonicalJson(std::string_view text) {
  const auto document = json::Document::Parse(text);
  if (!document.ok()) return std::nullopt;
  std::string out;
  Append(document->root(), &out);
  return out;
}

}  // namespace moerge
