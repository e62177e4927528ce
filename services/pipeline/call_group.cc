#include "services/pipeline/call_group.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "config/base/json.h"
#include "router/profile/price.h"
#include "services/pipeline/dispatcher.h"

namespace moerge {
namespace {

using Clock = ChatRecord::Clock;

}  // namespace

struct CallGroup::Call {
  Order order;
  ChatRecord record;  // of this call alone
  Cancellation cancellation;
  CallScope scope;
  std::optional<Result<ChatReply>> reply;
  bool aborted = false;  // by moerge, since nobody needs it
};

CallGroup::CallGroup(const Round& round, const Executor& loop) : round_(round), tasks_(loop) {
  if (round.scope.cancellation == nullptr) return;
  client_left_ = round.scope.cancellation->OnCancel([this] {
    for (Call& call : calls_) call.cancellation.Cancel();
  });
}

CallGroup::~CallGroup() = default;

void CallGroup::Start(const Order& order) {
  Call& call = calls_.emplace_back(order);
  Commit(call);
  call.scope = {round_.scope.deadline, &call.cancellation};
  if (round_.scope.cancellation != nullptr && round_.scope.cancellation->cancelled()) {
    call.cancellation.Cancel();
  }
  call.record.router = round_.record.router;
  call.record.decision.id = round_.record.decision.id;
  call.record.decision.time = round_.record.decision.time;
  call.record.decision.policy = round_.record.decision.policy;
  Happened("asked", call);
  tasks_.Start("expert call", Run(call));
}

// What was spent and what the others under way may take count against this call's ceilings.
void CallGroup::Commit(Call& call) {
  ChatRecord& record = round_.record;
  call.record.calls = record.calls++;
  call.record.aside_usage = record.TotalUsage();
  call.record.aside_cost_usd = record.TotalCost();
  for (const Call& other : calls_) {
    if (other.reply || &other == &call) continue;
    const RouteRequest& route = other.order.request.route;
    const Usage usage{route.prompt_tokens, route.max_tokens, true};
    const Price& price = other.order.expert.spec.price;
    call.record.AddAside(usage, EstimatedCost(price, route.prompt_tokens, route.max_tokens));
  }
}

// Whatever happens, Next() gives the call.
Task<void> CallGroup::Run(Call& call) {
  std::exception_ptr failure;
  try {
    call.reply = co_await round_.dispatcher.Ask(call.order.request, call.order.expert,
                                                call.order.stream, call.scope, call.record);
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
    co_await Wait(until);
  }
  Call& call = *ended_.front();
  ended_.pop_front();
  Keep(call);
  Happened(call.reply->ok() ? "answered" : "failed", call);
  co_await TellProgress();
  co_return Ended{.seat = call.order.seat,
                  .expert = &call.order.expert,
                  .reply = std::move(*call.reply),
                  .usage = call.record.usage,
                  .cost_usd = call.record.cost_usd,
                  .ms = Milliseconds(call.record.upstream)};
}

Task<void> CallGroup::Wait(Deadline until) {
  ChatRecord& record = round_.record;
  record.waiting_since = Clock::now();
  (void)co_await tasks_.AwaitOne(until);
  record.upstream += Clock::now() - std::exchange(record.waiting_since, {});
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
  ChatRecord& record = round_.record;
  if (call.record.answered) record.AddAside(call.record.usage, call.record.cost_usd);
  if (call.aborted) NoteAborted(call);
  if (!call.record.limit.empty()) {
    record.limit = call.record.limit;
    --record.calls;  // it was not made
  }
  for (Attempt& attempt : call.record.attempts) record.attempts.push_back(std::move(attempt));
}

// One that ended before it noticed was counted whole.
void CallGroup::NoteAborted(Call& call) {
  bool noticed = false;
  for (Attempt& attempt : call.record.attempts) {
    if (attempt.outcome != AttemptOutcome::kCancelled) continue;
    attempt.error = "no longer needed: the others had decided";
    noticed = true;
  }
  if (!noticed) CountPrompt(call, -1);
}

void CallGroup::CountPrompt(const Call& call, int times) {
  const std::int64_t prompt = call.order.request.route.prompt_tokens * times;
  round_.record.AddAside({prompt, 0, true}, CostOf(call.order.expert.spec.price, prompt, 0));
}

void CallGroup::Abort(Call& call) {
  if (call.reply || call.aborted) return;
  call.aborted = round_.scope.cancellation == nullptr || !round_.scope.cancellation->cancelled();
  // What was sent is paid for, whatever had come back, and a stream's end says so.
  if (call.aborted) CountPrompt(call, 1);
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
