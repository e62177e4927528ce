// The keywords of a JSON Schema: the form of their values and what they ask of a value. Internal to
// json_schema. Thread-safe, pure.
#pragma once

#include <re2/re2.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/base/json.h"

namespace moerge {

// By where they stand in the text: what each `$ref` points to, and the expression of each `pattern`
// and of each key of `patternProperties`.
struct CompiledSchema {
  std::string text;
  std::unique_ptr<json::Document> document;  // refers to `text`
  std::unordered_map<std::size_t, json::Value> targets;
  std::unordered_map<std::size_t, std::unique_ptr<RE2>> patterns;
};

enum class SchemaShape {
  kAny,
  kText,
  kFlag,
  kNumber,
  kPositive,
  kCount,
  kTexts,
  kValues,
  kTypes,
  kFormat,
  kPattern,
  kReference,
  kSchema,
  kSchemas,      // an array of at least one
  kItems,        // one, or an array
  kSchemaMap,    // by name
  kPatternMap,   // by expression
  kTextsMap,     // arrays of names by name
  kDependencies  // a schema or an array of names, by name
};

class SchemaCheck;

// One keyword of one schema, and the value that is checked.
struct SchemaSite {
  json::Value schema;
  json::Value keyword;
  json::Value value;
};

struct SchemaKeyword {
  std::string_view name;
  SchemaShape shape;
  bool in_place;                                         // its schemas see the same value
  bool (*holds)(SchemaCheck& check, const SchemaSite&);  // null: says nothing of values
};

const SchemaKeyword* FindSchemaKeyword(std::string_view name);
std::vector<std::string> SchemaKeywordNames();

// Whether a text is of a format such as "date-time".
using FormatTest = bool (*)(std::string_view text);
FormatTest FindFormat(std::string_view name);  // null: unknown
std::vector<std::string> FormatNames();

// "integer", "string", ...
bool IsOfType(json::Value value, std::string_view type);
// As JSON Schema compares: 1 and 1.0 are equal, members have no order.
bool SameJson(json::Value a, json::Value b);
// Equal for values that are the same.
std::uint64_t HashJson(json::Value value);

// Applies a compiled schema to one value.
class SchemaCheck {
 public:
  SchemaCheck(const CompiledSchema& schema, std::int64_t steps) : schema_(schema), left_(steps) {}

  bool Satisfies(json::Value schema, json::Value value);
  // The same without a word about why not.
  bool Would(json::Value schema, json::Value value);

  // False: the work is more than is allowed.
  bool Spend(std::size_t steps);
  bool exhausted() const { return left_ < 0; }

  // Find and match that are counted.
  json::Value Find(json::Value object, std::string_view key);
  bool Matches(std::size_t place, std::string_view text);
  bool Same(json::Value a, json::Value b);
  json::Value Target(json::Value reference) const { return schema_.targets.at(reference.begin()); }

  void Detail(std::string detail) { detail_ = std::move(detail); }
  // What failed first: the keyword, the value and what else there is to say.
  const SchemaSite& failure() const { return failure_; }
  const std::string& detail() const { return detail_; }

 private:
  static constexpr int kMaxNesting = 512;

  bool Holds(const SchemaSite& site);

  const CompiledSchema& schema_;
  std::int64_t left_;
  int nesting_ = 0;
  SchemaSite failure_;
  std::string detail_;
};

}  // namespace moerge
