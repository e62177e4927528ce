// One request whose signals are gathered, as its gathering sees it. A value; everything it refers
// to outlives the gathering.
#pragma once

#include <chrono>

#include "adapters/http_client.h"
#include "registry/store_thread.h"
#include "router/policy_options.h"
#include "router/router.h"
#include "services/pipeline/chat_request.h"
#include "services/signals/signal_caller.h"
#include "services/signals/signal_shared.h"

namespace moerge {

struct SignalTask {
  const ChatRequest& request;
  const Policy& policy;
  const Router& router;
  const Health& health;
  CallScope scope;

  // The request's scope, cut at the policy's deadline of that name.
  CallScope Within(std::string_view option) const {
    const std::chrono::milliseconds limit(static_cast<std::int64_t>(NumberOption(policy, option)));
    return {scope.deadline.Within(limit), scope.cancellation};
  }
};

// What a loop's gathering works with. All of them outlive it.
struct SignalTools {
  SignalCaller& caller;
  StoreThread& store;
  SignalShared& shared;
};

}  // namespace moerge
