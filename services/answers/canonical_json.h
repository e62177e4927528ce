// A JSON value as one text for all ways of writing it: members by name, no white space, numbers as
// doubles. Thread-safe, pure. Nothing: `text` is no JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace moerge {

std::optional<std::string> CanonicalJson(std::string_view text);

}  // namespace moerge
