// What earlier turns hold that is another make's: the reasoning of experts that give it. Most
// servers read over it and some need their own back, but some refuse a request for it.
// Pure, thread-safe.
#pragma once

#include <string_view>

#include "adapters/chat.h"

namespace moerge {

// Whether an error's text blames the reasoning in earlier turns.
bool BlamesReasoning(std::string_view error);
// The request without it; null: it has none.
ChatBodyPtr WithoutReasoning(const ChatBody& body);

}  // namespace moerge
