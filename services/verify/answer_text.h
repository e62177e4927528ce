// What of a model's answer is checked: its code, its JSON. Answers are data: nothing in them is
// followed. Thinking (<think>...</think>) is no part of an answer. Linear in the answer.
// Thread-safe, pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace moerge {

// The last fenced block (``` or ~~~, as CommonMark has them, also indented) that is named one of
// `languages`; else the last one without a name; else the last one; without any, the whole text. A
// fence that never closes reaches to the end.
std::string CodeIn(std::string_view answer, std::span<const std::string_view> languages);

// The whole text, trimmed, or the fenced block as above.
std::string JsonTextIn(std::string_view answer);

}  // namespace moerge
