#include "services/api/background_answer.h"

#include <chrono>
#include <utility>

#include "services/api/chat_call.h"
#include "services/api/chat_codec.h"
#include "services/api/chat_reply.h"
#include "services/api/error.h"
#include "services/api/field_error.h"
#include "services/api/no_client.h"

namespace moerge::api {
namespace {

BackgroundAnswer Failed(const Error& error) {
  http::Reply reply = ErrorReply(error);
  return {reply.status, std::move(reply.body)};
}

}  // namespace

Task<BackgroundAnswer> AnswerInBackground(ApiContext& context, ApiCall& call, std::string body) {
  Result<ChatRequest> request = ParseChatRequest(std::move(body));
  if (!request) co_return Failed(request.error());
  if (request->stream) {
    const Error streams = FieldError("stream", "false here: answers are not streamed");
    co_return Failed(streams);
  }
  SetOrigin(context, call, &*request);
  request->origin = InBackground(*request->origin);
  ChatRecord record;
  record.begin = call.begin;
  record.router = call.router;
  const CallScope scope{ChatDeadline(call, *request), &call.exchange.cancellation()};
  const RoutedCall routed = RoutedCallOf(context, call, *request, record);
  Result<ChatReply> answer =
      co_await context.engine().orchestrator().Chat(*request, nullptr, scope, record);
  if (!answer) {
    routed.Finish(OutcomeOf(answer.error()), &answer.error());
    co_return Failed(answer.error());
  }
  BackgroundAnswer whole{200, ReplyJson(routed, *std::move(answer), request->explain)};
  routed.Finish(Outcome::kOk, nullptr);
  co_return whole;
}

Task<LineResult> AnswerLine(ApiContext& context, const LineRequest& request,
                            Cancellation& cancellation) {
  NoClient exchange(context.loop(), cancellation);
  ApiCall call{.exchange = exchange,
               .parameters = {},
               .request_id = request.request_id,
               .key_name = request.client,
               .begin = std::chrono::steady_clock::now(),
               .router = context.shared().router(),
               .config = context.shared().config.Current()};
  call.deadline = Deadline::After(call.config->server.request_timeout);
  BackgroundAnswer answer = co_await AnswerInBackground(context, call, request.body);
  LineResult result;
  result.status = answer.status;
  result.body = std::move(answer.body);
  co_return result;
}

}  // namespace moerge::api
