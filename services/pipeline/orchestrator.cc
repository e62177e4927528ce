#include "services/pipeline/orchestrator.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "config/policy_options.h"
#include "services/pipeline/answer_check.h"
#include "services/pipeline/comments.h"
#include "services/pipeline/no_expert.h"

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

// The request's own ceilings, or the policy's where those are lower. Who would break that of money
// with one call is not even recruited.
void LowerLimits(const Policy& policy, ChatRequest* request) {
  CallLimits& limits = request->limits;
  Lower(&limits.calls, policy.options->limits_calls);
  Lower(&limits.tokens, policy.options->limits_tokens);
  Lower(&limits.cost_usd, policy.options->limits_cost_usd);
  request->route.max_cost_usd = limits.cost_usd;
}

CallScope WithinPolicy(const Policy& policy, const ChatRecord& record, const CallScope& scope) {
  const std::chrono::milliseconds limit = policy.options->limits_time_ms;
  if (limit.count() <= 0) return scope;
  return {scope.deadline.Within(limit, record.begin), scope.cancellation};
}

}  // namespace

Task<Result<ChatReply>> Orchestrator::Chat(ChatRequest& request, ClientStream* stream,
                                           const CallScope& scope, ChatRecord& record) {
  Result<ModelChoice> choice = Choose(request, record);
  if (!choice) co_return std::move(choice).error();
  if (Wants(*choice, request)) co_await Gather(*choice, request, scope, record);
  Result<const Aggregator*> aggregator = Route(*choice, request, record);
  if (!aggregator) co_return std::move(aggregator).error();
  if (record.decision.roster.empty()) co_return NoExpertError(record.decision);
  const Policy& policy = PolicyOf(*choice);
  const CallScope within = WithinPolicy(policy, record, scope);
  const Round round{dispatcher_, policy, request, stream, within, record};
  Task<Result<ChatReply>> work = (*aggregator)->Answer(round);
  const std::chrono::milliseconds quiet = (*aggregator)->Quiet(policy);
  if (stream != nullptr && quiet.count() > 0) {
    work = WithComments(*stream, quiet, std::move(work));
  }
  Result<ChatReply> answer = co_await std::move(work);
  if (within.deadline.Passed()) record.limit = "time";
  if (answer) Remember(*choice, request, record);
  co_return answer;
}

Task<Result<const Aggregator*>> Orchestrator::Decide(ChatRequest& request, const CallScope& scope,
                                                     ChatRecord& record) {
  Result<ModelChoice> choice = Choose(request, record);
  if (!choice) co_return std::move(choice).error();
  if (Wants(*choice, request)) co_await Gather(*choice, request, scope, record);
  co_return Route(*choice, request, record);
}

Result<const Aggregator*> Orchestrator::DecideAgain(ChatRequest& request,
                                                    std::shared_ptr<Signals> signals,
                                                    ChatRecord& record) {
  Result<ModelChoice> choice = Choose(request, record);
  if (!choice) return std::move(choice).error();
  if (signals != nullptr && signals_ != nullptr && choice->policy != nullptr) {
    signals_->Complete(*choice->policy, signals.get());
  }
  request.route.signals = std::move(signals);
  return Route(*choice, request, record);
}

// The ceilings are known from then on, to whoever is asked before routing as well.
Result<ModelChoice> Orchestrator::Choose(ChatRequest& request, ChatRecord& record) {
  record.router = router_();
  Result<ModelChoice> choice =
      ChooseModel(*record.router->snapshot(), request.model, request.policy);
  if (choice) LowerLimits(PolicyOf(*choice), &request);
  return choice;
}

bool Orchestrator::Wants(const ModelChoice& choice, const ChatRequest& request) const {
  return signals_ != nullptr && choice.policy != nullptr &&
         SignalGatherer::Wants(request, *choice.policy);
}

Task<void> Orchestrator::Gather(const ModelChoice& choice, ChatRequest& request,
                                const CallScope& scope, ChatRecord& record) {
  record.waiting_since = ChatRecord::Clock::now();
  const SignalTask task{request, *choice.policy, *record.router, health_, scope};
  request.route.signals = co_await signals_->Gather(task);
  record.EndGathering(*request.route.signals);
}

Result<const Aggregator*> Orchestrator::Route(const ModelChoice& choice, const ChatRequest& request,
                                              ChatRecord& record) {
  Result<const Aggregator*> aggregator = FindAggregator(PolicyOf(choice));
  if (!aggregator) return aggregator;
  if (Status accepted = (*aggregator)->Accepts(request); !accepted) {
    return std::move(accepted).error();
  }
  if (Status can = CanCheck(request, dispatcher_.verifiers()); !can) return std::move(can).error();
  record.decision = choice.expert != nullptr
                        ? record.router->Direct(request.route, *choice.expert)
                        : record.router->Route(request.route, *choice.policy, &health_);
  return aggregator;
}

void Orchestrator::Remember(const ModelChoice& choice, const ChatRequest& request,
                            const ChatRecord& record) {
  if (signals_ == nullptr || choice.policy == nullptr || record.expert == nullptr) return;
  signals_->Answered(request, *choice.policy, *record.expert);
}

}  // namespace moerge
