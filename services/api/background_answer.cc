#include "services/api/background_answer.h"

#include <utility>

#include "services/api/chat_codec.h"
#include "services/api/chat_reply.h"
#include "services/api/error.h"
#include "services/api/field_error.h"
#include "services/api/forward_target.h"
#include "services/api/key_rules.h"

namespace moerge::api {
namespace {

BackgroundAnswer Failed(const Error& error) {
  http::Reply reply = ErrorReply(error);
  return {reply.status, std::move(reply.body)};
}

Error NoStreams() { return FieldError("stream", "false here: answers are not streamed"); }

// Tries that reached an expert, or were meant to, but for those of an earlier time.
std::vector<LineCall> CallsOf(const ChatRecord& record) {
  std::vector<LineCall> calls;
  for (const Attempt& attempt : record.attempts) {
    const bool answered = attempt.outcome == AttemptOutcome::kOk;
    if (attempt.again) continue;
    if (!answered && attempt.outcome != AttemptOutcome::kFailed) continue;
    calls.push_back({NameOf(attempt.expert), answered});
  }
  return calls;
}

}  // namespace

Task<BackgroundAnswer> AnswerInBackground(ApiContext& context, ApiCall& call, OneOfMany one) {
  Result<ChatRequest> request = ParseChatRequest(std::move(one.body));
  if (!request) co_return Failed(request.error());
  if (request->stream) co_return Failed(NoStreams());
  request->assignment = std::move(one.assignment);
  SetOrigin(context, call, &*request);
  request->route.seed = SeedOfOne(call.request_id);
  const Status turn = co_await AwaitTurn(call);
  if (!turn) co_return Failed(turn.error());
  if (const Status may = ApplyKey(call, &*request); !may) co_return Failed(may.error());
  request->origin = InBackground(*request->origin, std::move(one.many));
  ChatRecord record;
  record.begin = call.begin;
  record.router = call.router;
  const CallScope scope{ChatDeadline(call, *request), &call.exchange.cancellation()};
  const RoutedCall routed = RoutedCallOf(context, call, *request, record);
  Result<ChatReply> answer =
      co_await context.engine().orchestrator().Chat(*request, nullptr, scope, record);
  if (!answer) {
    routed.Finish(OutcomeOf(answer.error()), &answer.error());
    BackgroundAnswer failed = Failed(answer.error());
    failed.calls = CallsOf(record);
    co_return failed;
  }
  BackgroundAnswer whole{200, ReplyJson(routed, *std::move(answer), request->explain)};
  whole.calls = CallsOf(record);
  routed.Finish(Outcome::kOk, nullptr);
  co_return whole;
}

Task<BackgroundAnswer> ForwardInBackground(ApiContext& context, ApiCall& call,
                                           std::string_view path, OneOfMany one) {
  Result<ChatBodyPtr> parsed = ChatBody::Parse(std::move(one.body));
  if (!parsed) co_return Failed(parsed.error());
  if ((*parsed)->Field("stream").AsBool().value_or(false)) co_return Failed(NoStreams());
  const json::Value model = (*parsed)->Field("model");
  const Result<const ExpertEntry*> expert = ForwardTarget(call, model);
  if (!expert) co_return Failed(expert.error());
  const Status turn = co_await AwaitTurn(call);
  if (!turn) co_return Failed(turn.error());
  const RouteRequest route;
  ChatRecord record;
  PassedOn passed{.expert = **expert,
                  .path = path,
                  .model = *model.AsString(),
                  .origin = InBackground(*OriginOf(context, call), std::move(one.many))};
  const RoutedCall routed = BeginForward(context, call, route, std::move(passed), &record);
  const CallScope scope{call.deadline, &call.exchange.cancellation()};
  const Dispatcher::ForwardRequest request{.body = *parsed, .path = path, .origin = routed.origin};
  Result<RawReply> reply =
      co_await context.engine().orchestrator().dispatcher().Forward(request, scope, record);
  // A line of a file holds nothing else.
  if (reply && !json::Document::Parse(reply->body)) {
    reply = Error{ErrorCode::kUpstream,
                  (*expert)->spec.name + " answered with something else than JSON"};
  }
  const Error* error = reply ? nullptr : &reply.error();
  routed.Finish(error == nullptr ? Outcome::kOk : OutcomeOf(*error), error);
  BackgroundAnswer answer{reply ? reply->status : 0, {}};
  if (error != nullptr) answer = Failed(*error);
  if (error == nullptr) answer.body = std::move(reply->body);
  answer.calls = CallsOf(record);
  co_return answer;
}

}  // namespace moerge::api
