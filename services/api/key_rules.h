// What the caller's key allows of a request: its limits, the policies and experts it may use.
// Threads: the call's event loop.
#pragma once

#include "config/base/task.h"
#include "services/access/key_account.h"
#include "services/api/context.h"
#include "services/api/routes.h"
#include "services/calls/chat_request.h"

namespace moerge::api {

// Sets `call.account` if the key has limits, and the budget's state where that is to be looked up.
Task<void> OpenAccount(ApiContext& context, ApiCall& call);

// A place for the request in its key's account, with the x-ratelimit-* headers of the reply.
// Errors: kRateLimited.
Result<KeyPlace> EnterAccount(ApiCall& call);

// The same for work that no client waits for: waits until the key may make another request, for as
// long as the call has time. Errors: kRateLimited.
Task<Status> AwaitTurn(ApiCall& call);

// Narrows a parsed request to what the key may use, and hands its account to the ledger. Errors:
// kForbidden with reason "policy_not_allowed" or "expert_not_allowed"; kRateLimited and kInvalid:
// its tokens are more than are left, than there ever are.
Status ApplyKey(const ApiCall& call, ChatRequest* request);

// Whether the key may use an expert or policy; for lists and what is passed through.
bool MayUse(const ApiKey* key, const Policy& policy);
bool MayUse(const ApiKey* key, const Expert& expert);
Error NotAllowed(const ApiKey& key, const Expert& expert);

}  // namespace moerge::api
