#include "services/pipeline/orchestrator.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "config/policy_options.h"
#include "services/pipeline/answer_check.h"
#include "services/pipeline/comments.h"
#include "services/pipeline/no_expert.h"
#include "services/pipeline/trial_arm.h"

namespace moerge {
namespace {

// An expert asked by name answers by itself.
const Policy& PolicyOf(const ModelChoice& choice) {
  static const Policy direct;
  return choice.policy == nullptr ? direct : *choice.policy;
}

// The lower of two ceilings, of which 0 is none.
template <class T>
void Lower(T* ceiling, T other) {
  if (other <= 0) return;
  if (*ceiling <= 0 || other < *ceiling) *ceiling = other;
}

// The request's own ceilings, or the policy's where those are lower. An expert whose single call
// would exceed the cost ceiling is not recruited.
void LowerLimits(const Policy& policy, ChatRequest* request) {
  CallLimits& limits = request->limits;
  Lower(&limits.calls, policy.options->limits_calls);
  Lower(&limits.tokens, policy.options->limits_tokens);
  Lower(&limits.cost_usd, policy.options->limits_cost_usd);
  limits.time = policy.options->limits_time_ms;
  request->route.max_cost_usd = limits.cost_usd;
}

}  // namespace

Task<Result<ChatReply>> Orchestrator::Chat(ChatRequest& request, ClientStream* stream,
                                           const CallScope& scope, ChatRecord& record) {
  Result<Decided> decided = co_await Decide(request, scope, record);
  if (!decided) co_return std::move(decided).error();
  co_return co_await Answer(*decided, request, stream, scope, record);
}

Task<Result<Decided>> Orchestrator::Decide(ChatRequest& request, const CallScope& scope,
                                           ChatRecord& record) {
  Result<ModelChoice> choice = Choose(request, Versions::kOnTrialToo, record);
  if (!choice) co_return std::move(choice).error();
  if (Wants(*choice, request)) co_await Gather(*choice, request, scope, record);
  co_return Route(*choice, request, record);
}

Task<Result<ChatReply>> Orchestrator::Answer(const Decided& decided, const ChatRequest& request,
                                             ClientStream* stream, const CallScope& scope,
                                             ChatRecord& record) {
  const Policy& policy = PolicyOf(decided.choice);
  if (signals_ != nullptr && decided.choice.policy != nullptr) {
    signals_->Asked(request, policy, *record.router->snapshot(), record.decision);
  }
  if (record.decision.roster.empty()) co_return NoExpertError(record.decision);
  const CallScope within{record.ledger.Within(scope.deadline), scope.cancellation};
  const Round round{dispatcher_, policy, request, stream, within, record};
  Task<Result<ChatReply>> work = decided.aggregator->Answer(round);
  const std::chrono::milliseconds delay = decided.aggregator->KeepAliveDelay(policy);
  if (stream != nullptr && delay.count() > 0) {
    work = WithComments(*stream, delay, std::move(work));
  }
  Result<ChatReply> answer = co_await std::move(work);
  if (within.deadline.Passed()) record.ledger.NoteTimeUp();
  if (answer) Remember(decided.choice, request, record);
  co_return answer;
}

Result<Decided> Orchestrator::DecideAgain(ChatRequest& request, std::shared_ptr<Signals> signals,
                                          ChatRecord& record) {
  Result<ModelChoice> choice = Choose(request, Versions::kNamed, record);
  if (!choice) return std::move(choice).error();
  if (signals != nullptr && signals_ != nullptr && choice->policy != nullptr) {
    signals_->Complete(*choice->policy, signals.get());
  }
  request.route.signals = std::move(signals);
  return Route(*choice, request, record);
}

// The ceilings are known from then on, to whoever is asked before routing as well.
Result<ModelChoice> Orchestrator::Choose(ChatRequest& request, Versions versions,
                                         ChatRecord& record) {
  if (record.router == nullptr) record.router = router_();
  const Snapshot& snapshot = *record.router->snapshot();
  Result<ModelChoice> choice = ChooseModel(snapshot, request.model, request.policy);
  if (!choice) return choice;
  if (versions == Versions::kOnTrialToo && choice->policy != nullptr) {
    choice->policy = &ArmOf(snapshot, *choice->policy, request);
  }
  LowerLimits(PolicyOf(*choice), &request);
  record.ledger.SetLimits(request.limits, record.begin, request.account);
  return choice;
}

bool Orchestrator::Wants(const ModelChoice& choice, const ChatRequest& request) const {
  return signals_ != nullptr && choice.policy != nullptr &&
         SignalGatherer::Wants(request, *choice.policy);
}

Task<void> Orchestrator::Gather(const ModelChoice& choice, ChatRequest& request,
                                const CallScope& scope, ChatRecord& record) {
  record.upstream.Begin();
  const SignalTask task{request, *choice.policy, *record.router, health_, scope, record.ledger};
  request.route.signals = co_await signals_->Gather(task);
  record.EndGathering(*request.route.signals);
}

Result<Decided> Orchestrator::Route(const ModelChoice& choice, const ChatRequest& request,
                                    ChatRecord& record) {
  Result<const Aggregator*> aggregator = FindAggregator(PolicyOf(choice));
  if (!aggregator) return std::move(aggregator).error();
  if (Status accepted = (*aggregator)->Accepts(request); !accepted) {
    return std::move(accepted).error();
  }
  if (Status can = CanCheck(request, dispatcher_.verifiers()); !can) return std::move(can).error();
  record.decision = choice.expert != nullptr
                        ? record.router->Direct(request.route, *choice.expert)
                        : record.router->Route(request.route, *choice.policy, &health_);
  return Decided{choice, *aggregator};
}

void Orchestrator::Remember(const ModelChoice& choice, const ChatRequest& request,
                            const ChatRecord& record) {
  if (signals_ == nullptr || choice.policy == nullptr || record.expert == nullptr) return;
  signals_->Answered(request, *choice.policy, *record.expert);
}

}  // namespace moerge
