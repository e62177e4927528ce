#include "services/signals/signal_caller.h"

#include <memory>
#include <utility>

namespace moerge {
namespace {

struct Encoder {
  SnapshotPtr snapshot;  // keeps the backend
  ExpertEntry entry;
};

// What was sent and not answered: presumably the other side has read the prompt.
Usage Unanswered(const ExpertCall& call) {
  return Usage{.prompt_tokens = static_cast<std::int64_t>((call.body->text().size() + 3) / 4),
               .completion_tokens = 0,
               .estimated = true};
}

Usage UsageOfEmbedding(const ExpertCall& call, std::string_view body) {
  const auto document = json::Document::Parse(body);
  if (!document) return Unanswered(call);
  const auto tokens = document->root().Find("usage").Find("prompt_tokens").AsInt();
  if (!tokens || *tokens < 0) return Unanswered(call);
  return Usage{.prompt_tokens = *tokens, .completion_tokens = 0, .estimated = false};
}

SignalOutcome OutcomeOf(const Error& error, const ExpertCall& call) {
  if (error.code == ErrorCode::kCancelled) return SignalOutcome::kCancelled;
  return call.deadline.Passed() ? SignalOutcome::kLate : SignalOutcome::kFailed;
}

// What a call took goes to the note and to the ledger.
void SettleSignal(const ExpertCall& call, const CallSite& at, const Usage& usage,
                  SignalCall* note) {
  const Spending spent = SpendingOf(call.expert->spec.price, usage);
  note->prompt_tokens = usage.prompt_tokens;
  note->completion_tokens = usage.completion_tokens;
  note->estimated = usage.estimated;
  note->cost_usd = spent.cost_usd;
  at.ledger.Settle(*at.trace.entry, spent);
}

// A call that was given too little time, or is not wanted any more, is paid for.
void NoteFailed(const ExpertCall& call, const CallSite& at, const Error& error, SignalCall* note) {
  note->outcome = OutcomeOf(error, call);
  note->error = error.message;
  if (note->outcome != SignalOutcome::kFailed) SettleSignal(call, at, Unanswered(call), note);
}

}  // namespace

ExpertPtr EncoderOf(const SnapshotPtr& snapshot, const Backend& backend, const std::string& model) {
  const auto encoder = std::make_shared<Encoder>();
  encoder->snapshot = snapshot;
  encoder->entry.spec.name = model;
  encoder->entry.spec.model = model;
  encoder->entry.backend = &backend;
  encoder->entry.among_others = snapshot->HasOtherModels(backend, model);
  return {encoder, &encoder->entry};
}

Task<Result<ChatReply>> SignalCaller::Chat(const ExpertCall& call, const Site& site,
                                           SignalCall* note) {
  CallTrace trace;
  const CallSite at{site.ledger, trace, site.cancellation};
  Result<ChatReply> reply = co_await caller_.Chat(call, at);
  note->ms = Milliseconds(trace.upstream.ended());
  if (reply) {
    SettleSignal(call, at, reply->usage, note);
  } else {
    NoteFailed(call, at, reply.error(), note);
  }
  co_return reply;
}

Task<Result<RawReply>> SignalCaller::Embed(const ExpertCall& call, const Site& site,
                                           SignalCall* note) {
  CallTrace trace;
  const CallSite at{site.ledger, trace, site.cancellation};
  Result<RawReply> reply = co_await caller_.Forward(call, "/embeddings", at);
  note->ms = Milliseconds(trace.upstream.ended());
  if (reply) {
    SettleSignal(call, at, UsageOfEmbedding(call, reply->body), note);
  } else {
    NoteFailed(call, at, reply.error(), note);
  }
  co_return reply;
}

}  // namespace moerge
