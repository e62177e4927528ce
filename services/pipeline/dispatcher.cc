#include "services/pipeline/dispatcher.h"

#include <time.h>

#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include "config/base/event.h"
#include "config/base/log.h"
#include "services/pipeline/dispatch_job.h"
#include "services/pipeline/text_answer.h"

namespace moerge {
namespace {

// What an expert says about moerge's own key or address is moerge's failure, not the client's.
Error AsSeenByClient(const ExpertEntry& expert, Error error) {
  const bool ours = error.code == ErrorCode::kUnauthorized || error.code == ErrorCode::kForbidden ||
                    error.code == ErrorCode::kNotFound;
  if (ours) error.code = ErrorCode::kUpstream;
  error.message = "expert `" + expert.spec.name + "`: " + error.message;
  return error;
}

// Until `wait` is over or the client has left.
Task<void> Pause(RetryRules::Duration wait, const CallScope& scope) {
  Event over(co_await ThisLoop());
  Cancellation::Registration left;
  if (scope.cancellation != nullptr) {
    left = scope.cancellation->OnCancel([&over] { over.Set(); });
  }
  co_await over.WaitUntil(scope.deadline.Within(wait));
}

ToolClock LocalToolClock(std::int64_t unix_seconds) {
  const time_t now = unix_seconds;
  tm local{};
  localtime_r(&now, &local);
  return ToolClock::FromUnixSeconds(unix_seconds, static_cast<int>(local.tm_gmtoff / 60));
}

// Of an exception below a call. What it says is for the log, not for the client.
Error Broken(const ExpertEntry& expert, std::string what) {
  LogError("an expert's call ended with an exception",
           {{"expert", expert.spec.name}, {"error", what}});
  return Error{.code = ErrorCode::kInternal,
               .message = "moerge failed during the call; the log says why",
               .detail = std::move(what)};
}

Task<Result<ChatReply>> Stream(ProtocolClient& client, const ChatCall& call, ClientStream& stream,
                               const CallScope& scope) {
  Result<StreamSummary> summary = co_await client.Stream(call, stream, scope);
  if (!summary) co_return std::move(summary).error();
  if (!stream.answering())
    co_return Error{ErrorCode::kUpstream, "the stream ended without an answer"};
  ChatReply reply;
  reply.finish_reason = std::move(summary->finish_reason);
  reply.usage = summary->usage;
  co_return reply;
}

}  // namespace

Dispatcher::Job Dispatcher::Job::Of(const ChatRequest& request, ClientStream* stream,
                                    const CallScope& scope, ChatRecord& record) {
  return {.request = &request,
          .body = *request.body,
          .request_id = request.request_id,
          .traceparent = request.traceparent,
          .stream = stream,
          .scope = scope,
          .record = record};
}

bool Dispatcher::Job::Answered(const ExpertEntry& expert, Result<ChatReply>* reply) {
  if (*reply) {
    NoteAnswer(expert, (*reply)->usage);
  } else {
    Remember(AsSeenByClient(expert, std::move(*reply).error()));
  }
  return reply->ok();
}

std::int64_t UnixSeconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

Task<Result<ChatReply>> Dispatcher::Dispatch(const ChatRequest& request, ClientStream* stream,
                                             const CallScope& scope, ChatRecord& record) {
  Job job = Job::Of(request, stream, scope, record);
  for (std::size_t place = 0; place < job.LineLength() && !job.stop; ++place) {
    const ExpertEntry* expert = job.InLine(place);
    if (expert == nullptr || !job.MayAsk(*expert)) continue;
    record.expert = expert;
    Result<ChatReply> reply = co_await AskOne(job, *expert);
    if (job.Answered(*expert, &reply)) co_return reply;
  }
  co_return job.Failure();
}

Task<Result<ChatReply>> Dispatcher::Ask(const ChatRequest& request, const ExpertEntry& expert,
                                        ClientStream* stream, const CallScope& scope,
                                        ChatRecord& record) {
  Job job = Job::Of(request, stream, scope, record);
  if (!job.MayAsk(expert)) co_return job.Failure();
  Result<ChatReply> reply = co_await AskOne(job, expert);
  if (job.Answered(expert, &reply)) co_return reply;
  co_return job.Failure();
}

Task<Result<ChatReply>> Dispatcher::AskOne(Job& job, const ExpertEntry& expert) {
  if (expert.spec.kind == ExpertKind::kTool) return AskTool(job, expert);
  const auto call = [&job](ProtocolClient& client, const ChatCall& chat) {
    if (job.stream != nullptr) return Stream(client, chat, *job.stream, job.scope);
    return client.Chat(chat, job.scope);
  };
  return WithRetries<ChatReply>(job, expert, call);
}

Task<Result<RawReply>> Dispatcher::Forward(const ForwardRequest& request, const CallScope& scope,
                                           ChatRecord& record) {
  Job job{.body = request.body,
          .request_id = request.request_id,
          .traceparent = request.traceparent,
          .scope = scope,
          .record = record};
  const auto call = [&](ProtocolClient& client, const ChatCall& chat) {
    return client.Forward(chat, request.path, scope);
  };
  Result<RawReply> reply = co_await WithRetries<RawReply>(job, *record.expert, call);
  if (reply) {
    record.answered = true;
    co_return reply;
  }
  job.Remember(AsSeenByClient(*record.expert, std::move(reply).error()));
  co_return job.Failure();
}

Task<Result<StreamSummary>> Dispatcher::ForwardStream(const ForwardRequest& request,
                                                      ClientStream& stream, const CallScope& scope,
                                                      ChatRecord& record) {
  Job job{.body = request.body,
          .request_id = request.request_id,
          .traceparent = request.traceparent,
          .stream = &stream,
          .scope = scope,
          .record = record};
  const auto call = [&](ProtocolClient& client, const ChatCall& chat) {
    return client.ForwardStream(chat, request.path, stream, scope);
  };
  Result<StreamSummary> summary = co_await WithRetries<StreamSummary>(job, *record.expert, call);
  if (summary && stream.answering()) {
    job.NoteAnswer(*record.expert, summary->usage);
    co_return summary;
  }
  if (summary) summary = Error{ErrorCode::kUpstream, "the stream ended without an answer"};
  job.Remember(AsSeenByClient(*record.expert, std::move(summary).error()));
  co_return job.Failure();
}

// `call` is taken by value: Ask has returned when this runs.
template <class Reply, class Call>
Task<Result<Reply>> Dispatcher::WithRetries(Job& job, const ExpertEntry& expert, Call call) {
  for (int retry = 0;; ++retry) {
    bool reached = false;
    job.BeginAttempt();
    Result<Reply> reply = co_await Once<Reply>(job, expert, call, &reached);
    job.EndAttempt(expert, retry, reply ? nullptr : &reply.error());
    if (reply) job.NoteLatency(expert, parts_.latencies);
    if (reply) co_return reply;
    const Failure failure{.error = reply.error(),
                          .reached_expert = reached,
                          .retry = retry,
                          .max_retries = expert.backend->retries,
                          .answer_begun = job.AnswerBegun(),
                          .left = job.scope.deadline.Left()};
    const Verdict verdict = AfterFailure(failure, parts_.rules, parts_.random.Uniform());
    job.stop = verdict.step == NextStep::kStop;
    if (verdict.step != NextStep::kRetry) co_return reply;
    co_await Pause(verdict.wait, job.scope);
    job.record.upstream += verdict.wait;
    if (job.Cancelled()) co_return Error{ErrorCode::kCancelled, "the client closed its connection"};
  }
}

template <class Reply, class Call>
Task<Result<Reply>> Dispatcher::Once(Job& job, const ExpertEntry& expert, const Call& call,
                                     bool* reached) {
  Gate& gate = parts_.gates.For(expert.backend->name);
  Result<std::unique_ptr<Gate::Permit>> permit = co_await gate.Enter(*expert.backend, job.scope);
  if (!permit) co_return std::move(permit).error();
  *reached = true;
  job.sent = ChatRecord::Clock::now();
  const ChatCall chat{.body = &job.body,
                      .expert = &expert.spec,
                      .backend = expert.backend,
                      .request_id = job.request_id,
                      .traceparent = job.traceparent};
  Result<Reply> reply = Error{ErrorCode::kInternal, {}};
  try {
    reply = co_await call(parts_.protocols.For(expert.backend->protocol), chat);
  } catch (const std::exception& error) {
    co_return Broken(expert, error.what());  // which says nothing about the backend
  } catch (...) {
    co_return Broken(expert, "an unknown exception");
  }
  // A client that left or allowed too little time says nothing about the backend.
  const bool ours = !reply && (job.Cancelled() || reply.error().code == ErrorCode::kCancelled ||
                               job.scope.deadline.Passed());
  if (!ours) gate.Report(reply.ok() || ShowsHealth(reply.error().code));
  co_return reply;
}

Task<Result<ChatReply>> Dispatcher::AskTool(Job& job, const ExpertEntry& expert) {
  job.BeginAttempt();
  const std::int64_t now = UnixSeconds(job.record.decision.time);
  const Tool* tool = parts_.tools.Find(expert.spec.model);
  ToolReply said;
  said.reason = job.request->not_for_tools;
  if (tool == nullptr) said.reason = "this moerge has no tool `" + expert.spec.model + "`";
  if (said.reason.empty()) said = tool->Answer(job.request->route.text.user, LocalToolClock(now));
  if (!said.answer) {
    Error declined{ErrorCode::kNoExpert, "declined: " + said.reason};
    job.NoteTool(expert, AttemptOutcome::kDeclined, std::move(said.reason), {});
    co_return declined;
  }
  job.NoteTool(expert, AttemptOutcome::kOk, {}, std::move(said.answer->working));
  const std::string& text = said.answer->text;
  const TextAnswer answer{.id = job.record.decision.id,
                          .model = expert.spec.name,
                          .created = now,
                          .text = text,
                          .usage = ToolUsage(job.request->route.prompt_tokens, text)};
  ChatReply reply = MakeTextReply(answer);
  if (job.stream == nullptr) co_return reply;
  const StreamHead head{.id = answer.id,
                        .model = answer.model,
                        .created = now,
                        .with_usage = job.request->include_usage};
  const Status sent = co_await StreamReply(reply, head, *job.stream);
  if (sent) co_return reply;
  job.stop = true;
  co_return sent.error();
}

}  // namespace moerge
