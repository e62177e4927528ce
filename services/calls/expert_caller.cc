#include "services/calls/expert_caller.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "adapters/token_estimate.h"
#include "config/base/event.h"
#include "config/base/hash.h"
#include "config/base/json.h"
#include "config/base/log.h"
#include "services/calls/kept_reply.h"

namespace moerge {
namespace {

using Clock = std::chrono::steady_clock;

// A call without a byte for that long, and so many times what nine tenths of the expert's answers
// take, speaks against the backend whoever ended it.
constexpr std::chrono::milliseconds kSilence{400};
// One for that long, and as long as is usual, is a sign if there are several of them.
constexpr std::chrono::milliseconds kDue{200};

CallScope ScopeOf(const ExpertCall& call, const CallSite& site) {
  return {call.deadline, site.cancellation};
}

ChatCall ChatCallOf(const ExpertCall& call, const CallSite& site) {
  return {.body = call.body.get(),
          .expert = &call.expert->spec,
          .backend = call.expert->backend,
          .request_id = call.origin->request_id,
          .traceparent = call.origin->traceparent,
          .notes = &site.trace.call_notes};
}

// Until `wait` is over or the client has left.
Task<void> WaitFor(Clock::duration wait, CallScope scope) {
  Event over(co_await ThisLoop());
  Cancellation::Registration left;
  if (scope.cancellation != nullptr) {
    left = scope.cancellation->OnCancel([&over] { over.Set(); });
  }
  co_await over.WaitUntil(scope.deadline.Within(wait));
}

// Of an exception below a call. What it says is for the log, not for the client.
Error Broken(const ExpertCall& call, std::string what) {
  LogError("an expert's call ended with an exception",
           {{"expert", call.expert->spec.name}, {"error", what}});
  return Error{.code = ErrorCode::kInternal,
               .message = "moerge failed during the call; the log says why",
               .detail = std::move(what)};
}

Error WithoutAnswer() { return {ErrorCode::kUpstream, "the stream ended without an answer"}; }

Usage UsageIn(const ChatReply& reply) { return reply.usage; }
Usage UsageIn(const StreamSummary& summary) { return summary.usage; }
Usage UsageIn(const RawReply& reply) { return reply.usage; }

// Experts seldom say what pictures took, and not all what speech took.
Usage WithMedia(const ExpertCall& call, Usage usage) {
  const Price& price = call.expert->spec.price;
  const bool images = price.image && usage.image_tokens == 0;
  const bool audio = price.audio && usage.audio_tokens == 0;
  if (!images && !audio) return usage;
  const MediaTokens media = EstimateMediaTokens(call.body->root());
  if (images) usage.image_tokens = std::min(media.images, usage.prompt_tokens);
  if (audio) usage.audio_tokens = std::min(media.audio, usage.prompt_tokens);
  return usage;
}

// A call that was cancelled may have been settled by whoever cancelled it.
void SettleFailed(const Error& error, Ledger::Entry entry, Ledger* ledger) {
  if (error.code != ErrorCode::kCancelled || !ledger->IsSettled(entry)) ledger->Settle(entry, {});
}

}  // namespace

// What is known of one try.
struct ExpertCaller::Try {
  bool reached = false;                   // its backend's turn had come
  Clock::time_point sent{};               // when it had
  Clock::time_point first{};              // first chunk of a stream; zero: none yet
  std::chrono::milliseconds patience{0};  // as ChatCall's
  const ClientStream* stream = nullptr;
  std::unique_ptr<ModelTurns::Turn> turn;  // null: the model is always loaded
  SilentCalls::Call silent;

  bool loading = false;          // its time may be that of its model's load
  std::uint64_t span = 0;        // of its own in the request's trace
  std::string traceparent = {};  // which it passes on; empty: the request's

  void NoteSign() {
    if (turn != nullptr) turn->Ready();
  }
  void EndTurn(const Error* error) {
    if (turn == nullptr) return;
    const bool unknown = error != nullptr && error->code == ErrorCode::kNotFound;
    if (error == nullptr || (ShowsHealth(error->code) && !unknown)) {
      turn->Answered();
    } else if (error->code != ErrorCode::kCancelled) {
      turn->Failed();
    }
    turn.reset();
  }
  bool answer_begun() const { return stream != nullptr && stream->answering(); }
};

// The client's stream, and when its first chunk came.
class ExpertCaller::TimedSink final : public ChunkSink {
 public:
  TimedSink(ClientStream& stream, Try& once) : stream_(stream), once_(once) {}
  Task<Status> Write(const ChatChunk& chunk) override {
    if (once_.first == Clock::time_point{}) {
      once_.first = Clock::now();
      once_.silent.Answered(once_.first);
      once_.NoteSign();
    }
    return stream_.Write(chunk);
  }

 private:
  ClientStream& stream_;
  Try& once_;
};

// Tells a client that asked for it how its call stands. One that left cancels the call itself.
class ExpertCaller::WaitTeller final : public ModelTurns::Listener {
 public:
  WaitTeller(std::string_view expert, ClientStream* stream) : expert_(expert), stream_(stream) {}
  Task<void> Waits(ModelTurns::Standing standing) override {
    if (stream_->answering()) co_return;
    std::string news;
    json::Writer writer(&news);
    writer.BeginObject().Field("event", "waiting").Field("expert", expert_);
    const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(standing.wait);
    writer.Field("ahead", standing.ahead).Field("wait_ms", wait.count()).EndObject();
    (void)co_await stream_->Progress(news);
  }

 private:
  std::string_view expert_;
  ClientStream* stream_;
};

struct ExpertCaller::ChatAsk {
  static constexpr ClientStream* stream = nullptr;
  static constexpr std::string_view path = {};

  Task<Result<ChatReply>> operator()(ProtocolClient& client, const ChatCall& chat,
                                     const CallScope& scope, Try&) const {
    return client.Chat(chat, scope);
  }
};

struct ExpertCaller::StreamAsk {
  ClientStream* stream;

  Task<Result<ChatReply>> operator()(ProtocolClient& client, const ChatCall& chat,
                                     const CallScope& scope, Try& once) const {
    TimedSink sink(*stream, once);
    Result<StreamSummary> summary = co_await client.Stream(chat, sink, scope);
    if (!summary) co_return std::move(summary).error();
    if (!stream->answering()) co_return WithoutAnswer();
    ChatReply reply;
    reply.finish_reason = std::move(summary->finish_reason);
    reply.usage = summary->usage;
    co_return reply;
  }
};

struct ExpertCaller::ForwardAsk {
  static constexpr ClientStream* stream = nullptr;
  std::string_view path;

  Task<Result<RawReply>> operator()(ProtocolClient& client, const ChatCall& chat,
                                    const CallScope& scope, Try&) const {
    return client.Forward(chat, path, scope);
  }
};

struct ExpertCaller::ForwardStreamAsk {
  ClientStream* stream;
  std::string_view path;

  Task<Result<StreamSummary>> operator()(ProtocolClient& client, const ChatCall& chat,
                                         const CallScope& scope, Try& once) const {
    TimedSink sink(*stream, once);
    Result<StreamSummary> summary = co_await client.ForwardStream(chat, path, sink, scope);
    if (summary && !stream->answering()) co_return WithoutAnswer();
    co_return summary;
  }
};

Status ExpertCaller::Reserve(const ExpertCall& call, const CallSite& site, Ledger::Charge charge) {
  const ExpertEntry& expert = *call.expert;
  const CallEstimate estimate{call.prompt_tokens, call.max_tokens, expert.spec.price};
  if (call.purpose != CallPurpose::kAnswer) {
    site.trace.entry = site.ledger.ReserveUnlimited(estimate, charge);
    return Ok{};
  }
  Result<Ledger::Entry> entry = site.ledger.Reserve(estimate, charge);
  if (entry) {
    site.trace.entry = *entry;
    return Ok{};
  }
  Error refused = std::move(entry).error();
  site.trace.attempts.push_back(
      Attempt{.expert = expert.id, .outcome = AttemptOutcome::kSkipped, .error = refused.message});
  refused.message = expert.spec.name + " " + refused.message;
  return refused;
}

void ExpertCaller::BeginSpan(const RequestOrigin& origin, Try* once) {
  if (!origin.trace.sampled) return;
  once->span = parts_.random.Next() | 1;  // zero is no id
  once->traceparent = TraceParentOf(origin.trace, once->span);
}

// `site` and `ask` are taken by value: the caller has returned when this runs.
template <class Reply, class Ask>
Task<Result<Reply>> ExpertCaller::Run(const ExpertCall& call, CallSite site, Ask ask) {
  if (Status may = Reserve(call, site); !may) co_return std::move(may).error();
  const Ledger::Entry entry = *site.trace.entry;
  const ExpertEntry& expert = *call.expert;
  for (int retry = 0;; ++retry) {
    Try once;
    once.stream = ask.stream;
    BeginSpan(*call.origin, &once);
    site.trace.upstream.Begin();
    site.trace.call_notes = {};
    Result<Reply> reply = co_await Once<Reply>(call, site, ask, &once);
    site.trace.EndAttempt(expert.id, retry, reply ? nullptr : &reply.error());
    site.trace.attempts.back().span = once.span;
    site.trace.reached = once.reached;
    if (reply) {
      ReportSuccess(call);
      const Usage usage = WithMedia(call, UsageIn(*reply));
      site.ledger.Settle(entry, SpendingOf(expert.spec.price, usage));
      co_return reply;
    }
    if (reply.error().reason == kContextExceeded) {
      parts_.gates.contexts().Refused(expert.backend->name, expert.spec.model, call.prompt_tokens,
                                      site.trace.call_notes.context);
    }
    if (once.reached && reply.error().code == ErrorCode::kRateLimited) {
      const auto asked = std::chrono::ceil<std::chrono::seconds>(reply.error().retry_after);
      parts_.gates.For(expert.backend->name).Rest(expert.spec.model, asked);
    }
    const Reaction reaction = After(call, reply.error(), once, retry);
    if (reaction.step == NextStep::kRetry && parts_.gates.budget().Take()) {
      site.trace.upstream.Begin();
      co_await WaitFor(reaction.wait, ScopeOf(call, site));
      site.trace.upstream.End();
      if (!site.cancelled()) continue;
      reply = Error{ErrorCode::kCancelled, "the client closed its connection"};
    }
    Error failed = std::move(reply).error();
    if (once.reached) ReportFailure(call, site, failed, once);
    AdviseWaiting(call, once, &failed);
    SettleFailed(failed, entry, &site.ledger);
    co_return std::move(failed);
  }
}

// A call that has finished before is not made; one that finishes now is kept before it counts.
template <class Reply, class Ask>
Task<Result<Reply>> ExpertCaller::RunKept(const ExpertCall& call, CallSite site, Ask ask) {
  FinishedCalls& finished = *call.origin->finished;
  const std::string key = finished.Begin(AskedBy(call, ask.path));
  const std::optional<FinishedCalls::Kept> before = co_await finished.Find(key);
  if (before) {
    std::optional<Reply> reply = ReadKeptReply<Reply>(before->reply);
    if (reply) co_return GiveKept(call, site, *std::move(reply), *before);
  }
  Result<Reply> reply = co_await Run<Reply>(call, site, ask);
  if (reply) {
    std::string text = KeptReply(*reply);
    co_await finished.Keep(key, std::move(text));
  }
  co_return reply;
}

// It counts like one that was made, but is charged once.
template <class Reply>
Result<Reply> ExpertCaller::GiveKept(const ExpertCall& call, const CallSite& site, Reply reply,
                                     const FinishedCalls::Kept& kept) {
  const auto charge = kept.charged ? Ledger::Charge::kBefore : Ledger::Charge::kNow;
  if (Status may = Reserve(call, site, charge); !may) return std::move(may).error();
  const ExpertEntry& expert = *call.expert;
  site.trace.call_notes = {};
  site.trace.reached = false;
  site.trace.attempts.push_back(Attempt{.expert = expert.id,
                                        .note = "it had answered before: it was not asked again",
                                        .again = kept.seen});
  const Usage usage = WithMedia(call, UsageIn(reply));
  site.ledger.Settle(*site.trace.entry, SpendingOf(expert.spec.price, usage));
  return reply;
}

template <class Reply, class Ask>
Task<Result<Reply>> ExpertCaller::Once(const ExpertCall& call, const CallSite& site, Ask& ask,
                                       Try* once) {
  const Backend& backend = *call.expert->backend;
  const CallScope scope = ScopeOf(call, site);
  try {
    if (parts_.turns != nullptr && ModelTurns::Manages(*call.expert)) {
      Status turn = co_await WaitForTurn(call, scope, ask.stream, once);
      if (!turn) co_return std::move(turn).error();
    }
    SuspectIfStuck(call);
    Gate& gate = parts_.gates.For(backend.name);
    const Gate::CallKind kind{call.background() ? CallClass::kBackground : CallClass::kInteractive,
                              call.last_resort, call.expert->spec.model};
    auto permit = co_await gate.Enter(backend, kind, scope);
    if (!permit) co_return std::move(permit).error();
    once->reached = true;
    once->sent = Clock::now();
    if (call.purpose == CallPurpose::kAnswer && !once->loading) {
      once->silent.Sent(&silent_[backend.name], call.expert->spec.model, once->sent);
    }
    if (!once->loading) once->patience = PatienceOf(call);
    ChatCall chat = ChatCallOf(call, site);
    chat.patience = once->patience;
    if (once->span != 0) chat.traceparent = once->traceparent;
    if (once->turn != nullptr && once->turn->at() != nullptr) chat.backend = once->turn->at();
    Result<Reply> reply = co_await ask(parts_.protocols.For(backend.protocol), chat, scope, *once);
    if (reply) once->silent.Answered(Clock::now());
    once->EndTurn(reply ? nullptr : &reply.error());
    if (reply && !once->loading) NoteLatency(call, *once);
    co_return reply;
  } catch (const std::exception& error) {
    co_return Broken(call, error.what());
  } catch (...) {
    co_return Broken(call, "an unknown exception");
  }
}

// Until the call's model is loaded, or may be. REQUIRES: it is managed.
Task<Status> ExpertCaller::WaitForTurn(const ExpertCall& call, const CallScope& scope,
                                       ClientStream* stream, Try* once) const {
  WaitTeller teller(call.expert->spec.name, stream);
  const bool told = stream != nullptr && stream->wants_progress();
  ModelTurns::Listener* const listener = told ? &teller : nullptr;
  auto turn = co_await parts_.turns->Enter(call, scope, listener);
  if (!turn) co_return std::move(turn).error();
  once->turn = *std::move(turn);
  once->loading = once->turn->loading();
  co_return Ok{};
}

Reaction ExpertCaller::After(const ExpertCall& call, const Error& error, const Try& once,
                             int retry) {
  const bool again = call.purpose != CallPurpose::kRouting && !call.is_trial;
  const Failure failure{.error = error,
                        .reached_expert = once.reached,
                        .retry = retry,
                        .max_retries = again ? call.expert->backend->retries : 0,
                        .last_resort = call.last_resort,
                        .answer_begun = once.answer_begun(),
                        .left = call.deadline.Left()};
  return AfterFailure(failure, parts_.rules, parts_.random.Uniform());
}

// After the last try. What moerge itself got wrong says nothing about the backend, nor does a
// client that left or allowed too little time, unless the backend was silent for far longer than
// usual. A limit of rate is no answer either: its model rests until one comes.
void ExpertCaller::ReportFailure(const ExpertCall& call, const CallSite& site, const Error& error,
                                 const Try& once) const {
  if (error.code == ErrorCode::kInternal || error.code == ErrorCode::kOverloaded ||
      error.code == ErrorCode::kRateLimited) {
    return;
  }
  Gate::Outcome outcome{
      .model = ModelOf(*call.expert), .client = Hash64(call.origin->client), .sent = once.sent};
  const bool ended_here = site.cancelled() || call.deadline.Passed() ||
                          error.code == ErrorCode::kCancelled || GaveUp(error, once);
  const double silent = SilentMs(call, once);
  const double usual = static_cast<double>(parts_.gates.MeasuredLatency(call.expert->id).high_ms);
  if (ended_here && silent < std::max(kSilence.count() * 1.0, kTimesUsual * usual)) {
    const bool due = silent >= std::max(kDue.count() * 1.0, usual);
    if (due) parts_.gates.For(call.expert->backend->name).ReportSilence(outcome.model);
    return;
  }
  outcome.success = !ended_here && ShowsHealth(error.code);
  outcome.reason = error.message;
  if (ended_here) outcome.reason = "not a byte for far longer than usual";
  parts_.gates.For(call.expert->backend->name).Report(outcome);
}

// A client that meets a limit is told when to come again, whether the backend said it or not.
void ExpertCaller::AdviseWaiting(const ExpertCall& call, const Try& once, Error* error) const {
  if (!once.reached || error->code != ErrorCode::kRateLimited || error->retry_after.count() > 0) {
    return;
  }
  const Gate& gate = parts_.gates.For(call.expert->backend->name);
  error->retry_after =
      std::max(std::chrono::ceil<std::chrono::seconds>(gate.RestLeft(call.expert->spec.model)),
               std::chrono::seconds(1));
}

void ExpertCaller::ReportSuccess(const ExpertCall& call) const {
  const Gate::Outcome outcome{
      .model = ModelOf(*call.expert), .success = true, .client = Hash64(call.origin->client)};
  parts_.gates.For(call.expert->backend->name).Report(outcome);
  parts_.gates.budget().Answered();
  parts_.gates.contexts().Answered(call.expert->backend->name, call.expert->spec.model,
                                   call.prompt_tokens);
}

// In favour of another expert.
bool ExpertCaller::GaveUp(const Error& error, const Try& once) {
  return error.code == ErrorCode::kTimeout && once.patience.count() > 0 &&
         Clock::now() - once.sent >= once.patience;
}

// Since the call was sent, if not a byte of an answer has come.
double ExpertCaller::SilentMs(const ExpertCall& call, const Try& once) {
  if (once.loading) return 0;
  if (once.first != Clock::time_point{} || call.purpose != CallPurpose::kAnswer) return 0;
  return Milliseconds(Clock::now() - once.sent);
}

// Of chat alone: what is passed through and what routing asks takes other times.
void ExpertCaller::NoteLatency(const ExpertCall& call, const Try& once) const {
  if (parts_.latencies == nullptr || call.purpose != CallPurpose::kAnswer) return;
  const bool streamed = once.first > once.sent;
  parts_.latencies->Add(call.expert->id,
                        {.ms = Milliseconds(Clock::now() - once.sent),
                         .first_ms = streamed ? Milliseconds(once.first - once.sent) : 0,
                         .when = call.time});
}

Task<Result<ChatReply>> ExpertCaller::Chat(const ExpertCall& call, const CallSite& site) {
  if (call.is_kept()) return RunKept<ChatReply>(call, site, ChatAsk{});
  return Run<ChatReply>(call, site, ChatAsk{});
}

Task<Result<ChatReply>> ExpertCaller::Stream(const ExpertCall& call, ClientStream& stream,
                                             const CallSite& site) {
  return Run<ChatReply>(call, site, StreamAsk{&stream});
}

Task<Result<RawReply>> ExpertCaller::Forward(const ExpertCall& call, std::string_view path,
                                             const CallSite& site) {
  if (call.is_kept()) return RunKept<RawReply>(call, site, ForwardAsk{path});
  return Run<RawReply>(call, site, ForwardAsk{path});
}

Task<Result<StreamSummary>> ExpertCaller::ForwardStream(const ExpertCall& call,
                                                        std::string_view path, ClientStream& stream,
                                                        const CallSite& site) {
  return Run<StreamSummary>(call, site, ForwardStreamAsk{&stream, path});
}

}  // namespace moerge
