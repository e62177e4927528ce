#include "services/verify/json_schema.h"

#include <utility>

#include "config/base/utf8.h"
#include "services/verify/schema_compiler.h"
#include "services/verify/schema_keywords.h"

namespace moerge {
namespace {

void AppendStep(json::Value parent, json::Value child, std::size_t index, std::string* path) {
  path->push_back('/');
  if (parent.is_array()) return path->append(std::to_string(index)), void();
  for (const char c : utf8::Truncate(child.key(), 60)) {
    if (c == '~')
      path->append("~0");
    else if (c == '/')
      path->append("~1");
    else
      path->push_back(c);
  }
}

// The JSON pointer from `root` to the value that begins at `place`.
std::string PathTo(json::Value root, std::size_t place) {
  constexpr std::size_t kLong = 200;
  std::string path;
  for (json::Value at = root; at.begin() != place && path.size() < kLong;) {
    json::Value next;
    std::size_t index = 0;
    for (const json::Value child : at.children()) {
      next = child;
      if (place < child.end()) break;
      ++index;
    }
    if (!next || next.begin() > place) break;
    AppendStep(at, next, index, &path);
    at = next;
  }
  return path;
}

std::string Describe(json::Value root, const SchemaSite& failure, const std::string& detail) {
  const std::string path = PathTo(root, failure.value.begin());
  std::string text = path.empty() ? "the value" : "`" + path + "`";
  text += " (" + std::string(json::TypeName(failure.value.type())) + ")";
  if (failure.keyword.is_bool() && failure.schema.is_bool()) {
    return text + " is not allowed there: its schema is `false`";
  }
  text += " does not satisfy `" + std::string(failure.keyword.key()) + "`";
  if (!detail.empty()) return text + ": " + detail;
  if (failure.keyword.is_object()) return text;
  return text + ": " + std::string(utf8::Truncate(failure.keyword.raw(), 80));
}

}  // namespace

Result<JsonSchema> JsonSchema::Parse(std::string_view text, const std::string& param) {
  auto compiled = CompileSchema(text, param);
  if (!compiled.ok()) return std::move(compiled).error();
  return JsonSchema(*std::move(compiled));
}

std::optional<std::string> JsonSchema::Violation(json::Value value) const {
  SchemaCheck check(*compiled_, kMaxSteps);
  const bool satisfied = check.Satisfies(compiled_->document->root(), value);
  if (check.exhausted()) return "checking it against the schema takes more work than is allowed";
  if (satisfied) return std::nullopt;
  // The root of the value's own document: positions count from its text.
  return Describe(value, check.failure(), check.detail());
}

std::string_view JsonSchema::text() const { return compiled_->text; }

}  // namespace moerge
