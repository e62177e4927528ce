// One request whose signals are gathered, as its gathering sees it. A value; everything it refers
// to outlives the gathering.
#pragma once

#include <chrono>
#include <utility>

#include "adapters/http_client.h"
#include "config/policy_options.h"
#include "registry/store_thread.h"
#include "router/router.h"
#include "services/calls/chat_request.h"
#include "services/signals/signal_caller.h"
#include "services/signals/signal_shared.h"

namespace moerge {

struct SignalTask {
  const ChatRequest& request;
  const Policy& policy;
  const Router& router;
  const Health& health;
  CallScope scope;
  Ledger& ledger;  // of the request

  // The request's scope, cut at a deadline of the policy.
  CallScope Within(std::chrono::milliseconds limit) const {
    return {scope.deadline.Within(limit), scope.cancellation};
  }

  // A call of `expert` for this request, until `deadline`.
  ExpertCall CallOf(ChatBodyPtr body, ExpertPtr expert, Deadline deadline) const {
    return {.body = std::move(body),
            .expert = std::move(expert),
            .origin = request.origin,
            .purpose = CallPurpose::kRouting,
            .last_resort = false,
            .deadline = deadline};
  }
};

// What a loop's gathering works with. All of them outlive it.
struct SignalTools {
  SignalCaller& caller;
  StoreThread& store;
  SignalShared& shared;
};

}  // namespace moerge
