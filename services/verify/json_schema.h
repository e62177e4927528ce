// A JSON Schema, checked once and then applied to values that models write.
//
// Dialect: the assertions of draft 2020-12 and, where they differ in form, of draft 7 (`items` as
// an array with `additionalItems`, `dependencies`, `definitions`); README.md lists the keywords. A
// schema with anything else is refused, so that no wish is passed over in silence: other keywords,
// unknown formats, `$ref` to anything but a schema within the same document (nothing is ever
// fetched), patterns that RE2 cannot compile, schemas that refer to themselves without end.
//
// Both schema and value come from strangers, so the work is bounded: kMaxSchemaBytes,
// kMaxSchemaDepth, kMaxSteps keywords and comparisons per value. A value that needs more does not
// pass. Numbers are integers of 64 bits or doubles.
//
// Copies share the compiled schema, which is immutable. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "config/base/json.h"
#include "config/base/result.h"

namespace moerge {

struct CompiledSchema;

class JsonSchema {
 public:
  static constexpr std::size_t kMaxSchemaBytes = 64 * 1024;
  static constexpr int kMaxSchemaDepth = 64;
  static constexpr std::int64_t kMaxSteps = 300'000;

  // Error: kInvalid with `param`; its message names the place in the schema.
  static Result<JsonSchema> Parse(std::string_view text, const std::string& param);

  // Where and which keyword is not satisfied, under 400 bytes; nothing if all are.
  std::optional<std::string> Violation(json::Value value) const;

  std::string_view text() const;

 private:
  explicit JsonSchema(std::shared_ptr<const CompiledSchema> compiled)
      : compiled_(std::move(compiled)) {}

  std::shared_ptr<const CompiledSchema> compiled_;
};

}  // namespace moerge
