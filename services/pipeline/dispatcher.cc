#include "services/pipeline/dispatcher.h"

#include <time.h>

#include <chrono>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "config/base/log.h"
#include "services/pipeline/dispatch_job.h"
#include "services/pipeline/text_answer.h"

namespace moerge {
namespace {

ToolClock LocalToolClock(std::int64_t unix_seconds) {
  const time_t now = unix_seconds;
  tm local{};
  localtime_r(&now, &local);
  return ToolClock::FromUnixSeconds(unix_seconds, static_cast<int>(local.tm_gmtoff / 60));
}

ExpertCall ForwardCallOf(const Dispatcher::ForwardRequest& request, const CallScope& scope,
                         const ChatRecord& record) {
  return {.body = request.body,
          .expert = Share(record.router->snapshot(), *record.expert),
          .origin = request.origin,
          .purpose = CallPurpose::kForward,
          .deadline = scope.deadline,
          .time = record.decision.time};
}

// Its gate let nothing through, since most calls of its backend fail.
bool IsRefusal(const ExpertEntry& expert, const Error& error, const CallTrace& trace) {
  return expert.backend != nullptr && !trace.reached && error.code == ErrorCode::kUnavailable;
}

}  // namespace

std::int64_t UnixSeconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

Task<Result<ChatReply>> Dispatcher::Dispatch(const ChatRequest& request, ClientStream* stream,
                                             const CallScope& scope, ChatRecord& record) {
  const CallSite site{record.ledger, record, scope.cancellation};
  Job job{.request = request, .stream = stream, .scope = scope, .record = record, .site = site};
  std::vector<const ExpertEntry*> avoided;  // asked when nobody else is left
  for (std::size_t place = 0; place < job.LineLength() + avoided.size(); ++place) {
    const bool again = place >= job.LineLength();
    const ExpertEntry* expert = again ? avoided[place - job.LineLength()] : job.InLine(place);
    if (expert == nullptr || job.SkipsAsTooSmall(*expert)) continue;
    job.last_resort = again || (place + 1 == job.LineLength() && avoided.empty());
    const bool fits = parts_.caller.HasRoom(*expert, request.route.prompt_tokens);
    if (!job.last_resort && (!fits || IsAvoided(*expert))) {
      avoided.push_back(expert);
      continue;
    }
    if (std::exchange(record.reached, false) && !parts_.caller.MayAskAnother()) break;
    const ExpertEntry* before = std::exchange(record.expert, expert);
    Result<ChatReply> reply = co_await AskOne(job, *expert);
    if (reply) {
      record.NoteAnswer(*expert, *record.entry);
      if (!again) TryAvoided(job, avoided);
      co_return reply;
    }
    if (record.attempts.back().outcome == AttemptOutcome::kSkipped) record.expert = before;
    const bool refused = IsRefusal(*expert, reply.error(), record);
    if (refused && !job.last_resort) avoided.push_back(expert);
    if (!job.GoesOn(std::move(reply).error())) break;
  }
  co_return job.Failure();
}

bool Dispatcher::IsAvoided(const ExpertEntry& expert) const {
  const bool spared = parts_.trials != nullptr && parts_.trials->Spares(expert);
  return spared || parts_.caller.IsAvoided(expert);
}

// After the request was answered by another.
void Dispatcher::TryAvoided(Job& job, const std::vector<const ExpertEntry*>& avoided) {
  if (parts_.trials == nullptr) return;
  for (const ExpertEntry* expert : avoided) {
    if (!parts_.caller.HasRoom(*expert, job.request.route.prompt_tokens)) continue;
    job.SetCall(*expert);
    parts_.trials->Try(job.call);
  }
}

Task<Result<ChatReply>> Dispatcher::Ask(const ChatRequest& request, const ExpertEntry& expert,
                                        ClientStream* stream, const CallScope& scope,
                                        ChatRecord& record, CallTrace& trace) {
  const CallSite site{record.ledger, trace, scope.cancellation};
  Job job{.request = request, .stream = stream, .scope = scope, .record = record, .site = site};
  job.is_part = true;
  Result<ChatReply> reply = co_await AskOne(job, expert);
  if (reply) co_return reply;
  (void)job.GoesOn(std::move(reply).error());
  co_return job.Failure();
}

Task<Result<ChatReply>> Dispatcher::AskOne(Job& job, const ExpertEntry& expert) {
  job.SetCall(expert);
  if (expert.spec.kind == ExpertKind::kTool) return AskTool(job);
  if (job.stream != nullptr) return parts_.caller.Stream(job.call, *job.stream, job.site);
  return parts_.caller.Chat(job.call, job.site);
}

Task<Result<RawReply>> Dispatcher::Forward(const ForwardRequest& request, const CallScope& scope,
                                           ChatRecord& record) {
  const ExpertCall call = ForwardCallOf(request, scope, record);
  const CallSite site{record.ledger, record, scope.cancellation};
  Result<RawReply> reply = co_await parts_.caller.Forward(call, request.path, site);
  if (reply) {
    record.NoteAnswer(*record.expert, *record.entry);
    co_return reply;
  }
  const Error seen = AsSeenByClient(*record.expert, std::move(reply).error());
  co_return FailureOf(seen, record, scope);
}

Task<Result<StreamSummary>> Dispatcher::ForwardStream(const ForwardRequest& request,
                                                      ClientStream& stream, const CallScope& scope,
                                                      ChatRecord& record) {
  const ExpertCall call = ForwardCallOf(request, scope, record);
  const CallSite site{record.ledger, record, scope.cancellation};
  Result<StreamSummary> summary =
      co_await parts_.caller.ForwardStream(call, request.path, stream, site);
  if (summary) {
    record.NoteAnswer(*record.expert, *record.entry);
    co_return summary;
  }
  const Error seen = AsSeenByClient(*record.expert, std::move(summary).error());
  co_return FailureOf(seen, record, scope);
}

Result<ToolReply> Dispatcher::Compute(const Job& job) const {
  const std::string& name = job.call.expert->spec.model;
  const Tool* tool = parts_.tools.Find(name);
  std::string why(job.request.not_for_tools);
  if (tool == nullptr) why = "this moerge has no tool `" + name + "`";
  if (!why.empty()) return ToolReply{.answer = {}, .reason = std::move(why)};
  try {
    const ToolClock clock = LocalToolClock(UnixSeconds(job.record.decision.time));
    return tool->Answer(job.request.route.text.user, clock);
  } catch (const std::exception& error) {
    LogError("a tool ended with an exception", {{"tool", name}, {"error", error.what()}});
    return Error{.code = ErrorCode::kInternal,
                 .message = "moerge failed in the tool; the log says why",
                 .detail = error.what()};
  }
}

Task<Result<ChatReply>> Dispatcher::AskTool(Job& job) {
  if (Status may = ExpertCaller::Reserve(job.call, job.site); !may) {
    co_return std::move(may).error();
  }
  CallTrace& trace = job.site.trace;
  const ExpertEntry& expert = *job.call.expert;
  trace.upstream.Begin();
  Result<ToolReply> said = Compute(job);
  trace.EndAttempt(expert.id, 0, said ? nullptr : &said.error());
  job.site.ledger.Settle(*trace.entry, {});
  if (!said) co_return std::move(said).error();
  Attempt& attempt = trace.attempts.back();
  if (!said->answer) {
    attempt.outcome = AttemptOutcome::kDeclined;
    attempt.error = said->reason;
    co_return Error{ErrorCode::kNoExpert, "declined: " + said->reason};
  }
  attempt.note = said->answer->working;
  co_return co_await GiveTool(job, said->answer->text);
}

Task<Result<ChatReply>> Dispatcher::GiveTool(Job& job, std::string_view text) {
  const ExpertEntry& expert = *job.call.expert;
  const TextAnswer answer{.id = job.record.decision.id,
                          .model = expert.spec.name,
                          .created = UnixSeconds(job.record.decision.time),
                          .text = text,
                          .usage = ToolUsage(job.request.route.prompt_tokens, text)};
  ChatReply reply = MakeTextReply(answer);
  if (job.stream != nullptr) {
    const StreamHead head{.id = answer.id,
                          .model = answer.model,
                          .created = answer.created,
                          .with_usage = job.request.include_usage};
    Status sent = co_await StreamReply(reply, head, *job.stream);
    if (!sent) co_return std::move(sent).error();
  }
  job.site.ledger.Settle(*job.site.trace.entry, SpendingOf(expert.spec.price, answer.usage));
  co_return reply;
}

}  // namespace moerge
