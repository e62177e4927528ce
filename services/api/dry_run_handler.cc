// POST /v1/route: the whole decision for a chat request, no expert called for an answer. What a
// policy wants to know from outside is asked for, unless the request says `moerge: {signals:
// false}`.
#include <utility>

#include "services/api/api_handler.h"
#include "services/api/chat_call.h"
#include "services/api/chat_codec.h"
#include "services/api/error.h"
#include "services/api/key_rules.h"
#include "services/api/request_body.h"

namespace moerge::api {
namespace {

Result<ChatRequest> ParseMaybeWithModel(std::string body) {
  return ParseChatRequest(std::move(body), ModelField::kOptional);
}

Task<void> HandleDryRun(ApiContext& context, ApiCall& call) {
  Result<ChatRequest> request = co_await ReadBody<ChatRequest>(context, call, &ParseMaybeWithModel);
  if (!request) co_return co_await SendError(call, std::move(request).error());
  SetOrigin(context, call, &*request);
  if (Status may = ApplyKey(call, &*request); !may) {
    co_return co_await SendError(call, std::move(may).error());
  }
  ChatRecord record;
  record.begin = call.begin;
  record.router = call.router;
  const CallScope scope{call.deadline, &call.exchange.cancellation()};
  const Result<Decided> decided =
      co_await context.engine().orchestrator().Decide(*request, scope, record);
  if (!decided) co_return co_await SendError(call, decided.error());
  const RoutedCall routed = RoutedCallOf(context, call, *request, record);
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
