#include "services/calls/model_turns.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "config/base/hash.h"
#include "config/base/loop_waiter.h"

namespace moerge {
namespace {

using Clock = ResidencyPlan::Clock;
using CallId = ResidencyPlan::CallId;

constexpr double kBytesPerGb = 1e9;
constexpr std::chrono::milliseconds kLoadingLook{1000};

enum class Admission { kWaiting, kGranted, kRefused };

ResidencyPlan::Rules RulesOf(const Backend& backend) {
  ResidencyPlan::Rules rules;
  rules.slots = backend.residency.slots;
  rules.memory = static_cast<std::int64_t>(backend.residency.memory_gb * kBytesPerGb);
  rules.concurrency = backend.max_concurrency;
  rules.max_wait = backend.residency.max_wait;
  return rules;
}

std::chrono::seconds RetryAfter(Clock::duration wait) {
  return std::max(std::chrono::ceil<std::chrono::seconds>(wait), std::chrono::seconds(1));
}

}  // namespace

// One backend's models and the calls that wait for them.
class ModelTurns::Device : public std::enable_shared_from_this<Device> {
 public:
  Device(Metrics& metrics, const std::string& backend)
      : backend_(backend),
        plan_(ResidencyPlan::Rules{}),
        waiting_gauge_(metrics.GetGauge("moerge_residency_waiting",
                                        "Calls that wait until their model is loaded.",
                                        {{"backend", backend}})),
        loads_(metrics.GetCounter("moerge_residency_loads_total", "Models loaded.",
                                  {{"backend", backend}})),
        swaps_(metrics.GetCounter("moerge_residency_swaps_total",
                                  "Models loaded in place of others.", {{"backend", backend}})) {}

  Task<Result<std::unique_ptr<Turn>>> Enter(const ExpertCall& call, CallScope scope);
  DeviceView View() const;
  Clock::duration ExpectedWait(const Backend& backend, std::string_view model);
  const std::string& backend() const { return backend_; }

 private:
  class HeldTurn;
  class Wait;
  // `admission` belongs to the mutex, `wake` to the caller's loop.
  struct Waiter : LoopWaiter {
    using LoopWaiter::LoopWaiter;
    Admission admission = Admission::kWaiting;
    CallId id{};
    std::string model = {};
    bool background = false;
    bool last_resort = false;
    Clock::time_point patience = Clock::time_point::max();
  };
  using WaiterPtr = std::shared_ptr<Waiter>;
  using Lock = std::lock_guard<std::mutex>;

  Result<WaiterPtr> Queue(const ExpertCall& call, const Executor& executor);
  Deadline NextLook(const WaiterPtr& waiter, Deadline deadline);
  bool OutOfPatience(const Waiter& waiter, Clock::time_point now) const;
  void Pump(Clock::time_point now, const Waiter* looking = nullptr);
  void RefuseFailed(Clock::time_point now);
  void AppointKeeper(const Waiter* looking);
  void Ready(CallId id);
  void End(CallId id, ResidencyPlan::Ending ending);
  Error CannotLoad(std::string_view model, Clock::time_point now) const;
  Error TooLong(std::string_view model, Clock::time_point now) const;
  void Show();

  const std::string backend_;
  mutable std::mutex mutex_;  // guards all below
  ResidencyPlan plan_;
  std::map<CallId, WaiterPtr> waiters_;
  int interactive_ = 0;
  // The waiting call that also wakes when the plan is to be asked again.
  WaiterPtr keeper_;
  Clock::time_point keeper_until_ = Clock::time_point::max();  // at the latest
  std::int64_t shown_loads_ = 0;
  std::int64_t shown_swaps_ = 0;
  Gauge& waiting_gauge_;
  Counter& loads_;
  Counter& swaps_;
};

class ModelTurns::Device::HeldTurn : public ModelTurns::Turn {
 public:
  HeldTurn(std::shared_ptr<Device> device, CallId id, bool loading)
      : device_(std::move(device)), id_(id), loading_(loading) {}
  ~HeldTurn() override { device_->End(id_, ending_); }

  bool loading() const override { return loading_; }
  void Ready() override { device_->Ready(id_); }
  void Answered() override { ending_ = ResidencyPlan::Ending::kAnswered; }
  void Failed() override { ending_ = ResidencyPlan::Ending::kFailed; }

 private:
  std::shared_ptr<Device> device_;
  CallId id_;
  bool loading_;
  ResidencyPlan::Ending ending_ = ResidencyPlan::Ending::kGivenUp;
};

// A waiting call. Whatever becomes of the coroutine, it waits no longer than this lives, and a turn
// that it was given and did not take is given back.
class ModelTurns::Device::Wait {
 public:
  Wait(std::shared_ptr<Device> device, WaiterPtr waiter)
      : device_(std::move(device)), waiter_(std::move(waiter)) {}
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;
  ~Wait() {
    if (!taken_) device_->End(waiter_->id, ResidencyPlan::Ending::kGivenUp);
  }

  std::unique_ptr<Turn> Take(bool loading) {
    taken_ = true;
    return std::make_unique<HeldTurn>(device_, waiter_->id, loading);
  }

 private:
  std::shared_ptr<Device> device_;
  WaiterPtr waiter_;
  bool taken_ = false;
};

Task<Result<std::unique_ptr<ModelTurns::Turn>>> ModelTurns::Device::Enter(const ExpertCall& call,
                                                                          CallScope scope) {
  const Executor executor = co_await ThisLoop();
  Result<WaiterPtr> queued = Queue(call, executor);
  if (!queued) co_return std::move(queued).error();
  const WaiterPtr waiter = *std::move(queued);
  Wait wait(shared_from_this(), waiter);
  Cancellation::Registration cancelled;
  if (scope.cancellation != nullptr) {
    cancelled = scope.cancellation->OnCancel([waiter] { waiter->wake.Set(); });
  }
  while (true) {
    const Deadline until = NextLook(waiter, scope.deadline);
    co_await waiter->wake.WaitUntil(until);
    waiter->wake.Reset();
    const Clock::time_point now = Clock::now();
    if (scope.cancellation != nullptr && scope.cancellation->cancelled()) {
      co_return Error{ErrorCode::kCancelled, "the call was cancelled"};
    }
    const Lock lock(mutex_);
    if (waiter->admission == Admission::kWaiting) Pump(now, waiter.get());
    if (waiter->admission == Admission::kGranted) break;
    if (waiter->admission == Admission::kRefused) co_return CannotLoad(waiter->model, now);
    if (scope.deadline.Passed(now)) {
      co_return Error{ErrorCode::kTimeout,
                      "the request's deadline passed while it waited for its model to be loaded"};
    }
    if (OutOfPatience(*waiter, now)) co_return TooLong(waiter->model, now);
  }
  const Lock lock(mutex_);
  co_return wait.Take(plan_.IsLoading(waiter->model));
}

// REQUIRES no lock.
Result<ModelTurns::Device::WaiterPtr> ModelTurns::Device::Queue(const ExpertCall& call,
                                                                const Executor& executor) {
  const Expert& expert = call.expert->spec;
  const Backend& backend = *call.expert->backend;
  const Clock::time_point now = Clock::now();
  const Lock lock(mutex_);
  plan_.SetRules(RulesOf(backend));
  const bool background = call.background();
  if (!background && interactive_ >= backend.max_queue && backend.max_queue > 0) {
    Error full{ErrorCode::kRateLimited, std::to_string(interactive_) + " calls wait at backend `" +
                                            backend_ +
                                            "` for their model to be loaded: its queue is full"};
    full.retry_after = RetryAfter(plan_.ExpectedWait(expert.model, now));
    return full;
  }
  if (!call.last_resort && plan_.FailedUntil(expert.model) > now) {
    return CannotLoad(expert.model, now);
  }
  auto waiter = std::make_shared<Waiter>(executor);
  waiter->model = expert.model;
  waiter->background = background;
  waiter->last_resort = call.last_resort;
  if (!background) waiter->patience = now + 2 * backend.residency.max_wait;
  waiter->id = plan_.Arrive({.model = expert.model,
                             .bytes = static_cast<std::int64_t>(expert.memory_gb * kBytesPerGb),
                             .background = background,
                             .client = Hash64(call.origin->client)},
                            now);
  waiters_.emplace(waiter->id, waiter);
  if (!background) ++interactive_;
  Pump(now, waiter.get());
  return waiter;
}

// When a waiting call is to look again by itself.
Deadline ModelTurns::Device::NextLook(const WaiterPtr& waiter, Deadline deadline) {
  const Lock lock(mutex_);
  if (waiter->admission != Admission::kWaiting) return Deadline::At(Clock::time_point{});
  const Clock::time_point now = Clock::now();
  // Past its patience it waits while its model is being loaded.
  Clock::time_point until = waiter->patience > now ? waiter->patience : now + kLoadingLook;
  if (keeper_ == waiter) until = keeper_until_ = std::min(until, plan_.NextLook());
  return Deadline::At(std::min(until, deadline.when()));
}

// REQUIRES: mutex_.
bool ModelTurns::Device::OutOfPatience(const Waiter& waiter, Clock::time_point now) const {
  return waiter.patience <= now && !plan_.IsLoading(waiter.model);
}

// Lets go what may go; `looking`: the waiting call that asks, if one does. REQUIRES: mutex_.
void ModelTurns::Device::Pump(Clock::time_point now, const Waiter* looking) {
  for (const CallId id : plan_.Next(now)) {
    const auto found = waiters_.find(id);
    const WaiterPtr waiter = found->second;
    waiters_.erase(found);
    if (!waiter->background) --interactive_;
    waiter->admission = Admission::kGranted;
    WakeOnLoop(waiter);
  }
  AppointKeeper(looking);
  Show();
}

// Those whose model could not be loaded and that have another expert to ask. REQUIRES: mutex_.
void ModelTurns::Device::RefuseFailed(Clock::time_point now) {
  for (const auto& [id, waiter] : waiters_) {
    if (waiter->last_resort || plan_.FailedUntil(waiter->model) <= now) continue;
    waiter->admission = Admission::kRefused;
    WakeOnLoop(waiter);
  }
}

// Woken for a look that is earlier than the one it waits for, unless it is `looking` right now.
// REQUIRES: mutex_.
void ModelTurns::Device::AppointKeeper(const Waiter* looking) {
  const bool waits = keeper_ != nullptr && keeper_->admission == Admission::kWaiting &&
                     waiters_.contains(keeper_->id);
  if (!waits) {
    keeper_ = waiters_.empty() ? nullptr : waiters_.begin()->second;
    keeper_until_ = Clock::time_point::max();
  }
  if (keeper_ == nullptr || keeper_.get() == looking) return;
  if (plan_.NextLook() < keeper_until_) WakeOnLoop(keeper_);
}

void ModelTurns::Device::Ready(CallId id) {
  const Clock::time_point now = Clock::now();
  const Lock lock(mutex_);
  plan_.Ready(id, now);
  Pump(now);
}

void ModelTurns::Device::End(CallId id, ResidencyPlan::Ending ending) {
  const Clock::time_point now = Clock::now();
  const Lock lock(mutex_);
  plan_.End(id, ending, now);
  if (const auto found = waiters_.find(id); found != waiters_.end()) {
    if (!found->second->background) --interactive_;
    waiters_.erase(found);
  }
  RefuseFailed(now);
  Pump(now);
}

// REQUIRES: mutex_.
Error ModelTurns::Device::CannotLoad(std::string_view model, Clock::time_point now) const {
  Error error{ErrorCode::kUnavailable, "backend `" + backend_ + "` could not load `" +
                                           std::string(model) +
                                           "`, which is left alone for a while"};
  error.retry_after = RetryAfter(plan_.FailedUntil(model) - now);
  return error;
}

// REQUIRES: mutex_.
Error ModelTurns::Device::TooLong(std::string_view model, Clock::time_point now) const {
  Error error{ErrorCode::kOverloaded, "backend `" + backend_ + "` had no room for `" +
                                          std::string(model) +
                                          "` within twice its residency.max_wait"};
  error.retry_after = RetryAfter(plan_.ExpectedWait(model, now));
  return error;
}

// REQUIRES: mutex_.
void ModelTurns::Device::Show() {
  waiting_gauge_.Set(plan_.waiting());
  loads_.Add(plan_.loads() - std::exchange(shown_loads_, plan_.loads()));
  swaps_.Add(plan_.swaps() - std::exchange(shown_swaps_, plan_.swaps()));
}

Clock::duration ModelTurns::Device::ExpectedWait(const Backend& backend, std::string_view model) {
  const Lock lock(mutex_);
  plan_.SetRules(RulesOf(backend));
  return plan_.ExpectedWait(model, Clock::now());
}

ModelTurns::DeviceView ModelTurns::Device::View() const {
  const Lock lock(mutex_);
  DeviceView view{
      .backend = backend_, .models = {}, .last_swap = plan_.last_swap(), .swaps = plan_.swaps()};
  for (ResidencyPlan::ModelView& each : plan_.Models()) {
    std::string name(each.model);
    each.model = {};
    view.models.push_back({std::move(name), each});
  }
  return view;
}

struct ModelTurns::Impl {
  explicit Impl(Metrics& metrics) : metrics(metrics) {}

  std::shared_ptr<Device> For(std::string_view backend) {
    const std::lock_guard lock(mutex);
    for (const auto& device : devices) {
      if (device->backend() == backend) return device;
    }
    return devices.emplace_back(std::make_shared<Device>(metrics, std::string(backend)));
  }

  Metrics& metrics;
  std::mutex mutex;  // guards devices
  std::vector<std::shared_ptr<Device>> devices;
};

ModelTurns::ModelTurns(Metrics& metrics) : impl_(std::make_unique<Impl>(metrics)) {}
ModelTurns::~ModelTurns() = default;

Task<Result<std::unique_ptr<ModelTurns::Turn>>> ModelTurns::Enter(const ExpertCall& call,
                                                                  CallScope scope) {
  const std::shared_ptr<Device> device = impl_->For(call.expert->backend->name);
  co_return co_await device->Enter(call, scope);
}

float ModelTurns::ExpectedWaitMs(const Backend& backend, std::string_view model) const {
  const Clock::duration wait = impl_->For(backend.name)->ExpectedWait(backend, model);
  return std::chrono::duration<float, std::milli>(wait).count();
}

std::vector<ModelTurns::DeviceView> ModelTurns::Devices() const {
  std::vector<std::shared_ptr<Device>> devices;
  {
    const std::lock_guard lock(impl_->mutex);
    devices = impl_->devices;
  }
  std::vector<DeviceView> views;
  for (const auto& device : devices) views.push_back(device->View());
  return views;
}

}  // namespace moerge
