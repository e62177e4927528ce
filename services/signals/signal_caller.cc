#include "services/signals/signal_caller.h"

#include <chrono>
#include <utility>

#include "router/profile/price.h"
#include "services/pipeline/retry_rules.h"

namespace moerge {
namespace {

using Clock = std::chrono::steady_clock;

ChatCall CallOf(const SignalCaller::Call& call) {
  return ChatCall{.body = &call.body,
                  .expert = &call.expert,
                  .backend = &call.backend,
                  .request_id = call.request_id,
                  .traceparent = call.traceparent};
}

void NoteTokens(const Usage& usage, const Price& price, SignalCall* note) {
  note->prompt_tokens = usage.prompt_tokens;
  note->completion_tokens = usage.completion_tokens;
  note->estimated = usage.estimated;
  note->cost_usd = CostOf(price, usage.prompt_tokens, usage.completion_tokens);
}

// What was sent and not answered: the other side has read the prompt, as far as anybody knows.
Usage Unanswered(const SignalCaller::Call& call) {
  return Usage{.prompt_tokens = static_cast<std::int64_t>((call.body.text().size() + 3) / 4),
               .completion_tokens = 0,
               .estimated = true};
}

Usage UsageOf(const SignalCaller::Call& call, std::string_view body) {
  const auto document = json::Document::Parse(body);
  if (!document) return Unanswered(call);
  const auto tokens = document->root().Find("usage").Find("prompt_tokens").AsInt();
  if (!tokens || *tokens < 0) return Unanswered(call);
  return Usage{.prompt_tokens = *tokens, .completion_tokens = 0, .estimated = false};
}

SignalOutcome OutcomeOf(const Error& error, const CallScope& scope) {
  if (error.code == ErrorCode::kCancelled) return SignalOutcome::kCancelled;
  return scope.deadline.Passed() ? SignalOutcome::kLate : SignalOutcome::kFailed;
}

}  // namespace

template <class Reply, class Ask>
Task<Result<Reply>> SignalCaller::Through(const Call& call, const CallScope& scope, const Ask& ask,
                                          SignalCall* note) {
  const Clock::time_point begin = Clock::now();
  const auto end = [&](const Error* error) {
    note->ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
    if (error == nullptr) return;
    note->outcome = OutcomeOf(*error, scope);
    note->error = error->message;
  };
  Gate& gate = gates_.For(call.backend.name);
  Result<std::unique_ptr<Gate::Permit>> permit = co_await gate.Enter(call.backend, scope);
  if (!permit) {
    end(&permit.error());
    co_return std::move(permit).error();
  }
  const ChatCall chat = CallOf(call);
  Result<Reply> reply = co_await ask(protocols_.For(call.backend.protocol), chat);
  end(reply ? nullptr : &reply.error());
  // A call that was given too little time or is not wanted any more says nothing about the backend.
  if (reply || note->outcome == SignalOutcome::kFailed) {
    gate.Report(reply.ok() || ShowsHealth(reply.error().code));
  }
  if (!reply && note->outcome != SignalOutcome::kFailed) {
    NoteTokens(Unanswered(call), call.expert.price, note);
  }
  co_return reply;
}

Task<Result<ChatReply>> SignalCaller::Chat(const Call& call, const CallScope& scope,
                                           SignalCall* note) {
  const auto ask = [&scope](ProtocolClient& client, const ChatCall& chat) {
    return client.Chat(chat, scope);
  };
  Result<ChatReply> reply = co_await Through<ChatReply>(call, scope, ask, note);
  if (reply) NoteTokens(reply->usage, call.expert.price, note);
  co_return reply;
}

Task<Result<RawReply>> SignalCaller::Embed(const Call& call, const CallScope& scope,
                                           SignalCall* note) {
  const auto ask = [&scope](ProtocolClient& client, const ChatCall& chat) {
    return client.Forward(chat, "/embeddings", scope);
  };
  Result<RawReply> reply = co_await Through<RawReply>(call, scope, ask, note);
  if (reply) NoteTokens(UsageOf(call, reply->body), call.expert.price, note);
  co_return reply;
}

}  // namespace moerge
