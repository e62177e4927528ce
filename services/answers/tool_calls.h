// What functions a reply calls, in a form in which equal calls are equal texts: a vote counts them
// as one answer. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace moerge {

// `reply`: a chat.completion. The calls of its first choice, by name and by arguments as canonical
// JSON (as they are where they are none), in order of their texts, since parallel calls have no
// order; at most 256 bytes, longer ones as a hash. Nothing: it calls none.
std::optional<std::string> CanonicalCalls(std::string_view reply);

}  // namespace moerge
