// Choices that say in another shape what OpenAI's schema has a place for, put into it: content in
// parts, one call that stands where an array of them belongs, other words for how an answer ended.
// Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "config/base/json.h"

namespace moerge {

// What is noted of it.
constexpr std::string_view kOtherShape = "the answer was put into OpenAI's shape";

// The whole reply (`part` is "message") or chunk ("delta") in place of `reply`; empty: it is in
// shape. Text parts become the content, thinking parts `reasoning_content`; content with any other
// part stays.
std::string MendChoices(const json::Document& reply, std::string_view part);

}  // namespace moerge
