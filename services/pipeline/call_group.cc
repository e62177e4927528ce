#include "services/pipeline/call_group.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "config/base/json.h"
#include "services/pipeline/dispatcher.h"

namespace moerge {

struct CallGroup::Call {
  Call(const Order& of, WaitClock* whole) : order(of) { trace.upstream = WaitClock(whole); }

  Order order;
  CallTrace trace;  // of this call alone
  Cancellation cancellation;
  CallScope scope;
  std::optional<Result<ChatReply>> reply;
  bool aborted = false;  // by moerge, since it is not needed
};

CallGroup::CallGroup(const Round& round, const Executor& loop) : round_(round), tasks_(loop) {
  if (round.scope.cancellation == nullptr) return;
  client_left_ = round.scope.cancellation->OnCancel([this] {
    for (Call& call : calls_) call.cancellation.Cancel();
  });
}

CallGroup::~CallGroup() = default;

void CallGroup::Start(const Order& order) {
  Call& call = calls_.emplace_back(order, &round_.record.upstream);
  call.scope = {round_.scope.deadline, &call.cancellation};
  if (round_.scope.cancellation != nullptr && round_.scope.cancellation->cancelled()) {
    call.cancellation.Cancel();
  }
  Happened("asked", call);
  tasks_.Start("expert call", Run(call));
}

// Whatever happens, Next() gives the call.
Task<void> CallGroup::Run(Call& call) {
  std::exception_ptr failure;
  try {
    call.reply =
        co_await round_.dispatcher.Ask(call.order.request, call.order.expert, call.order.stream,
                                       call.scope, round_.record, call.trace);
  } catch (...) {
    failure = std::current_exception();
    call.reply = Error{ErrorCode::kInternal, "moerge failed before the call; the log says why"};
  }
  ended_.push_back(&call);
  if (failure) std::rethrow_exception(failure);
}

Task<std::optional<CallGroup::Ended>> CallGroup::Next(Deadline until) {
  co_await TellProgress();
  while (ended_.empty()) {
    if (tasks_.running() == 0 || until.Passed()) co_return std::nullopt;
    (void)co_await tasks_.AwaitOne(until);
  }
  Call& call = *ended_.front();
  ended_.pop_front();
  Keep(call);
  Happened(call.reply->ok() ? "answered" : "failed", call);
  co_await TellProgress();
  co_return Ended{.seat = call.order.seat,
                  .expert = &call.order.expert,
                  .reply = std::move(*call.reply),
                  .entry = call.trace.entry,
                  .ms = Milliseconds(call.trace.upstream.ended())};
}

void CallGroup::Happened(std::string_view what, const Call& call) {
  if (round_.stream == nullptr || !round_.request.progress) return;
  std::string& news = news_.emplace_back();
  json::Writer writer(&news);
  writer.BeginObject().Field("event", what).Field("expert", call.order.expert.spec.name);
  writer.Field("role", call.order.role);
  if (call.reply && !call.reply->ok()) writer.Field("error", call.reply->error().message);
  writer.EndObject();
}

// A client that left cancels all, so nothing is said of it here.
Task<void> CallGroup::TellProgress() {
  while (!news_.empty()) {
    const std::string news = std::move(news_.front());
    news_.pop_front();
    if (!round_.stream->answering()) (void)co_await round_.stream->Progress(news);
  }
}

void CallGroup::Keep(Call& call) {
  for (Attempt& attempt : call.trace.attempts) {
    if (call.aborted && attempt.outcome == AttemptOutcome::kCancelled) {
      attempt.error = "no longer needed: the others had decided";
    }
    round_.record.attempts.push_back(std::move(attempt));
  }
  std::vector<std::string>& notes = round_.record.notes;
  for (const std::string& told : call.trace.call_notes.told) {
    std::string note = "`" + call.order.expert.spec.name + "`: " + told;
    if (std::ranges::find(notes, note) == notes.end()) notes.push_back(std::move(note));
  }
}

// What was sent is paid for, whatever had come back, and a stream's end says so.
void CallGroup::Abort(Call& call) {
  if (call.reply || call.aborted) return;
  call.aborted = round_.scope.cancellation == nullptr || !round_.scope.cancellation->cancelled();
  if (call.aborted && call.trace.entry) round_.record.ledger.SettlePrompt(*call.trace.entry);
  call.cancellation.Cancel();
}

void CallGroup::Abort(std::size_t seat) {
  for (Call& call : calls_) {
    if (call.order.seat == seat) Abort(call);
  }
}

Task<void> CallGroup::End() {
  for (Call& call : calls_) Abort(call);
  co_await tasks_.Join();
  for (Call* call : ended_) Keep(*call);
  ended_.clear();
}

}  // namespace moerge
