#include "adapters/gate.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "adapters/breaker_gauges.h"
#include "adapters/model_rest.h"
#include "adapters/recent_successes.h"
#include "config/base/event.h"
#include "config/base/loop_waiter.h"

namespace moerge {
namespace {

using Clock = Breaker::Clock;
using std::chrono_literals::operator""ms;

enum class Admission { kWaiting, kGranted, kRefused };

// A call in the queue. `admission` and `trial` belong to the gate's mutex, `wake` to the caller's
// loop.
struct Waiter : LoopWaiter {
  using LoopWaiter::LoopWaiter;
  Admission admission = Admission::kWaiting;
  BackendHealth::Trial trial = BackendHealth::Trial::kNone;
  CallClass call_class = CallClass::kInteractive;
  bool last_resort = false;
  std::string model = {};
};

// Of a model that has answered 429.
struct Resting {
  std::string model;
  ModelRest rest = {};
};

// A background call waits for as long as its request may take.
Deadline PatienceOf(const Backend& limits, const Gate::CallKind& kind, const CallScope& scope) {
  if (kind.call_class == CallClass::kBackground) return scope.deadline;
  return scope.deadline.Within(limits.queue_timeout);
}

// For people.
void Describe(const Breaker& breaker, Clock::time_point now, Gate::Avoidance* avoidance) {
  avoidance->avoided = breaker.open();
  if (!breaker.open()) return;
  avoidance->reason = breaker.reason();
  avoidance->for_seconds = std::chrono::floor<std::chrono::seconds>(now - breaker.since());
}

class BackendGate : public Gate, public std::enable_shared_from_this<BackendGate> {
 public:
  BackendGate(Metrics& metrics, const std::string& backend)
      : name_(backend),
        in_flight_gauge_(metrics.GetGauge("moerge_backend_in_flight", "Calls under way.",
                                          {{"backend", backend}})),
        queued_gauge_(metrics.GetGauge("moerge_backend_queued", "Calls waiting for a place.",
                                       {{"backend", backend}})),
        breaker_gauges_(metrics, backend) {}

  Task<Result<std::unique_ptr<Permit>>> Enter(const Backend& limits, CallKind kind,
                                              CallScope scope) override;
  void Report(const Outcome& outcome) override;
  void ReportSilence(const ModelAtBackend& model) override;
  void Suspect(const ModelAtBackend& model, std::string_view reason) override;
  void SuspectAll(std::string_view reason) override;
  void Rest(std::string_view model, std::chrono::seconds asked) override;
  bool Healthy(std::string_view model) const override {
    if (quiet_.load(std::memory_order_relaxed)) return true;
    const Lock lock(mutex_);
    return health_.Healthy(model, Clock::now());
  }
  bool Healthy() const override {
    if (quiet_.load(std::memory_order_relaxed)) return true;
    const Lock lock(mutex_);
    return health_.Healthy(Clock::now());
  }
  bool Open(std::string_view model) const override {
    if (quiet_.load(std::memory_order_relaxed)) return false;
    const Lock lock(mutex_);
    return health_.open(model);
  }
  std::chrono::milliseconds RestLeft(std::string_view model) const override {
    if (quiet_.load(std::memory_order_relaxed)) return {};
    const Clock::duration left = RestUntil(model) - Clock::now();
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(left), 0ms);
  }
  Condition condition() const override;
  ModelAvoidance ConditionOf(std::string_view model) const override;

 private:
  class Place;
  class Turn;
  using Lock = std::lock_guard<std::mutex>;

  Task<Result<std::unique_ptr<Permit>>> TakePlace(const Backend& limits, CallKind kind,
                                                  CallScope scope);
  Clock::time_point RestUntil(std::string_view model) const;
  Clock::time_point RestOf(std::string_view model) const;
  Resting& RestingOf(std::string_view model);
  Result<std::shared_ptr<Waiter>> TakeOrQueue(const Backend& limits, const Executor& executor,
                                              CallKind kind, std::unique_ptr<Permit>* place);
  int Clients() const;
  void Queue(std::shared_ptr<Waiter> waiter);
  std::unique_ptr<Permit> MakePlace(BackendHealth::Trial trial, std::string_view model);
  void Leave(BackendHealth::Trial trial, std::string_view model);
  void GrantNext();
  void RefuseAll();
  static void Decide(const std::shared_ptr<Waiter>& waiter, Admission admission);
  Error Refusal(std::string_view model) const;
  void Show();
  void Judged(bool opened);
  void Quiet();
  std::chrono::milliseconds RestLeftOf(std::string_view model, Clock::time_point now) const;

  const std::string name_;
  Gauge& in_flight_gauge_;
  Gauge& queued_gauge_;
  BreakerGauges breaker_gauges_;    // shown under the mutex
  std::atomic<bool> quiet_ = true;  // the breakers have nothing to remember, and there is no rest
  RecentSuccesses recent_;

  mutable std::mutex mutex_;  // guards all below
  BackendHealth health_;
  std::vector<Resting> resting_;
  int in_flight_ = 0;
  int capacity_ = 1;
  std::deque<std::shared_ptr<Waiter>> queue_;
};

class BackendGate::Place : public Gate::Permit {
 public:
  Place(std::shared_ptr<BackendGate> gate, BackendHealth::Trial trial, std::string_view model)
      : gate_(std::move(gate)), trial_(trial) {
    if (trial == BackendHealth::Trial::kModels) model_ = model;
  }
  ~Place() override { gate_->Leave(trial_, model_); }

 private:
  std::shared_ptr<BackendGate> gate_;
  BackendHealth::Trial trial_;
  std::string model_;  // of a model's trial
};

// A waiting call's turn. Whatever becomes of the coroutine, a place it was given is taken or passed
// on, and one it was not given yet is not waited for any more.
class BackendGate::Turn {
 public:
  Turn(std::shared_ptr<BackendGate> gate, std::shared_ptr<Waiter> waiter)
      : gate_(std::move(gate)), waiter_(std::move(waiter)) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (Settle() == Admission::kGranted) gate_->Leave(waiter_->trial, waiter_->model);
  }

  // The admission; a call without one leaves the queue.
  Admission Settle() {
    if (settled_) return Admission::kWaiting;
    settled_ = true;
    const Lock lock(gate_->mutex_);
    if (waiter_->admission == Admission::kWaiting) {
      std::erase(gate_->queue_, waiter_);
      gate_->health_.EndTrial(waiter_->trial, waiter_->model);
      gate_->Show();
    }
    return waiter_->admission;
  }

 private:
  std::shared_ptr<BackendGate> gate_;
  std::shared_ptr<Waiter> waiter_;
  bool settled_ = false;
};

// A short rest of the backend is slept through where no other expert is left to ask.
Task<Result<std::unique_ptr<Gate::Permit>>> BackendGate::Enter(const Backend& limits, CallKind kind,
                                                               CallScope scope) {
  const Deadline patience = PatienceOf(limits, kind, scope);
  while (kind.last_resort && !quiet_.load(std::memory_order_relaxed)) {
    const Clock::duration rest = RestUntil(kind.model) - Clock::now();
    if (rest <= Clock::duration::zero() || rest > kShortRest || patience.Left() <= rest) break;
    Event over(co_await ThisLoop());
    Cancellation::Registration left;
    if (scope.cancellation != nullptr) {
      left = scope.cancellation->OnCancel([&over] { over.Set(); });
    }
    co_await over.WaitUntil(Deadline::After(rest));
    if (scope.cancellation != nullptr && scope.cancellation->cancelled()) break;
  }
  co_return co_await TakePlace(limits, kind, scope);
}

Task<Result<std::unique_ptr<Gate::Permit>>> BackendGate::TakePlace(const Backend& limits,
                                                                   CallKind kind, CallScope scope) {
  if (scope.cancellation != nullptr && scope.cancellation->cancelled()) {
    co_return Error{ErrorCode::kCancelled, "the call was cancelled"};
  }
  const Executor executor = co_await ThisLoop();
  std::unique_ptr<Permit> place;
  auto queued = TakeOrQueue(limits, executor, kind, &place);
  if (!queued) co_return std::move(queued).error();
  if (place != nullptr) co_return place;

  const std::shared_ptr<Waiter> waiter = std::move(*queued);
  Turn turn(shared_from_this(), waiter);
  Cancellation::Registration cancelled;
  if (scope.cancellation != nullptr) {
    cancelled = scope.cancellation->OnCancel([waiter] { waiter->wake.Set(); });
  }
  co_await waiter->wake.WaitUntil(PatienceOf(limits, kind, scope));
  const Admission admission = turn.Settle();
  if (admission == Admission::kGranted) place = MakePlace(waiter->trial, kind.model);
  if (scope.cancellation != nullptr && scope.cancellation->cancelled()) {
    co_return Error{ErrorCode::kCancelled, "the call was cancelled"};
  }
  if (place != nullptr) co_return place;
  if (admission == Admission::kRefused) co_return Refusal(kind.model);
  if (scope.deadline.Passed()) {
    co_return Error{ErrorCode::kTimeout,
                    "the request's deadline passed while it waited for a place"};
  }
  Error late{ErrorCode::kOverloaded, "backend `" + name_ + "` had no place free within " +
                                         std::to_string(limits.queue_timeout.count()) + " ms"};
  late.retry_after = std::chrono::seconds(1);
  co_return late;
}

// A place at once, or a turn in the queue, or the Error that neither is to be had.
Result<std::shared_ptr<Waiter>> BackendGate::TakeOrQueue(const Backend& limits,
                                                         const Executor& executor, CallKind kind,
                                                         std::unique_ptr<Permit>* place) {
  std::unique_lock lock(mutex_);
  if (limits.max_concurrency != capacity_) {
    capacity_ = limits.max_concurrency;
    GrantNext();
  }
  const Clock::time_point now = Clock::now();
  const bool rests = RestOf(kind.model) > now;
  const auto answer = rests ? BackendHealth::Admission() : health_.Admit(kind.model, now);
  if (rests || (answer.avoid && !kind.last_resort)) {
    lock.unlock();
    return Refusal(kind.model);
  }
  const auto resting = std::ranges::find(resting_, kind.model, &Resting::model);
  if (resting != resting_.end()) resting->rest.Admit(now);
  if (in_flight_ < capacity_ && queue_.empty()) {
    ++in_flight_;
    Show();
    lock.unlock();
    *place = MakePlace(answer.trial, kind.model);
    return std::shared_ptr<Waiter>();
  }
  if (kind.call_class == CallClass::kInteractive && Clients() >= limits.max_queue) {
    health_.EndTrial(answer.trial, kind.model);
    Error full{ErrorCode::kRateLimited, "backend `" + name_ + "` is busy and its queue of " +
                                            std::to_string(limits.max_queue) + " calls is full"};
    full.retry_after = std::chrono::seconds(1);
    return full;
  }
  auto waiter = std::make_shared<Waiter>(executor);
  waiter->trial = answer.trial;
  waiter->call_class = kind.call_class;
  waiter->last_resort = kind.last_resort;
  waiter->model = kind.model;
  Queue(waiter);
  Show();
  return waiter;
}

// Interactive calls that wait; they stand before all others. REQUIRES: mutex_.
int BackendGate::Clients() const {
  const auto end = std::ranges::find_if(
      queue_, [](const auto& waiter) { return waiter->call_class == CallClass::kBackground; });
  return static_cast<int>(end - queue_.begin());
}

// REQUIRES: mutex_.
void BackendGate::Queue(std::shared_ptr<Waiter> waiter) {
  auto place = queue_.end();
  if (waiter->call_class == CallClass::kInteractive) {
    place = queue_.begin() + Clients();
  }
  queue_.insert(place, std::move(waiter));
}

std::unique_ptr<Gate::Permit> BackendGate::MakePlace(BackendHealth::Trial trial,
                                                     std::string_view model) {
  return std::make_unique<Place>(shared_from_this(), trial, model);
}

void BackendGate::Leave(BackendHealth::Trial trial, std::string_view model) {
  const Lock lock(mutex_);
  health_.EndTrial(trial, model);
  --in_flight_;
  GrantNext();
  Show();
}

// Hands free places to those that wait longest. REQUIRES: mutex_.
void BackendGate::GrantNext() {
  while (!queue_.empty() && in_flight_ < capacity_) {
    const std::shared_ptr<Waiter> waiter = std::move(queue_.front());
    queue_.pop_front();
    ++in_flight_;
    Decide(waiter, Admission::kGranted);
  }
}

// Those whose model rests for long, and where a breaker is open those that have another expert to
// ask. REQUIRES: mutex_.
void BackendGate::RefuseAll() {
  const Clock::time_point now = Clock::now();
  const auto refuse = [&](const std::shared_ptr<Waiter>& waiter) {
    const bool rests = RestOf(waiter->model) > now + (waiter->last_resort ? kShortRest : 0ms);
    if (!rests && (waiter->last_resort || !health_.open(waiter->model))) return false;
    health_.EndTrial(waiter->trial, waiter->model);
    Decide(waiter, Admission::kRefused);
    return true;
  };
  std::erase_if(queue_, refuse);
}

void BackendGate::Decide(const std::shared_ptr<Waiter>& waiter, Admission admission) {
  waiter->admission = admission;
  WakeOnLoop(waiter);
}

void BackendGate::Report(const Outcome& outcome) {
  const Clock::time_point now = Clock::now();
  if (outcome.success) recent_.Add(outcome.model.name, now);
  if (outcome.success && quiet_.load(std::memory_order_relaxed)) return;
  BackendHealth::Outcome judged{
      .success = outcome.success, .client = outcome.client, .reason = outcome.reason};
  judged.sent = outcome.sent == Clock::time_point{} ? now : outcome.sent;
  judged.unreported = recent_.Count(outcome.model.name, now);
  judged.unreported_of_all = recent_.CountAll(now);
  const Lock lock(mutex_);
  if (outcome.success) {
    std::erase_if(resting_, [&](const Resting& each) { return each.model == outcome.model.name; });
  }
  Judged(health_.Report(outcome.model, judged, now));
}

void BackendGate::ReportSilence(const ModelAtBackend& model) {
  const Lock lock(mutex_);
  Judged(health_.ReportSilence(model, Clock::now()));
}

void BackendGate::Suspect(const ModelAtBackend& model, std::string_view reason) {
  const Lock lock(mutex_);
  Judged(health_.Suspect(model, reason, Clock::now()));
}

void BackendGate::SuspectAll(std::string_view reason) {
  const Lock lock(mutex_);
  Judged(health_.SuspectAll(reason, Clock::now()));
}

// After the breakers were told of something. REQUIRES: mutex_.
void BackendGate::Judged(bool opened) {
  if (opened) RefuseAll();
  Quiet();
  breaker_gauges_.Show(health_);
  Show();
}

void BackendGate::Rest(std::string_view model, std::chrono::seconds asked) {
  const Lock lock(mutex_);
  RestingOf(model).rest.Begin(asked, Clock::now());
  RefuseAll();
  Quiet();
  Show();
}

// REQUIRES: mutex_.
void BackendGate::Quiet() {
  quiet_.store(health_.quiet() && resting_.empty(), std::memory_order_relaxed);
}

// REQUIRES: mutex_.
Clock::time_point BackendGate::RestOf(std::string_view model) const {
  const auto found = std::ranges::find(resting_, model, &Resting::model);
  return found == resting_.end() ? Clock::time_point() : found->rest.until();
}

Clock::time_point BackendGate::RestUntil(std::string_view model) const {
  const Lock lock(mutex_);
  return RestOf(model);
}

// REQUIRES: mutex_.
Resting& BackendGate::RestingOf(std::string_view model) {
  const auto found = std::ranges::find(resting_, model, &Resting::model);
  if (found != resting_.end()) return *found;
  return resting_.emplace_back(Resting{.model = std::string(model)});
}

// REQUIRES: mutex_.
std::chrono::milliseconds BackendGate::RestLeftOf(std::string_view model,
                                                  Clock::time_point now) const {
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(RestOf(model) - now), 0ms);
}

Gate::Condition BackendGate::condition() const {
  const Lock lock(mutex_);
  const Clock::time_point now = Clock::now();
  Condition condition;
  Describe(health_.backend(), now, &condition);
  for (const auto& [model, breaker] : health_.models()) {
    if (condition.avoided || !breaker.open()) continue;
    ModelAvoidance& avoided = condition.models.emplace_back();
    Describe(breaker, now, &avoided);
    avoided.model = model;
    avoided.resting_ms = RestLeftOf(model, now);
  }
  for (const Resting& each : resting_) {
    condition.resting_ms = std::max(condition.resting_ms, RestLeftOf(each.model, now));
  }
  condition.in_flight = in_flight_;
  condition.queued = static_cast<int>(queue_.size());
  return condition;
}

Gate::ModelAvoidance BackendGate::ConditionOf(std::string_view model) const {
  const Lock lock(mutex_);
  const Clock::time_point now = Clock::now();
  ModelAvoidance avoidance;
  Describe(health_.BreakerOver(model), now, &avoidance);
  avoidance.model = model;
  avoidance.whole_backend = health_.backend().open();
  avoidance.resting_ms = RestLeftOf(model, now);
  return avoidance;
}

Error BackendGate::Refusal(std::string_view model) const {
  const Lock lock(mutex_);
  const Clock::time_point now = Clock::now();
  if (const Clock::time_point until = RestOf(model); until > now) {
    Error error{ErrorCode::kRateLimited, "backend `" + name_ + "` has answered 429 for `" +
                                             std::string(model) +
                                             "`, which is left alone until its limit is over"};
    error.retry_after = std::chrono::ceil<std::chrono::seconds>(until - now);
    return error;
  }
  const Breaker& breaker = health_.BreakerOver(model);
  const bool whole = &breaker == &health_.backend();
  std::string what = "most requests to ";
  if (!whole) what.append("model `").append(model).append("` of ");
  what += "backend `" + name_ + "` fail, so that other experts are preferred for a while";
  Error error{ErrorCode::kUnavailable,
              std::move(what) + "; the latest failure: " + breaker.reason()};
  error.retry_after = health_.Pacing(model).RetryAfter(now);
  return error;
}

// REQUIRES: mutex_.
void BackendGate::Show() {
  in_flight_gauge_.Set(in_flight_);
  queued_gauge_.Set(static_cast<double>(queue_.size()));
}

}  // namespace

struct Gates::Impl {
  explicit Impl(Metrics& metrics) : metrics(metrics) {}
  Metrics& metrics;
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<Gate>, std::less<>> gates;
};

Gates::Gates(Metrics& metrics) : impl_(std::make_unique<Impl>(metrics)) {}
Gates::~Gates() = default;

std::shared_ptr<Gate> Gates::For(std::string_view backend) {
  const std::lock_guard lock(impl_->mutex);
  const auto found = impl_->gates.find(backend);
  if (found != impl_->gates.end()) return found->second;
  const std::string name(backend);
  auto gate = std::make_shared<BackendGate>(impl_->metrics, name);
  impl_->gates.emplace(name, gate);
  return gate;
}

}  // namespace moerge
