// Errors about one field of a request's body, in one wording. Thread-safe, pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "config/base/json.h"
#include "config/base/result.h"

namespace moerge::api {

// "`messages[0].role` must be ..."
inline Error FieldError(std::string param, std::string_view must) {
  std::string message = "`" + param + "` must be " + std::string(must);
  return Error{.code = ErrorCode::kInvalid,
               .message = std::move(message),
               .param = std::move(param)};
}

inline Error WrongType(std::string param, std::string_view wanted, json::Value got) {
  return FieldError(std::move(param),
                    std::string(wanted) + ", not " + std::string(json::TypeName(got.type())));
}

}  // namespace moerge::api
