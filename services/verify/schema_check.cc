#include <cmath>
#include <functional>

#include "config/base/hash.h"
#include "services/verify/schema_keywords.h"

namespace moerge {
namespace {

bool IsInteger(json::Value value) {
  if (!value.is_number()) return false;
  if (value.AsInt()) return true;
  const auto number = value.AsDouble();
  return number && std::trunc(*number) == *number;
}

bool SameNumber(json::Value a, json::Value b) {
  const auto whole_a = a.AsInt();
  const auto whole_b = b.AsInt();
  if (whole_a && whole_b) return *whole_a == *whole_b;
  const auto number = a.AsDouble();
  return number ? number == b.AsDouble() : a.raw() == b.raw();
}

bool SameArray(json::Value a, json::Value b) {
  if (a.size() != b.size()) return false;
  auto other = b.children().begin();
  for (const json::Value item : a.children()) {
    if (!SameJson(item, *other)) return false;
    ++other;
  }
  return true;
}

bool SameObject(json::Value a, json::Value b) {
  if (a.size() != b.size()) return false;
  for (const json::Value member : a.children()) {
    const json::Value other = b.Find(member.key());
    if (!other || !SameJson(member, other)) return false;
  }
  return true;
}

}  // namespace

bool IsOfType(json::Value value, std::string_view type) {
  if (type == "integer") return IsInteger(value);
  if (type == "number") return value.is_number();
  if (type == "string") return value.is_string();
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "boolean") return value.is_bool();
  return type == "null" && value.is_null();
}

bool SameJson(json::Value a, json::Value b) {
  if (a.type() != b.type()) return false;
  if (a.is_number()) return SameNumber(a, b);
  if (a.is_string()) return a.AsString() == b.AsString();
  if (a.is_array()) return SameArray(a, b);
  if (a.is_object()) return SameObject(a, b);
  return true;
}

std::uint64_t HashJson(json::Value value) {
  constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15;
  if (value.is_number()) return std::hash<double>()(value.AsDouble().value_or(0) + 0.0);
  if (value.is_string()) return Hash64(*value.AsString());
  std::uint64_t hash = kMix * (static_cast<std::uint64_t>(value.type()) + 1);
  for (const json::Value child : value.children()) {
    const std::uint64_t one = HashJson(child);
    hash = value.is_object() ? hash + Hash64(child.key()) * (one | 1) : hash * kMix + one;
  }
  return hash;
}

bool SchemaCheck::Spend(std::size_t steps) {
  if (left_ >= 0) left_ -= static_cast<std::int64_t>(std::min<std::size_t>(steps, 1u << 30));
  return left_ >= 0;
}

json::Value SchemaCheck::Find(json::Value object, std::string_view key) {
  if (!Spend(1 + object.size() / 8)) return {};
  return object.Find(key);
}

bool SchemaCheck::Matches(std::size_t place, std::string_view text) {
  const RE2& pattern = *schema_.patterns.at(place);
  const std::size_t size = static_cast<std::size_t>(pattern.ProgramSize());
  if (!Spend(1 + text.size() * size / 64)) return false;
  return RE2::PartialMatch({text.data(), text.size()}, pattern);
}

bool SchemaCheck::Same(json::Value a, json::Value b) {
  // Members are looked up one by one, so wide objects cost their square.
  const std::size_t size = std::min(a.raw().size(), b.raw().size()) / 16;
  if (!Spend(1 + (a.is_object() || a.is_array() ? size * size / 4 : size))) return false;
  return SameJson(a, b);
}

bool SchemaCheck::Holds(const SchemaSite& site) {
  const SchemaKeyword* const keyword = FindSchemaKeyword(site.keyword.key());
  if (keyword->holds == nullptr) return true;
  if (!Spend(1)) return false;
  if (keyword->holds(*this, site)) return true;
  if (!failure_.keyword) failure_ = site;
  return false;
}

bool SchemaCheck::Satisfies(json::Value schema, json::Value value) {
  if (!Spend(1)) return false;
  if (schema.is_bool()) {
    if (!*schema.AsBool() && !failure_.keyword) failure_ = SchemaSite{schema, schema, value};
    return *schema.AsBool();
  }
  if (nesting_ == kMaxNesting) return left_ = -1, false;
  ++nesting_;
  bool satisfied = true;
  for (const json::Value keyword : schema.children()) {
    satisfied = satisfied && Holds(SchemaSite{schema, keyword, value});
  }
  --nesting_;
  return satisfied;
}

bool SchemaCheck::Would(json::Value schema, json::Value value) {
  const SchemaSite before = failure_;
  std::string detail = detail_;
  const bool satisfied = Satisfies(schema, value);
  failure_ = before;
  detail_ = std::move(detail);
  return satisfied;
}

}  // namespace moerge
