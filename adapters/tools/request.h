// The first look at a request: is it text of a size worth reading, and what in it is mere
// politeness. Pure functions, no state, no exceptions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/tools/tool.h"
#include "config/base/result.h"

namespace moerge::tools {

// A reason to decline, as the error of a Result.
[[nodiscard]] Error Fail(std::string reason);

[[nodiscard]] ToolReply Answered(std::string text, std::string working);
[[nodiscard]] ToolReply Declined(std::string reason);

// Why `request` cannot be read at all (empty, more than `limit` bytes, not UTF-8, control
// characters); empty when it can.
[[nodiscard]] std::string Unreadable(std::string_view request, std::size_t limit);

// The chunks between white space.
[[nodiscard]] std::vector<std::string> SplitWords(std::string_view text);
// Not empty and made of these characters alone.
[[nodiscard]] bool ConsistsOf(std::string_view text, std::string_view allowed);

// Typographic quotes, dashes, spaces and the like as their ASCII counterparts.
[[nodiscard]] std::string PlainPunctuation(std::string_view text);

// The request without greetings and "can you tell me" at its beginning. A view into `text`.
[[nodiscard]] std::string_view WithoutOpening(std::string_view text);

// The request without greetings, "please", "can you tell me", "thanks" and closing punctuation. A
// view into `text`.
[[nodiscard]] std::string_view WithoutPoliteness(std::string_view text);

}  // namespace moerge::tools
