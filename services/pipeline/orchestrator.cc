#include "services/pipeline/orchestrator.h"

#include <utility>

#include "services/pipeline/model_choice.h"
#include "services/pipeline/no_expert.h"

namespace moerge {

Task<Result<ChatReply>> Orchestrator::Chat(const ChatRequest& request, ClientStream* stream,
                                           const CallScope& scope, ChatRecord& record) {
  Result<const Aggregator*> aggregator = Decide(request, record);
  if (!aggregator) co_return std::move(aggregator).error();
  if (record.decision.roster.empty()) co_return NoExpertError(record.decision);
  auto answers = co_await dispatcher_.Dispatch(request, stream, scope, record);
  if (!answers) co_return std::move(answers).error();
  co_return (*aggregator)->Aggregate(std::move(*answers));
}

Result<const Aggregator*> Orchestrator::Decide(const ChatRequest& request, ChatRecord& record) {
  record.router = router_();
  const Snapshot& snapshot = *record.router->snapshot();
  Result<ModelChoice> choice = ChooseModel(snapshot, request.model, request.policy);
  if (!choice) return std::move(choice).error();
  if (choice->expert != nullptr) {
    record.decision = record.router->Direct(request.route, *choice->expert);
    return FindAggregator(Policy{});
  }
  record.decision = record.router->Route(request.route, *choice->policy, &health_);
  return FindAggregator(*choice->policy);
}

}  // namespace moerge
