// POST /v1/route: the whole decision for a chat request, no expert called.
#include <utility>

#include "services/api/api_handler.h"
#include "services/api/chat_call.h"
#include "services/api/chat_codec.h"
#include "services/api/error.h"

namespace moerge::api {
namespace {

Task<void> HandleDryRun(ApiContext& context, ApiCall& call) {
  Result<ChatRequest> request =
      ParseChatRequest(call.exchange.TakeBody(), ModelField::kOptional);
  if (!request) co_return co_await SendError(call, std::move(request).error());
  request->route.seed = context.random().Next();
  ChatRecord record;
  record.begin = call.begin;
  const Result<const Aggregator*> decided = context.orchestrator().Decide(*request, record);
  if (!decided) co_return co_await SendError(call, decided.error());
  const RoutedCall routed{.context = context,
                          .call = call,
                          .route = request->route,
                          .model = request->model,
                          .stream = request->stream,
                          .record = record};
  routed.SetHeaders();
  routed.Finish(Outcome::kDryRun, nullptr);
  co_await SendJson(call, routed.DecisionJson(Outcome::kDryRun, nullptr));
}

}  // namespace

void AddDryRunRoutes(RouteTable& table, ApiContext& context) {
  table.Add("POST", "/v1/route", Access::kInference,
            [&context](ApiCall& call) { return HandleDryRun(context, call); });
}

}  // namespace moerge::api
