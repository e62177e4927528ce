#include "adapters/gate.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <deque>
#include <map>
#include <mutex>

#include "adapters/breaker.h"
#include "config/base/event.h"

namespace moerge {
namespace {

enum class Admission { kWaiting, kGranted, kRefused };

// A call in the queue. `admission` and `trial` belong to the gate's mutex, `wake` to the caller's
// loop.
struct Waiter {
  explicit Waiter(const Executor& executor) : executor(executor), wake(executor) {}
  Executor executor;
  Event wake;
  Admission admission = Admission::kWaiting;
  bool trial = false;
  CallClass call_class = CallClass::kInteractive;
};

class BackendGate : public Gate, public std::enable_shared_from_this<BackendGate> {
 public:
  BackendGate(Metrics& metrics, const std::string& backend)
      : name_(backend),
        in_flight_gauge_(metrics.GetGauge("moerge_backend_in_flight", "Calls under way.",
                                          {{"backend", backend}})),
        queued_gauge_(metrics.GetGauge("moerge_backend_queued", "Calls waiting for a place.",
                                       {{"backend", backend}})),
        open_gauge_(metrics.GetGauge("moerge_backend_breaker_open",
                                     "1 while nothing is sent to the backend as it fails.",
                                     {{"backend", backend}})) {}

  Task<Result<std::unique_ptr<Permit>>> Enter(const Backend& limits, CallClass call_class,
                                              CallScope scope) override;
  void Report(bool success) override;
  bool Healthy() const override {
    if (quiet_.load(std::memory_order_relaxed)) return true;
    const std::lock_guard lock(mutex_);
    return breaker_.Healthy(Breaker::Clock::now());
  }

 private:
  class Place;
  class Turn;
  using Lock = std::lock_guard<std::mutex>;

  Result<std::shared_ptr<Waiter>> TakeOrQueue(const Backend& limits, const Executor& executor,
                                              CallClass call_class, std::unique_ptr<Permit>* place);
  void Queue(std::shared_ptr<Waiter> waiter);
  std::unique_ptr<Permit> MakePlace(bool trial);
  void Leave(bool trial);
  void GrantNext();
  void RefuseAll();
  void Decide(Waiter& waiter, Admission admission, const std::shared_ptr<Waiter>& owner);
  Error Refusal() const;
  void Show();

  const std::string name_;
  Gauge& in_flight_gauge_;
  Gauge& queued_gauge_;
  Gauge& open_gauge_;
  std::atomic<bool> quiet_ = true;  // the breaker has nothing to remember

  mutable std::mutex mutex_;  // guards all below
  Breaker breaker_;
  int in_flight_ = 0;
  int capacity_ = 1;
  std::deque<std::shared_ptr<Waiter>> queue_;
};

class BackendGate::Place : public Gate::Permit {
 public:
  Place(std::shared_ptr<BackendGate> gate, bool trial) : gate_(std::move(gate)), trial_(trial) {}
  ~Place() override { gate_->Leave(trial_); }

 private:
  std::shared_ptr<BackendGate> gate_;
  bool trial_;
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
    if (Settle() == Admission::kGranted) gate_->Leave(waiter_->trial);
  }

  // The admission; a call without one leaves the queue.
  Admission Settle() {
    if (settled_) return Admission::kWaiting;
    settled_ = true;
    const Lock lock(gate_->mutex_);
    if (waiter_->admission == Admission::kWaiting) {
      std::erase(gate_->queue_, waiter_);
      if (waiter_->trial) gate_->breaker_.EndTrial();
      gate_->Show();
    }
    return waiter_->admission;
  }

 private:
  std::shared_ptr<BackendGate> gate_;
  std::shared_ptr<Waiter> waiter_;
  bool settled_ = false;
};

Task<Result<std::unique_ptr<Gate::Permit>>> BackendGate::Enter(const Backend& limits,
                                                               CallClass call_class,
                                                               CallScope scope) {
  if (scope.cancellation != nullptr && scope.cancellation->cancelled()) {
    co_return Error{ErrorCode::kCancelled, "the call was cancelled"};
  }
  const Executor executor = co_await ThisLoop();
  std::unique_ptr<Permit> place;
  auto queued = TakeOrQueue(limits, executor, call_class, &place);
  if (!queued) co_return std::move(queued).error();
  if (place != nullptr) co_return place;

  const std::shared_ptr<Waiter> waiter = std::move(*queued);
  Turn turn(shared_from_this(), waiter);
  Cancellation::Registration cancelled;
  if (scope.cancellation != nullptr) {
    cancelled = scope.cancellation->OnCancel([waiter] { waiter->wake.Set(); });
  }
  co_await waiter->wake.WaitUntil(scope.deadline.Within(limits.queue_timeout));
  const Admission admission = turn.Settle();
  if (admission == Admission::kGranted) place = MakePlace(waiter->trial);
  if (scope.cancellation != nullptr && scope.cancellation->cancelled()) {
    co_return Error{ErrorCode::kCancelled, "the call was cancelled"};
  }
  if (place != nullptr) co_return place;
  if (admission == Admission::kRefused) co_return Refusal();
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
                                                         const Executor& executor,
                                                         CallClass call_class,
                                                         std::unique_ptr<Permit>* place) {
  std::unique_lock lock(mutex_);
  if (limits.max_concurrency != capacity_) {
    capacity_ = limits.max_concurrency;
    GrantNext();
  }
  const auto answer = breaker_.Admit(Breaker::Clock::now());
  const bool trial = answer == Breaker::Answer::kTrial;
  if (answer == Breaker::Answer::kRefuse) {
    lock.unlock();
    return Refusal();
  }
  if (in_flight_ < capacity_ && queue_.empty()) {
    ++in_flight_;
    Show();
    lock.unlock();
    *place = MakePlace(trial);
    return std::shared_ptr<Waiter>();
  }
  if (queue_.size() >= static_cast<std::size_t>(limits.max_queue)) {
    if (trial) breaker_.EndTrial();
    Error full{ErrorCode::kRateLimited, "backend `" + name_ + "` is busy and its queue of " +
                                            std::to_string(limits.max_queue) + " calls is full"};
    full.retry_after = std::chrono::seconds(1);
    return full;
  }
  auto waiter = std::make_shared<Waiter>(executor);
  waiter->trial = trial;
  waiter->call_class = call_class;
  Queue(waiter);
  Show();
  return waiter;
}

// REQUIRES: mutex_.
void BackendGate::Queue(std::shared_ptr<Waiter> waiter) {
  auto place = queue_.end();
  if (waiter->call_class == CallClass::kInteractive) {
    place = std::find_if(queue_.begin(), queue_.end(), [](const auto& other) {
      return other->call_class == CallClass::kBackground;
    });
  }
  queue_.insert(place, std::move(waiter));
}

std::unique_ptr<Gate::Permit> BackendGate::MakePlace(bool trial) {
  return std::make_unique<Place>(shared_from_this(), trial);
}

void BackendGate::Leave(bool trial) {
  const Lock lock(mutex_);
  if (trial) breaker_.EndTrial();
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
    Decide(*waiter, Admission::kGranted, waiter);
  }
}

// REQUIRES: mutex_.
void BackendGate::RefuseAll() {
  for (const auto& waiter : queue_) Decide(*waiter, Admission::kRefused, waiter);
  queue_.clear();
}

// The waiting call may be on another loop: its event is set there.
void BackendGate::Decide(Waiter& waiter, Admission admission,
                         const std::shared_ptr<Waiter>& owner) {
  waiter.admission = admission;
  boost::asio::post(waiter.executor, [owner] { owner->wake.Set(); });
}

void BackendGate::Report(bool success) {
  if (success && quiet_.load(std::memory_order_relaxed)) return;
  const Lock lock(mutex_);
  if (breaker_.Report(success, Breaker::Clock::now())) RefuseAll();
  quiet_.store(breaker_.quiet(), std::memory_order_relaxed);
  Show();
}

Error BackendGate::Refusal() const {
  const Lock lock(mutex_);
  Error error{ErrorCode::kUnavailable, "backend `" + name_ + "` failed " +
                                           std::to_string(Breaker::kFailures) +
                                           " times in a row and is left alone for a while"};
  error.retry_after = breaker_.RetryAfter(Breaker::Clock::now());
  return error;
}

// REQUIRES: mutex_.
void BackendGate::Show() {
  in_flight_gauge_.Set(in_flight_);
  queued_gauge_.Set(static_cast<double>(queue_.size()));
  open_gauge_.Set(breaker_.open() ? 1 : 0);
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
