#include "services/pipeline/call_group.h"

#include <utility>

#include "router/profile/price.h"
#include "services/pipeline/dispatcher.h"

namespace moerge {
namespace {

using Clock = ChatRecord::Clock;

// Refusals that come at once still have a status of their own; who waits longer hears something.
constexpr std::chrono::milliseconds kFirstWord(500);
constexpr std::chrono::seconds kNextWord(10);

}  // namespace

struct CallGroup::Call {
  std::size_t seat;
  const ExpertEntry& expert;
  ChatRecord record;  // of this call alone
  Cancellation cancellation;
  CallScope scope;
  std::optional<Result<ChatReply>> reply;
};

CallGroup::CallGroup(const Round& round, const Executor& loop)
    : round_(round), next_word_(Deadline::After(kFirstWord)), tasks_(loop) {
  if (round.scope.cancellation == nullptr) return;
  client_left_ = round.scope.cancellation->OnCancel([this] {
    for (Call& call : calls_) call.cancellation.Cancel();
  });
}

CallGroup::~CallGroup() = default;

void CallGroup::Start(std::size_t seat, const ExpertEntry& expert) {
  const double committed = round_.record.TotalCost() + Reserved();
  Call& call = calls_.emplace_back(seat, expert);
  call.scope = {round_.scope.deadline, &call.cancellation};
  if (round_.scope.cancellation != nullptr && round_.scope.cancellation->cancelled()) {
    call.cancellation.Cancel();
  }
  call.record.router = round_.record.router;
  call.record.decision.id = round_.record.decision.id;
  call.record.decision.time = round_.record.decision.time;
  call.record.decision.policy = round_.record.decision.policy;
  call.record.aside_cost_usd = committed;
  tasks_.Start("expert call", Run(call));
}

// What the calls that have not ended may cost.
double CallGroup::Reserved() const {
  const RouteRequest& route = round_.request.route;
  double cost = 0;
  for (const Call& call : calls_) {
    if (!call.reply) cost += CostOf(call.expert.spec.price, route.prompt_tokens, route.max_tokens);
  }
  return cost;
}

Task<void> CallGroup::Run(Call& call) {
  call.reply = co_await round_.dispatcher.Ask(round_.request, call.expert, call.scope, call.record);
  ended_.push_back(&call);
}

Task<std::optional<CallGroup::Ended>> CallGroup::Next() {
  while (ended_.empty()) {
    if (tasks_.running() == 0) co_return std::nullopt;
    co_await Wait();
  }
  Call& call = *ended_.front();
  ended_.pop_front();
  Keep(call);
  co_return Ended{.seat = call.seat,
                  .expert = &call.expert,
                  .reply = std::move(*call.reply),
                  .usage = call.record.usage,
                  .cost_usd = call.record.cost_usd};
}

Task<void> CallGroup::Wait() {
  ChatRecord& record = round_.record;
  record.waiting_since = Clock::now();
  const Deadline until = round_.stream == nullptr ? Deadline::Never() : next_word_;
  const bool ended = co_await tasks_.AwaitOne(until);
  record.upstream += Clock::now() - std::exchange(record.waiting_since, {});
  if (ended) co_return;
  next_word_ = Deadline::After(kNextWord);
  (void)co_await round_.stream->KeepAlive();  // a client that left cancels all
}

void CallGroup::Keep(Call& call) {
  ChatRecord& record = round_.record;
  if (call.record.answered) record.AddAside(call.record.usage, call.record.cost_usd);
  for (Attempt& attempt : call.record.attempts) record.attempts.push_back(std::move(attempt));
}

Task<void> CallGroup::End() {
  const bool left = round_.scope.cancellation != nullptr && round_.scope.cancellation->cancelled();
  for (Call& call : calls_) call.cancellation.Cancel();
  co_await tasks_.Join();
  for (Call* call : ended_) {
    for (Attempt& attempt : call->record.attempts) {
      if (left || attempt.outcome != AttemptOutcome::kCancelled) continue;
      attempt.error = "no longer needed: the others had decided";
      // What was sent is paid for, whatever had come back.
      const std::int64_t prompt = round_.request.route.prompt_tokens;
      round_.record.AddAside({prompt, 0, true}, CostOf(call->expert.spec.price, prompt, 0));
    }
    Keep(*call);
  }
  ended_.clear();
}

}  // namespace moerge
