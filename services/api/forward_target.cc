#include "services/api/forward_target.h"

#include <string>
#include <utility>

#include "services/api/key_rules.h"
#include "services/pipeline/model_choice.h"

namespace moerge::api {
namespace {

Error NeedsExpert(std::string message) {
  return Error{.code = ErrorCode::kInvalid, .message = std::move(message), .param = "model"};
}

}  // namespace

Result<const ExpertEntry*> ForwardTarget(const Snapshot& snapshot, json::Value model) {
  const auto name = model.AsString();
  if (!name || name->empty()) return NeedsExpert("`model` must be the name of an expert");
  Result<ModelChoice> choice = ChooseModel(snapshot, *name, {});
  if (!choice) return std::move(choice).error();
  if (choice->expert == nullptr) {
    return NeedsExpert("`" + std::string(*name) + "` routes chat requests only; name an expert");
  }
  if (choice->expert->backend == nullptr) {
    return NeedsExpert("`" + std::string(*name) + "` is a tool, which answers chat requests only");
  }
  return choice->expert;
}

Result<const ExpertEntry*> ForwardTarget(const ApiCall& call, json::Value model) {
  Result<const ExpertEntry*> expert = ForwardTarget(*call.router->snapshot(), model);
  if (expert && !MayUse(call.key, (*expert)->spec)) return NotAllowed(*call.key, (*expert)->spec);
  return expert;
}

RoutedCall BeginForward(ApiContext& context, ApiCall& call, const RouteRequest& route,
                        PassedOn passed, ChatRecord* record) {
  const CallLimits no_ceilings;
  record->begin = call.begin;
  record->router = call.router;
  record->ledger.SetLimits(no_ceilings, record->begin, call.account.get());
  record->expert = &passed.expert;
  record->decision = call.router->Direct(route, passed.expert);
  return {.context = context,
          .call = call,
          .route = route,
          .model = passed.model,
          .stream = passed.stream,
          .record = *record,
          .origin = std::move(passed.origin),
          .operation = passed.path == "/embeddings" ? "embeddings" : "text_completion"};
}

}  // namespace moerge::api
