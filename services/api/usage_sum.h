// The `usage` of an expert's JSON raised by the tokens of the other calls, of routing and of other
// experts, so that a reply reports all that a request took. Thread-safe, pure.
#pragma once

#include <cstddef>
#include <string>

#include "adapters/chat.h"

namespace moerge::api {

// Changes `json` in place, and where its model stands along with it. Without a usage there,
// nothing.
void AddUsage(const Usage& more, std::string* json, std::size_t* model_begin,
              std::size_t* model_end);

}  // namespace moerge::api
