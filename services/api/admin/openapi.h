// The description of the HTTP API (OpenAPI 3.1), from services/api/openapi.json, which is compiled
// in. A test holds it against the table of routes. Thread-safe.
#pragma once

#include <string>

namespace moerge::api {

std::string OpenApiDocument();

}  // namespace moerge::api
