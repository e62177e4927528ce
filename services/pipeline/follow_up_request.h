// Requests that moerge makes of a client's request, for the same client: the same limits, origin
// and length of the answer, in another body (services/answers/follow_up.h). Never for tools. Pure.
#pragma once

#include "services/calls/chat_request.h"

namespace moerge {

// A question of moerge's own.
ChatRequest FollowUpRequest(const ChatRequest& of, ChatBodyPtr body);

// The client's own question in another body, whose prompt counts as long as the client's.
ChatRequest VariantRequest(const ChatRequest& of, ChatBodyPtr body);

}  // namespace moerge
