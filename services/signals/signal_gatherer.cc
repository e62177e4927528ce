#include "services/signals/signal_gatherer.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "services/signals/auction_signal.h"
#include "services/signals/embedding_signal.h"
#include "services/signals/keyword_signal.h"

namespace moerge {
namespace {

using Clock = std::chrono::steady_clock;

std::optional<SessionKey> KeyOf(const ChatRequest& request, const Policy& policy) {
  const SessionScope scope{.api_key = request.origin->client,
                           .policy = policy.name,
                           .id = request.origin->session,
                           .by = policy.options->session_key};
  return SessionKeyOf(scope, request.route.text);
}

// The first turn of a conversation that only its text tells apart: others may have begun alike.
bool IsFirstTurn(const ChatRequest& request, const Policy& policy) {
  const bool by_header =
      !request.origin->session.empty() && policy.options->session_key != SessionKeySource::kPrefix;
  return !by_header && request.route.text.first.empty();
}

// Whose requests are balanced together.
std::string_view TenantOf(const ChatRequest& request, const Policy& policy) {
  const bool alone = policy.options->balance_isolation == BalanceIsolation::kTenant;
  return alone ? std::string_view(request.origin->client) : std::string_view();
}

}  // namespace

Task<SignalsPtr> SignalGatherer::Gather(const SignalTask& task) {
  const Clock::time_point begin = Clock::now();
  const auto signals = std::make_shared<Signals>();
  SignalsWanted wanted;
  if (task.request.ask_signals) wanted = WantedSignals(task.policy);
  if (task.request.assignment != nullptr) signals->assignment = *task.request.assignment;
  if (wanted.session) FindSession(task, signals.get());
  if (wanted.shares) FindShares(task, signals.get());
  // A client that names the skills has done the classifier's work.
  const bool classified = !task.request.route.skills.empty();
  if (wanted.embedding && !classified) co_await GatherEmbedding(task, tools_, signals.get());
  if (wanted.keywords && !classified) co_await GatherKeywords(task, tools_, signals.get());
  if (wanted.bids) co_await GatherBids(task, tools_, signals.get());
  for (const SignalCall& call : signals->calls) Count(call);
  signals->ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  co_return signals;
}

void SignalGatherer::Complete(const Policy& policy, Signals* signals) const {
  if (policy.classifier != "embedding") return;
  signals->head = tools_.shared.heads.Find(EmbeddingSpecOf(policy)).head;
}

// A series is looked up each time, which takes a lock and is little compared with a call.
void SignalGatherer::Count(const SignalCall& call) {
  Metrics& metrics = tools_.shared.metrics;
  metrics
      .GetCounter("moerge_signal_calls_total", "Calls made to decide how to route",
                  {{"kind", call.kind}, {"outcome", std::string(SignalOutcomeName(call.outcome))}})
      .Add();
  if (call.outcome == SignalOutcome::kCached) return;
  const MetricLabels kind{{"kind", call.kind}};
  metrics
      .GetHistogram("moerge_signal_seconds", "Time of calls made to decide how to route",
                    LatencyBuckets(), kind)
      .Observe(call.ms / 1e3);
  metrics
      .GetCounter("moerge_signal_tokens_total", "Tokens of calls made to decide how to route", kind)
      .Add(static_cast<double>(call.prompt_tokens + call.completion_tokens));
  metrics
      .GetCounter("moerge_signal_cost_usd_total",
                  "What calls made to decide how to route cost at configured prices", kind)
      .Add(call.cost_usd);
}

void SignalGatherer::FindSession(const SignalTask& task, Signals* signals) {
  if (IsFirstTurn(task.request, task.policy)) return;
  const std::optional<SessionKey> key = KeyOf(task.request, task.policy);
  if (!key) return;
  const std::chrono::seconds idle = task.policy.options->session_idle_s;
  const auto session = tools_.shared.sessions.Find(*key, Clock::now(), idle);
  if (!session) return;
  signals->session =
      SessionSignal{std::string(NameOf(session->expert)), session->turns, session->switches};
}

void SignalGatherer::FindShares(const SignalTask& task, Signals* signals) {
  const std::string_view tenant = TenantOf(task.request, task.policy);
  for (const LoadShares::Share& share :
       tools_.shared.balance.Find(task.policy.name, tenant, BalanceRulesOf(task.policy))) {
    signals->shares.push_back(
        {std::string(NameOf(share.expert)), share.requests, share.bias, share.full});
  }
}

// All models that it could have gone to are its candidates, those that had their most among them.
void SignalGatherer::Asked(const ChatRequest& request, const Policy& policy,
                           const Snapshot& snapshot, const Decision& decision) {
  const BalanceRules rules = BalanceRulesOf(policy);
  if (!rules.any()) return;
  std::vector<ExpertId> fitting;
  for (const Candidate& each : decision.candidates) {
    const ExpertEntry* expert = snapshot.FindExpert(each.expert);
    const bool fits = each.excluded == Exclusion::kNone || each.excluded == Exclusion::kCapacity;
    if (fits && expert != nullptr && expert->backend != nullptr) fitting.push_back(each.expert);
  }
  BalanceTable& balance = tools_.shared.balance;
  const std::string_view tenant = TenantOf(request, policy);
  if (decision.blocker.what == Exclusion::kCapacity) {
    balance.Took(policy.name, tenant, std::nullopt, fitting, rules);
  }
  for (const Seat& seat : decision.roster) {
    if (std::ranges::find(fitting, seat.expert) == fitting.end()) continue;
    balance.Took(policy.name, tenant, seat.expert, fitting, rules);
  }
}

void SignalGatherer::Answered(const ChatRequest& request, const Policy& policy,
                              const ExpertEntry& expert) {
  if (!WantedSignals(policy).session || expert.spec.kind == ExpertKind::kTool) return;
  const std::optional<SessionKey> key = KeyOf(request, policy);
  if (!key) return;
  tools_.shared.sessions.Answered(*key, expert.id, IsFirstTurn(request, policy), Clock::now());
}

}  // namespace moerge
