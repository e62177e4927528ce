#include "services/verify/schema_compiler.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "config/base/text.h"
#include "config/base/utf8.h"
#include "services/verify/json_schema.h"
#include "services/verify/pattern.h"
#include "services/verify/schema_pointer.h"

namespace moerge {
namespace {

using json::Value;

constexpr std::string_view kTypes[] = {"array",  "boolean", "integer", "null",
                                       "number", "object",  "string"};

bool IsType(Value value) {
  const auto name = value.AsString();
  return name && std::ranges::find(kTypes, *name) != std::end(kTypes);
}

bool AllTexts(Value array) {
  if (!array.is_array()) return false;
  for (const Value item : array.children()) {
    if (!item.is_string()) return false;
  }
  return true;
}

bool AreTypes(Value value) {
  if (!value.is_array() || value.size() == 0) return IsType(value);
  for (const Value item : value.children()) {
    if (!IsType(item)) return false;
  }
  return true;
}

bool IsCount(Value value) {
  const auto number = value.AsDouble();
  constexpr double kMax = 1e15;
  return number && *number >= 0 && *number <= kMax &&
         *number == static_cast<double>(static_cast<std::int64_t>(*number));
}

// What is wrong with the form of a keyword whose value holds no schemas; empty: nothing.
std::string_view PlainFault(SchemaShape shape, Value value) {
  using enum SchemaShape;
  switch (shape) {
    case kText:
    case kPattern:
    case kFormat:
    case kReference: return value.is_string() ? "" : "a string";
    case kFlag: return value.is_bool() ? "" : "a boolean";
    case kNumber: return value.AsDouble() ? "" : "a number";
    case kPositive: return value.AsDouble().value_or(0) > 0 ? "" : "a number above 0";
    case kCount: return IsCount(value) ? "" : "a whole number from 0";
    case kTexts: return AllTexts(value) ? "" : "an array of strings";
    case kValues: return value.is_array() ? "" : "an array";
    case kTypes:
      return AreTypes(value) ? ""
                             : "array, boolean, integer, null, number, object or string, or an "
                               "array of those";
    default: return "";
  }
}

class Compiler {
 public:
  Compiler(CompiledSchema* schema, const std::string& param) : schema_(*schema), param_(param) {}

  Status Compile() {
    const Value root = schema_.document->root();
    Status status = Schema(root, "");
    if (status.ok()) status = ResolveReferences();
    return status.ok() ? NoCircles() : status;
  }

 private:
  // Chains of schemas for the same value are no longer than this.
  static constexpr int kMaxChain = 64;

  Error Fault(const std::string& path, std::string_view what) const {
    return Error{.code = ErrorCode::kInvalid,
                 .message = "the JSON schema's `" + std::string(utf8::Truncate(path, 200)) + "` " +
                            std::string(what),
                 .param = param_};
  }

  static std::string Below(const std::string& path, std::string_view name) {
    return path + "/" + std::string(utf8::Truncate(name, 80));
  }

  Status Schema(Value schema, const std::string& path) {
    schemas_.insert(schema.begin());
    all_.push_back(schema);
    if (schema.is_bool()) return Ok{};
    if (!schema.is_object()) return Fault(path + "/", "must be a schema: an object or a boolean");
    for (const Value keyword : schema.children()) {
      const Status status = Keyword(keyword, Below(path, keyword.key()));
      if (!status.ok()) return status;
    }
    return Ok{};
  }

  Status Keyword(Value value, const std::string& path) {
    const SchemaKeyword* const keyword = FindSchemaKeyword(value.key());
    if (keyword == nullptr) {
      return Fault(path, "is no keyword that is checked here." +
                             DidYouMean(value.key(), SchemaKeywordNames()));
    }
    const std::string_view wanted = PlainFault(keyword->shape, value);
    if (!wanted.empty()) return Fault(path, "must be " + std::string(wanted));
    return Held(keyword->shape, value, path);
  }

  // What the keyword's value holds: schemas, expressions, names.
  Status Held(SchemaShape shape, Value value, const std::string& path) {
    using enum SchemaShape;
    if (shape == kReference) references_.push_back({value, path});
    if (shape == kFormat) return Format(value, path);
    if (shape == kPattern) return Pattern(*value.AsString(), value.begin(), path);
    if (shape == kText && value.key() == "$id" && path != "/$id") {
      return Fault(path, "is only possible at the top");
    }
    if (shape == kSchema || (shape == kItems && !value.is_array())) return Schema(value, path);
    if (shape == kSchemas || shape == kItems) return Schemas(value, path, shape == kSchemas);
    const bool map = shape == kSchemaMap || shape == kPatternMap || shape == kTextsMap;
    return map || shape == kDependencies ? Map(shape, value, path) : Status(Ok{});
  }

  Status Format(Value value, const std::string& path) {
    if (FindFormat(*value.AsString()) != nullptr) return Ok{};
    return Fault(path,
                 "is none of the formats that are checked here: " + Join(FormatNames(), ", "));
  }

  Status Pattern(std::string_view pattern, std::size_t place, const std::string& path) {
    auto compiled = CompilePattern(pattern, "the JSON schema's `" + path + "`", param_);
    if (!compiled.ok()) return std::move(compiled).error();
    schema_.patterns.emplace(place, *std::move(compiled));
    return Ok{};
  }

  Status Schemas(Value array, const std::string& path, bool one_at_least) {
    if (!array.is_array()) return Fault(path, "must be an array of schemas");
    if (one_at_least && array.size() == 0) return Fault(path, "must not be empty");
    std::size_t index = 0;
    for (const Value schema : array.children()) {
      const Status status = Schema(schema, Below(path, std::to_string(index++)));
      if (!status.ok()) return status;
    }
    return Ok{};
  }

  Status Map(SchemaShape shape, Value map, const std::string& path) {
    if (!map.is_object()) return Fault(path, "must be an object");
    for (const Value member : map.children()) {
      const Status status = Member(shape, member, Below(path, member.key()));
      if (!status.ok()) return status;
    }
    return Ok{};
  }

  Status Member(SchemaShape shape, Value member, const std::string& path) {
    using enum SchemaShape;
    if (shape == kPatternMap) {
      const Status status = Pattern(member.key(), member.member_begin(), path);
      if (!status.ok()) return status;
    }
    if (shape != kTextsMap && !(shape == kDependencies && member.is_array())) {
      return Schema(member, path);
    }
    if (AllTexts(member)) return Ok{};
    return Fault(path, "must be an array of strings");
  }

  Status ResolveReferences() {
    for (const auto& [reference, path] : references_) {
      const Value target = ResolvePointer(schema_.document->root(), *reference.AsString());
      if (!target || !schemas_.contains(target.begin())) {
        return Fault(path,
                     "must be `#` or a pointer to a schema within this one, such as "
                     "\"#/$defs/name\"; nothing is fetched");
      }
      schema_.targets.emplace(reference.begin(), target);
    }
    return Ok{};
  }

  // A schema that leads back to itself without a step into the value would never end.
  Status NoCircles() {
    for (const Value schema : all_) {
      const Status status = Follow(schema, 0);
      if (!status.ok()) return status;
    }
    return Ok{};
  }

  // `chain`: so many schemas for the same value led here.
  Status Follow(Value schema, int chain) {
    if (!schema.is_object() || deepest_[schema.begin()] > chain) return Ok{};
    if (chain == kMaxChain) {
      return Fault("", "leads back to itself without end, or through more than " +
                           std::to_string(kMaxChain) + " schemas for one value");
    }
    deepest_[schema.begin()] = chain + 1;
    for (const Value keyword : schema.children()) {
      const SchemaKeyword& known = *FindSchemaKeyword(keyword.key());
      const Status status = known.in_place ? FollowKeyword(known, keyword, chain + 1) : Ok{};
      if (!status.ok()) return status;
    }
    return Ok{};
  }

  Status FollowKeyword(const SchemaKeyword& keyword, Value value, int chain) {
    if (keyword.shape == SchemaShape::kReference) {
      return Follow(schema_.targets.at(value.begin()), chain);
    }
    if (keyword.shape == SchemaShape::kSchema) return Follow(value, chain);
    for (const Value schema : value.children()) {
      const Status status = Follow(schema, chain);
      if (!status.ok()) return status;
    }
    return Ok{};
  }

  CompiledSchema& schema_;
  const std::string& param_;
  std::vector<Value> all_;
  std::unordered_set<std::size_t> schemas_;  // where they begin
  std::vector<std::pair<Value, std::string>> references_;
  std::unordered_map<std::size_t, int> deepest_;  // the longest chain that led there, plus one
};

}  // namespace

Result<std::shared_ptr<const CompiledSchema>> CompileSchema(std::string_view text,
                                                            const std::string& param) {
  if (text.size() > JsonSchema::kMaxSchemaBytes) {
    return Error{.code = ErrorCode::kInvalid,
                 .message = "the JSON schema has " + std::to_string(text.size()) +
                            " bytes; at most " + std::to_string(JsonSchema::kMaxSchemaBytes) +
                            " are possible",
                 .param = param};
  }
  auto schema = std::make_shared<CompiledSchema>();
  schema->text = text;
  auto document = json::Document::Parse(schema->text, JsonSchema::kMaxSchemaDepth);
  if (!document.ok()) {
    return Error{.code = ErrorCode::kInvalid,
                 .message = "the JSON schema: " + document.error().message,
                 .param = param};
  }
  schema->document = std::make_unique<json::Document>(*std::move(document));
  const Status status = Compiler(schema.get(), param).Compile();
  if (!status.ok()) return status.error();
  return std::shared_ptr<const CompiledSchema>(std::move(schema));
}

}  // namespace moerge
