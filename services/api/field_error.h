// The object that a request's body is, and errors about one field of it, in one wording.
// Thread-safe, pure.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/json.h"
#include "config/base/result.h"
#include "config/base/text.h"

namespace moerge::api {

// "`messages[0].role` must be ..."
inline Error FieldError(std::string param, std::string_view must) {
  std::string message = "`" + param + "` must be " + std::string(must);
  return Error{
      .code = ErrorCode::kInvalid, .message = std::move(message), .param = std::move(param)};
}

inline Error WrongType(std::string param, std::string_view wanted, json::Value got) {
  return FieldError(std::move(param),
                    std::string(wanted) + ", not " + std::string(json::TypeName(got.type())));
}

// `param` is the path to `key`, which is none of `known`.
inline Error UnknownField(std::string param, std::string_view key,
                          const std::vector<std::string>& known) {
  std::string message = "`" + param + "` is not a field here." + DidYouMean(key, known);
  return Error{
      .code = ErrorCode::kInvalid, .message = std::move(message), .param = std::move(param)};
}

// Errors: kInvalid, `body` is no JSON, or no object. `body` outlives the document.
inline Result<json::Document> ParseObject(std::string_view body) {
  Result<json::Document> document = json::Document::Parse(body);
  if (document && !document->root().is_object()) {
    return Error{ErrorCode::kInvalid, "the body must be a JSON object"};
  }
  return document;
}

// Whether an object has no fields but `known`.
inline Status CheckFields(json::Value object, const std::vector<std::string>& known) {
  for (const json::Value member : object.children()) {
    const std::string key(member.key());
    if (std::ranges::find(known, key) == known.end()) return UnknownField(key, key, known);
  }
  return Ok{};
}

// No body, or an object without members.
inline Status ReadNothing(std::string_view body) {
  if (Trim(body).empty()) return Ok{};
  const Result<json::Document> document = ParseObject(body);
  if (!document) return document.error();
  return CheckFields(document->root(), {});
}

}  // namespace moerge::api
