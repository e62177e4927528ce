// A JSON text with a few places of it written differently, the rest as it came. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/json.h"

namespace moerge {

// The bytes [begin, end) become `text`.
struct JsonEdit {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;
};

JsonEdit Replacement(const json::Value& value, std::string text);

using JsonMembers = std::vector<std::pair<std::string_view, std::string>>;  // JSON by key

// Gives an object these members: in place of its own of the same key, else in front of the others.
void SetMembers(const json::Value& object, const JsonMembers& members,
                std::vector<JsonEdit>* edits);

// REQUIRES: the edits do not overlap, and no object is given members twice.
std::string Edited(std::string_view json, std::vector<JsonEdit> edits);

}  // namespace moerge
