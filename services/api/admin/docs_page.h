// /openapi.json for people: one page of HTML, without a script, made once. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace moerge::api {

// `document`: OpenAPI 3.1, as openapi.h gives it.
std::string DocsPage(std::string_view document);

}  // namespace moerge::api
