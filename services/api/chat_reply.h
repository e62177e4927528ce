// What a client gets of a chat request that is answered whole, and until when it waits for it.
// Threads: the call's event loop.
#pragma once

#include <string>

#include "adapters/chat.h"
#include "config/base/deadline.h"
#include "services/api/chat_call.h"
#include "services/api/routes.h"
#include "services/calls/chat_request.h"

namespace moerge::api {

// The call's deadline, or the request's own ceiling where that is lower.
Deadline ChatDeadline(const ApiCall& call, const ChatRequest& request);

// The expert's reply with the expert's name as its model, the tokens of all calls, and what moerge
// says of it; with `explain` the whole decision. REQUIRES: routed.record.expert has answered.
std::string ReplyJson(const RoutedCall& routed, ChatReply answer, bool explain);

}  // namespace moerge::api
