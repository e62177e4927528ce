// multipart/form-data (RFC 7578) as clients upload files with. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"

namespace moerge::api {

// Views into the body.
struct FormPart {
  std::string name;
  std::string filename;  // empty: a plain field
  std::string_view content;
};

// Errors: kInvalid, the content type names no boundary, or the body is not what it says.
Result<std::vector<FormPart>> ParseFormData(std::string_view content_type, std::string_view body);

}  // namespace moerge::api
