// JSON pointers (RFC 6901) in the form of URI fragments: "#", "#/$defs/name". Thread-safe, pure.
#pragma once

#include <string_view>

#include "config/base/json.h"

namespace moerge {

// Absent: no such pointer, or nothing there.
json::Value ResolvePointer(json::Value root, std::string_view reference);

}  // namespace moerge
