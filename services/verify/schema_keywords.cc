#include "services/verify/schema_keywords.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "config/base/utf8.h"

namespace moerge {
namespace {

using json::Value;

std::size_t CodePoints(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::size_t Count(Value value) { return static_cast<std::size_t>(value.AsDouble().value_or(0)); }

bool Type(SchemaCheck&, const SchemaSite& site) {
  if (const auto name = site.keyword.AsString()) return IsOfType(site.value, *name);
  for (const Value name : site.keyword.children()) {
    if (IsOfType(site.value, *name.AsString())) return true;
  }
  return false;
}

bool Enum(SchemaCheck& check, const SchemaSite& site) {
  for (const Value one : site.keyword.children()) {
    if (check.Same(one, site.value)) return true;
  }
  return false;
}

bool Const(SchemaCheck& check, const SchemaSite& site) {
  return check.Same(site.keyword, site.value);
}

// A number too large for a double satisfies no bound.
template <class Compare>
bool Bound(SchemaCheck&, const SchemaSite& site) {
  if (!site.value.is_number()) return true;
  const auto whole = site.value.AsInt();
  const auto limit = site.keyword.AsInt();
  if (whole && limit) return Compare()(*whole, *limit);
  const auto number = site.value.AsDouble();
  return number && Compare()(*number, *site.keyword.AsDouble());
}

bool MultipleOf(SchemaCheck&, const SchemaSite& site) {
  if (!site.value.is_number()) return true;
  const auto whole = site.value.AsInt();
  const auto step = site.keyword.AsInt();
  if (whole && step) return *whole % *step == 0;
  const auto number = site.value.AsDouble();
  if (!number) return false;
  const double times = *number / *site.keyword.AsDouble();
  return std::isfinite(times) && std::abs(times - std::round(times)) <= 1e-9;
}

template <class Compare>
bool Length(SchemaCheck& check, const SchemaSite& site) {
  const auto text = site.value.AsString();
  if (!text || !check.Spend(text->size() / 64)) return !text;
  return Compare()(CodePoints(*text), Count(site.keyword));
}

template <class Compare>
bool Items(SchemaCheck&, const SchemaSite& site) {
  return !site.value.is_array() || Compare()(site.value.size(), Count(site.keyword));
}

template <class Compare>
bool Properties(SchemaCheck&, const SchemaSite& site) {
  return !site.value.is_object() || Compare()(site.value.size(), Count(site.keyword));
}

bool Pattern(SchemaCheck& check, const SchemaSite& site) {
  const auto text = site.value.AsString();
  return !text || check.Matches(site.keyword.begin(), *text);
}

bool Format(SchemaCheck& check, const SchemaSite& site) {
  const auto text = site.value.AsString();
  if (!text) return true;
  return check.Spend(text->size() / 16) && FindFormat(*site.keyword.AsString())(*text);
}

bool FromIndex(SchemaCheck& check, Value items, std::size_t first, Value schema) {
  std::size_t at = 0;
  for (const Value item : items.children()) {
    if (at++ >= first && !check.Satisfies(schema, item)) return false;
  }
  return true;
}

bool Positions(SchemaCheck& check, const SchemaSite& site) {
  if (!site.value.is_array()) return true;
  const auto schemas = site.keyword.children();
  auto schema = schemas.begin();
  for (const Value item : site.value.children()) {
    if (!(schema != schemas.end())) break;
    if (!check.Satisfies(*schema, item)) return false;
    ++schema;
  }
  return true;
}

bool ItemsOf(SchemaCheck& check, const SchemaSite& site) {
  if (site.keyword.is_array()) return Positions(check, site);
  if (!site.value.is_array()) return true;
  return FromIndex(check, site.value, site.schema.Find("prefixItems").size(), site.keyword);
}

bool AdditionalItems(SchemaCheck& check, const SchemaSite& site) {
  const Value items = site.schema.Find("items");
  if (!site.value.is_array() || !items.is_array()) return true;
  return FromIndex(check, site.value, items.size(), site.keyword);
}

bool UniqueItems(SchemaCheck& check, const SchemaSite& site) {
  if (!site.value.is_array() || !site.keyword.AsBool().value_or(false)) return true;
  std::unordered_multimap<std::uint64_t, Value> seen;
  for (const Value item : site.value.children()) {
    if (!check.Spend(4 + item.raw().size() / 16)) return false;
    const std::uint64_t hash = HashJson(item);
    const auto [first, last] = seen.equal_range(hash);
    for (auto same = first; same != last; ++same) {
      if (check.Same(same->second, item)) return false;
    }
    seen.emplace(hash, item);
  }
  return true;
}

std::size_t Containing(SchemaCheck& check, Value schema, Value items) {
  std::size_t count = 0;
  for (const Value item : items.children()) count += check.Would(schema, item) ? 1 : 0;
  return count;
}

bool Contains(SchemaCheck& check, const SchemaSite& site) {
  if (!site.value.is_array()) return true;
  const Value least = site.schema.Find("minContains");
  const Value most = site.schema.Find("maxContains");
  const std::size_t found = Containing(check, site.keyword, site.value);
  return found >= (least ? Count(least) : 1) && (!most || found <= Count(most));
}

bool HasAll(SchemaCheck& check, Value object, Value names) {
  for (const Value name : names.children()) {
    if (check.Find(object, *name.AsString())) continue;
    check.Detail("`" + std::string(utf8::Truncate(*name.AsString(), 80)) + "` is missing");
    return false;
  }
  return true;
}

bool Required(SchemaCheck& check, const SchemaSite& site) {
  return !site.value.is_object() || HasAll(check, site.value, site.keyword);
}

bool PropertiesOf(SchemaCheck& check, const SchemaSite& site) {
  if (!site.value.is_object()) return true;
  for (const Value schema : site.keyword.children()) {
    const Value member = check.Find(site.value, schema.key());
    if (member && !check.Satisfies(schema, member)) return false;
  }
  return true;
}

bool PatternProperties(SchemaCheck& check, const SchemaSite& site) {
  if (!site.value.is_object()) return true;
  for (const Value schema : site.keyword.children()) {
    for (const Value member : site.value.children()) {
      if (!check.Matches(schema.member_begin(), member.key())) continue;
      if (!check.Satisfies(schema, member)) return false;
    }
  }
  return true;
}

bool IsNamed(SchemaCheck& check, Value schema, std::string_view key) {
  if (check.Find(schema.Find("properties"), key)) return true;
  for (const Value pattern : schema.Find("patternProperties").children()) {
    if (check.Matches(pattern.member_begin(), key)) return true;
  }
  return false;
}

bool AdditionalProperties(SchemaCheck& check, const SchemaSite& site) {
  if (!site.value.is_object()) return true;
  for (const Value member : site.value.children()) {
    if (IsNamed(check, site.schema, member.key())) continue;
    if (!check.Satisfies(site.keyword, member)) return false;
  }
  return true;
}

bool PropertyNames(SchemaCheck& check, const SchemaSite& site) {
  if (!site.value.is_object()) return true;
  for (const Value member : site.value.children()) {
    std::string quoted;
    json::AppendQuoted(member.key(), &quoted);
    const auto name = json::Document::Parse(quoted);
    if (!name.ok() || check.Would(site.keyword, name->root())) continue;
    check.Detail("the name `" + std::string(utf8::Truncate(member.key(), 80)) + "` does not fit");
    return false;
  }
  return true;
}

bool Dependencies(SchemaCheck& check, const SchemaSite& site) {
  if (!site.value.is_object()) return true;
  for (const Value needs : site.keyword.children()) {
    if (!check.Find(site.value, needs.key())) continue;
    const bool met =
        needs.is_array() ? HasAll(check, site.value, needs) : check.Satisfies(needs, site.value);
    if (!met) return false;
  }
  return true;
}

bool AllOf(SchemaCheck& check, const SchemaSite& site) {
  for (const Value schema : site.keyword.children()) {
    if (!check.Satisfies(schema, site.value)) return false;
  }
  return true;
}

bool AnyOf(SchemaCheck& check, const SchemaSite& site) {
  for (const Value schema : site.keyword.children()) {
    if (check.Would(schema, site.value)) return true;
  }
  return false;
}

bool OneOf(SchemaCheck& check, const SchemaSite& site) {
  std::size_t satisfied = 0;
  for (const Value schema : site.keyword.children()) {
    satisfied += check.Would(schema, site.value) ? 1 : 0;
  }
  if (satisfied != 1) check.Detail(std::to_string(satisfied) + " of its schemas are satisfied");
  return satisfied == 1;
}

bool Not(SchemaCheck& check, const SchemaSite& site) {
  return !check.Would(site.keyword, site.value);
}

bool If(SchemaCheck& check, const SchemaSite& site) {
  const bool holds = check.Would(site.keyword, site.value);
  const Value then = site.schema.Find(holds ? "then" : "else");
  return !then || check.Satisfies(then, site.value);
}

bool Reference(SchemaCheck& check, const SchemaSite& site) {
  return check.Satisfies(check.Target(site.keyword), site.value);
}

using Shape = SchemaShape;

constexpr SchemaKeyword kKeywords[] = {
    {"$comment", Shape::kText, false, nullptr},
    {"$defs", Shape::kSchemaMap, false, nullptr},
    {"$id", Shape::kText, false, nullptr},
    {"$ref", Shape::kReference, true, Reference},
    {"$schema", Shape::kText, false, nullptr},
    {"additionalItems", Shape::kSchema, false, AdditionalItems},
    {"additionalProperties", Shape::kSchema, false, AdditionalProperties},
    {"allOf", Shape::kSchemas, true, AllOf},
    {"anyOf", Shape::kSchemas, true, AnyOf},
    {"const", Shape::kAny, false, Const},
    {"contains", Shape::kSchema, false, Contains},
    {"contentEncoding", Shape::kText, false, nullptr},
    {"contentMediaType", Shape::kText, false, nullptr},
    {"default", Shape::kAny, false, nullptr},
    {"definitions", Shape::kSchemaMap, false, nullptr},
    {"dependencies", Shape::kDependencies, true, Dependencies},
    {"dependentRequired", Shape::kTextsMap, false, Dependencies},
    {"dependentSchemas", Shape::kSchemaMap, true, Dependencies},
    {"deprecated", Shape::kFlag, false, nullptr},
    {"description", Shape::kText, false, nullptr},
    {"else", Shape::kSchema, true, nullptr},
    {"enum", Shape::kValues, false, Enum},
    {"examples", Shape::kAny, false, nullptr},
    {"exclusiveMaximum", Shape::kNumber, false, Bound<std::less<>>},
    {"exclusiveMinimum", Shape::kNumber, false, Bound<std::greater<>>},
    {"format", Shape::kFormat, false, Format},
    {"if", Shape::kSchema, true, If},
    {"items", Shape::kItems, false, ItemsOf},
    {"maxContains", Shape::kCount, false, nullptr},
    {"maxItems", Shape::kCount, false, Items<std::less_equal<>>},
    {"maxLength", Shape::kCount, false, Length<std::less_equal<>>},
    {"maxProperties", Shape::kCount, false, Properties<std::less_equal<>>},
    {"maximum", Shape::kNumber, false, Bound<std::less_equal<>>},
    {"minContains", Shape::kCount, false, nullptr},
    {"minItems", Shape::kCount, false, Items<std::greater_equal<>>},
    {"minLength", Shape::kCount, false, Length<std::greater_equal<>>},
    {"minProperties", Shape::kCount, false, Properties<std::greater_equal<>>},
    {"minimum", Shape::kNumber, false, Bound<std::greater_equal<>>},
    {"multipleOf", Shape::kPositive, false, MultipleOf},
    {"not", Shape::kSchema, true, Not},
    {"oneOf", Shape::kSchemas, true, OneOf},
    {"pattern", Shape::kPattern, false, Pattern},
    {"patternProperties", Shape::kPatternMap, false, PatternProperties},
    {"prefixItems", Shape::kSchemas, false, Positions},
    {"properties", Shape::kSchemaMap, false, PropertiesOf},
    {"propertyNames", Shape::kSchema, false, PropertyNames},
    {"readOnly", Shape::kFlag, false, nullptr},
    {"required", Shape::kTexts, false, Required},
    {"then", Shape::kSchema, true, nullptr},
    {"title", Shape::kText, false, nullptr},
    {"type", Shape::kTypes, false, Type},
    {"uniqueItems", Shape::kFlag, false, UniqueItems},
    {"writeOnly", Shape::kFlag, false, nullptr},
};
static_assert(std::ranges::is_sorted(kKeywords, {}, &SchemaKeyword::name));

}  // namespace

const SchemaKeyword* FindSchemaKeyword(std::string_view name) {
  const auto* const found = std::ranges::lower_bound(kKeywords, name, {}, &SchemaKeyword::name);
  return found != std::end(kKeywords) && found->name == name ? found : nullptr;
}

std::vector<std::string> SchemaKeywordNames() {
  std::vector<std::string> names;
  for (const SchemaKeyword& keyword : kKeywords) names.emplace_back(keyword.name);
  return names;
}

}  // namespace moerge
