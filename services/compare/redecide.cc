#include "services/compare/redecide.h"

#include <algorithm>
#include <utility>

#include "config/policy_options.h"
#include "router/profile/latency.h"
#include "router/profile/price.h"
#include "router/signals_json.h"

namespace moerge {
namespace {

SignalsPtr SignalsFor(const Way& way, const KeptRequest& request) {
  const SignalsWanted wanted = WantedSignals(*way.policy);
  if (!wanted.any()) return nullptr;
  const std::shared_ptr<Signals> signals = ReadSignals(request.decision().Find("signals"));
  if (signals == nullptr) return nullptr;
  signals->head = way.head;
  if (!wanted.session) signals->session.reset();
  if (!wanted.shares) signals->shares.clear();
  return signals;
}

// The request's ceiling or the policy's, whichever is lower; 0: none.
double LowerCeiling(double mine, double policys) {
  if (policys <= 0) return mine;
  return mine <= 0 ? policys : std::min(mine, policys);
}

}  // namespace

Outlook DecideOnPaper(const Way& way, const KeptRequest& request, const Health& health) {
  RouteRequest route = request.route();
  route.max_cost_usd = LowerCeiling(route.max_cost_usd, way.policy->options->limits_cost_usd);
  route.signals = SignalsFor(way, request);
  const Decision decision = way.router->Route(route, *way.policy, &health);
  Outlook outlook;
  outlook.notes = decision.demand.notes;
  if (!decision.demand.skills.empty()) outlook.skill = NameOf(decision.demand.skills[0].skill);
  if (decision.roster.empty()) return outlook;
  outlook.expert = NameOf(decision.roster.front().expert);
  outlook.expected = decision.confidence;
  for (const Seat& seat : decision.roster) {
    const ExpertEntry* entry = way.router->snapshot()->FindExpert(seat.expert);
    outlook.cost_usd += EstimatedCost(entry->spec.price, route.prompt_tokens, route.max_tokens);
    outlook.latency_ms =
        std::max<double>(outlook.latency_ms, LatencyOf(*entry, &health).typical_ms);
  }
  return outlook;
}

}  // namespace moerge
