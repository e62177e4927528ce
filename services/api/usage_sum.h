// The `usage` of an expert's JSON raised by the tokens of the other calls, of routing and of other
// experts, so that a reply reports all that a request took. Thread-safe, pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "adapters/chat.h"

namespace moerge::api {

// Changes `json` in place, and where its model stands along with it. Gives the usage that was
// there; nothing, and no change: there is none.
std::optional<Usage> AddUsage(const Usage& more, std::string* json, std::size_t* model_begin,
                              std::size_t* model_end);

}  // namespace moerge::api
