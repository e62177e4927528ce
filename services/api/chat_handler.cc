// POST /v1/chat/completions.
#include <chrono>
#include <utility>

#include "services/api/api_handler.h"
#include "services/api/chat_call.h"
#include "services/api/chat_codec.h"
#include "services/api/chat_reply.h"
#include "services/api/chat_stream.h"
#include "services/api/error.h"
#include "services/api/key_rules.h"
#include "services/api/request_body.h"

namespace moerge::api {
namespace {

Task<void> Fail(const RoutedCall& routed, Error error) {
  routed.SetHeaders();
  routed.Finish(OutcomeOf(error), &error);
  co_await SendError(routed.call, std::move(error));
}

Task<void> AnswerWhole(const RoutedCall& routed, ChatRequest& request, const CallScope& scope,
                       ChatRecord& record) {
  Result<ChatReply> answer =
      co_await routed.context.engine().orchestrator().Chat(request, nullptr, scope, record);
  if (!answer) co_return co_await Fail(routed, std::move(answer).error());
  routed.SetHeaders();
  http::Reply reply;
  reply.body = ReplyJson(routed, *std::move(answer), request.explain);
  const Status sent = co_await routed.call.exchange.Send(std::move(reply));
  routed.Finish(sent ? Outcome::kOk : Outcome::kCancelled, sent ? nullptr : &sent.error());
}

// Ends a stream that has begun; what remains wrong with it is the result.
Task<Status> EndStream(ChatStream& stream, const Result<ChatReply>& answer, ApiCall& call) {
  if (answer) co_return co_await stream.Finish();
  if (answer.error().code == ErrorCode::kCancelled) {
    call.exchange.Abort();
  } else {
    (void)co_await stream.Fail(answer.error());
  }
  co_return answer.error();
}

Task<void> AnswerStream(const RoutedCall& routed, ChatRequest& request, const CallScope& scope,
                        ChatRecord& record) {
  ChatStream stream(routed, record, request.explain, request.progress);
  Result<ChatReply> answer =
      co_await routed.context.engine().orchestrator().Chat(request, &stream, scope, record);
  if (!answer && !stream.begun()) co_return co_await Fail(routed, std::move(answer).error());
  Status ended = co_await EndStream(stream, answer, routed.call);
  if (!ended) routed.call.notes.error = ended.error().message + " " + ended.error().detail;
  routed.Finish(ended ? Outcome::kOk : OutcomeOf(ended.error()), ended ? nullptr : &ended.error());
}

Result<ChatRequest> ParseWithModel(std::string body) { return ParseChatRequest(std::move(body)); }

Task<void> HandleChat(ApiContext& context, ApiCall& call) {
  Result<ChatRequest> request = co_await ReadBody<ChatRequest>(context, call, &ParseWithModel);
  if (!request) co_return co_await SendError(call, std::move(request).error());
  SetOrigin(context, call, &*request);
  if (Status may = ApplyKey(call, &*request); !may) {
    co_return co_await SendError(call, std::move(may).error());
  }
  ChatRecord record;
  record.begin = call.begin;
  record.router = call.router;
  const CallScope scope{ChatDeadline(call, *request), &call.exchange.cancellation()};
  const RoutedCall routed = RoutedCallOf(context, call, *request, record);
  if (request->stream) {
    co_await AnswerStream(routed, *request, scope, record);
  } else {
    co_await AnswerWhole(routed, *request, scope, record);
  }
}

}  // namespace

void AddChatRoutes(RouteTable& table, ApiContext& context) {
  table.Add("POST", "/v1/chat/completions", Access::kInference,
            [&context](ApiCall& call) { return HandleChat(context, call); });
}

}  // namespace moerge::api
