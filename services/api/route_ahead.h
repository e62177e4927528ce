// Routes many requests of one client before the first of them is asked, so that those whose
// policies say so are assigned together (`batch.assign`), and all can be served expert by expert.
// Asks nobody. Threads: the context's event loop; the assignment is worked out on the pool.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "router/balance/batch_spread.h"
#include "services/api/context.h"
#include "services/api/routes.h"
#include "services/calls/serving_order.h"

namespace moerge::api {

class RouteAhead {
 public:
  struct Routed {
    std::vector<std::string_view> experts;  // that are asked, by name; none: that is not known
    SpreadRequest spread;                   // where it was assigned
    BatchAssign by = BatchAssign::kNone;
  };

  // `context` outlives it.
  RouteAhead(ApiContext& context, RouterPtr router)
      : context_(context), router_(std::move(router)) {}

  // Whether requests are better served expert by expert, since experts share devices.
  static bool Groups(const Snapshot& snapshot);
  // Whether a policy assigns requests together.
  static bool Assigns(const Snapshot& snapshot);

  // A chat request as AnswerInBackground takes it.
  Task<void> Add(ApiCall& call, std::string body);
  // One whose experts are known; they may be none.
  void AddRouted(std::vector<std::string_view> experts);
  // Of those that were added since the last time, in their order.
  Task<std::vector<Routed>> End();

 private:
  struct Added {
    std::vector<std::string_view> experts;
    RoutedAlone alone;
  };

  ApiContext& context_;
  const RouterPtr router_;
  std::vector<Added> added_;
};

// Of experts by name.
ServingOrderPtr MakeServingOrder(const Snapshot& snapshot,
                                 const std::vector<std::string_view>& experts);

}  // namespace moerge::api
