// Schemas of tools as Anthropic's API takes them: an object at the top, without a union or a
// reference there. Pure, thread-safe.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "config/base/json.h"

namespace moerge::anthropic {

inline constexpr std::string_view kAnySchema = R"({"type":"object","properties":{}})";

struct ToolSchema {
  std::string json;
  bool widened = false;              // it lets through more than the client's
  std::set<std::string> properties;  // names
};

// A union at the top becomes one object: a property may be what any branch says of it, and what all
// branches require is required (allOf: what all say, and what any requires). References within the
// schema are followed. Errors: kInvalid with `path`, for a schema that no object fits, and for a
// union that cannot be read: one that refers to itself, to elsewhere, or is too large.
Result<ToolSchema> ReadToolSchema(const json::Value& schema, const std::string& path);

// Whether it can go as it is, and the names of its properties, too.
bool IsPlainSchema(const json::Value& schema);

}  // namespace moerge::anthropic
