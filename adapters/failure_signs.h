// By what a reply or an event without an answer in it tells that something has failed, whatever
// the server: many have a shape of their own. Pure, thread-safe.
#pragma once

#include <string_view>

namespace moerge {

// Whether a member is called like an error: "Error", "error_msg", "internalServerException".
bool NamesError(std::string_view key);

enum class Sign {
  kNothing,  // a ping, or no more than what every chunk says of itself
  kFailure,
  kWords,    // words alone, where others put those of an error
  kUnknown,  // it says something else, or is no JSON
};
// REQUIRES: no choice is in `body`.
Sign SignOf(std::string_view body);

}  // namespace moerge
