// Looks through recorded traffic and decides each request in two ways: a page at a time, read on
// the thread for questions, decided on the work pool; it ends with the client and with the
// request's deadline.
#pragma once

#include <functional>
#include <memory>

#include "services/api/admin/impact_json.h"
#include "services/api/context.h"
#include "services/api/routes.h"
#include "services/compare/redecide.h"

namespace moerge::api {

// The two ways for a request. False: the policy by which it was decided is gone. Runs on the pool.
using ChooseWays = std::function<bool(const KeptRequest&, Way* before, Way* after)>;

struct Examined {
  Impact impact;
  Reach reach;
};
// Errors: kCancelled, the client has left; of the store.
Task<Result<std::shared_ptr<const Examined>>> Examine(ApiCall& call, ApiContext& context,
                                                      Traffic traffic, ChooseWays choose);

// What the classifier "embedding" of a policy has learnt, into its way.
Way WayOf(const ApiShared& shared, RouterPtr router, std::shared_ptr<const Policy> policy);

}  // namespace moerge::api
