// Errors about one field of a request's body, in one wording. Thread-safe, pure.
#pragma once

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

}  // namespace moerge::api
