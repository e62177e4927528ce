#include "services/api/route_ahead.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "config/base/hash.h"
#include "config/policy_options.h"
#include "services/api/chat_call.h"
#include "services/api/chat_codec.h"
#include "services/api/key_rules.h"
#include "services/pipeline/orchestrator.h"

namespace moerge::api {

bool RouteAhead::Groups(const Snapshot& snapshot) {
  return std::ranges::any_of(snapshot.backends,
                             [](const Backend& backend) { return ModelTurns::Manages(backend); });
}

bool RouteAhead::Assigns(const Snapshot& snapshot) {
  return std::ranges::any_of(snapshot.policies, [](const Policy& policy) {
    return policy.options->batch_assign != BatchAssign::kNone;
  });
}

void RouteAhead::AddRouted(std::vector<std::string_view> experts) {
  added_.push_back({std::move(experts), {}});
}

Task<void> RouteAhead::Add(ApiCall& call, std::string body) {
  Added added;
  const std::uint64_t key = Hash64(body);
  Result<ChatRequest> chat = ParseChatRequest(std::move(body));
  if (chat) {
    SetOrigin(context_, call, &*chat);
    chat->route.seed = SeedOfOne(call.request_id);
    // What it may not do it is told when it is asked.
    (void)ApplyKey(call, &*chat);
    chat->ask_signals = false;
    ChatRecord record;
    record.router = router_;
    const CallScope scope{call.deadline, &call.exchange.cancellation()};
    const Result<Decided> decided =
        co_await context_.engine().orchestrator().Decide(*chat, scope, record);
    if (decided) {
      for (const Seat& seat : record.decision.roster) added.experts.push_back(NameOf(seat.expert));
      const Policy* policy = decided->choice.policy;
      if (policy != nullptr && policy->options->batch_assign != BatchAssign::kNone) {
        added.alone = RoutedBy(record.decision, *policy, *router_->snapshot(), key);
      }
    }
  }
  added_.push_back(std::move(added));
}

Task<std::vector<RouteAhead::Routed>> RouteAhead::End() {
  std::vector<Added> added = std::exchange(added_, {});
  const auto alone = std::make_shared<std::vector<RoutedAlone>>();
  bool assigns = false;
  for (Added& each : added) {
    assigns |= each.alone.policy != nullptr;
    alone->push_back(std::move(each.alone));
  }
  std::vector<SpreadRequest> spread(added.size());
  if (assigns) {
    std::function<std::vector<SpreadRequest>()> work = [alone, router = router_] {
      return Spread(*alone);  // which reads policies of the router's snapshot
    };
    spread = co_await context_.shared().pool.Run(std::move(work));
  }
  std::vector<Routed> routed;
  for (std::size_t i = 0; i < added.size(); ++i) {
    Routed& one = routed.emplace_back();
    one.experts = std::move(added[i].experts);
    one.spread = std::move(spread[i]);
    if (one.spread.experts.empty()) continue;
    one.by = (*alone)[i].policy->options->batch_assign;
    one.experts.clear();
    for (const ExpertId expert : one.spread.experts) one.experts.push_back(NameOf(expert));
  }
  co_return routed;
}

ServingOrderPtr MakeServingOrder(const Snapshot& snapshot,
                                 const std::vector<std::string_view>& experts) {
  std::vector<ExpertId> ids;
  for (const std::string_view expert : experts) {
    const ExpertEntry* entry = snapshot.FindExpert(expert);
    if (entry != nullptr) ids.push_back(entry->id);
  }
  return std::make_shared<const ServingOrder>(ids);
}

}  // namespace moerge::api
