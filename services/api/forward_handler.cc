// POST /v1/embeddings and /v1/completions: passed through to an expert by name. Routing is for
// chat.
#include <chrono>
#include <utility>

#include "services/api/api_handler.h"
#include "services/api/chat_call.h"
#include "services/api/chat_stream.h"
#include "services/api/error.h"
#include "services/api/forward_target.h"
#include "services/api/key_rules.h"
#include "services/api/request_body.h"
#include "services/pipeline/comments.h"

namespace moerge::api {
namespace {

// Then comments keep a client's stream alive.
constexpr std::chrono::milliseconds kQuiet{5'000};

Task<void> Send(const RoutedCall& routed, RawReply raw) {
  routed.SetHeaders();
  http::Reply reply;
  reply.status = raw.status;
  reply.content_type = std::move(raw.content_type);
  reply.body = std::move(raw.body);
  const Status sent = co_await routed.call.exchange.Send(std::move(reply));
  routed.Finish(sent ? Outcome::kOk : Outcome::kCancelled, sent ? nullptr : &sent.error());
}

Task<void> Forward(const RoutedCall& routed, const Dispatcher::ForwardRequest& request,
                   const CallScope& scope, ChatRecord& record) {
  Result<RawReply> reply =
      co_await routed.context.engine().orchestrator().dispatcher().Forward(request, scope, record);
  if (reply) co_return co_await Send(routed, std::move(*reply));
  routed.SetHeaders();
  routed.Finish(OutcomeOf(reply.error()), &reply.error());
  co_await SendError(routed.call, std::move(reply).error());
}

// As the chat handler's streams: an error event and no [DONE] where the expert's stream was cut.
Task<void> ForwardStreamed(const RoutedCall& routed, const Dispatcher::ForwardRequest& request,
                           const CallScope& scope, ChatRecord& record) {
  ChatStream stream(routed, record, false);
  Dispatcher& dispatcher = routed.context.engine().orchestrator().dispatcher();
  Task<Result<StreamSummary>> work = dispatcher.ForwardStream(request, stream, scope, record);
  work = WithComments(stream, kQuiet, std::move(work));
  Result<StreamSummary> summary = co_await std::move(work);
  Status ended = Ok{};
  if (summary) {
    ended = co_await stream.Finish();
  } else if (stream.begun()) {
    ended = summary.error();
    if (ended.error().code == ErrorCode::kCancelled) {
      routed.call.exchange.Abort();
    } else {
      (void)co_await stream.Fail(ended.error());
    }
    routed.call.notes.error = ended.error().message + " " + ended.error().detail;
  } else {
    routed.SetHeaders();
    routed.Finish(OutcomeOf(summary.error()), &summary.error());
    co_return co_await SendError(routed.call, std::move(summary).error());
  }
  routed.Finish(ended ? Outcome::kOk : OutcomeOf(ended.error()), ended ? nullptr : &ended.error());
}

Task<void> HandleForward(ApiContext& context, ApiCall& call, std::string_view path) {
  Result<ChatBodyPtr> body = co_await ReadBody<ChatBodyPtr>(context, call, &ChatBody::Parse);
  if (!body) co_return co_await SendError(call, std::move(body).error());
  const json::Value model = (*body)->Field("model");
  const Result<const ExpertEntry*> expert = ForwardTarget(call, model);
  if (!expert) co_return co_await SendError(call, expert.error());
  const bool stream = path == "/completions" && (*body)->Field("stream").AsBool().value_or(false);
  const RouteRequest route;
  ChatRecord record;
  PassedOn passed{.expert = **expert,
                  .path = path,
                  .model = *model.AsString(),
                  .stream = stream,
                  .origin = OriginOf(context, call)};
  const RoutedCall routed = BeginForward(context, call, route, std::move(passed), &record);
  const CallScope scope{call.deadline, &call.exchange.cancellation()};
  const Dispatcher::ForwardRequest request{.body = *body, .path = path, .origin = routed.origin};
  if (stream) {
    co_await ForwardStreamed(routed, request, scope, record);
  } else {
    co_await Forward(routed, request, scope, record);
  }
}

}  // namespace

void AddForwardRoutes(RouteTable& table, ApiContext& context) {
  for (const std::string_view path : {"/embeddings", "/completions"}) {
    table.Add("POST", "/v1" + std::string(path), Access::kInference,
              [&context, path](ApiCall& call) { return HandleForward(context, call, path); });
  }
}

}  // namespace moerge::api
