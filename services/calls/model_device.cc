#include "services/calls/model_device.h"

#include <algorithm>
#include <utility>

#include "config/base/hash.h"
#include "config/base/log.h"

namespace moerge {
namespace {

using DeviceClock = ResidencyPlan::Clock;

constexpr std::chrono::milliseconds kLoadingLook{1000};
constexpr std::chrono::seconds kTellEvery{2};

bool LoadsOnOrder(const Backend& backend) {
  return backend.residency.kind != ResidencyKind::kAlways &&
         backend.residency.kind != ResidencyKind::kLlamaSwap;
}

ResidencyPlan::Rules RulesOf(const Backend& backend) {
  return {.slots = backend.residency.slots,
          .memory = BytesOfGb(backend.residency.memory_gb),
          .concurrency = backend.max_concurrency,
          .max_wait = backend.residency.max_wait,
          .host_memory = BytesOfGb(backend.residency.host_memory_gb),
          .on_order = LoadsOnOrder(backend)};
}

std::chrono::seconds RetryAfter(DeviceClock::duration wait) {
  return std::max(std::chrono::ceil<std::chrono::seconds>(wait), std::chrono::seconds(1));
}

Gauge& TierGauge(Metrics& metrics, const std::string& device, const std::string& tier) {
  return metrics.GetGauge("moerge_residency_models",
                          "Models by where they are: on the device, in the host's memory, on disk.",
                          {{"backend", device}, {"tier", tier}});
}

Histogram& LoadHistogram(Metrics& metrics, const std::string& device, const std::string& from) {
  return metrics.GetHistogram("moerge_residency_load_seconds",
                              "How long loads took that moerge ordered, by where models came from.",
                              LatencyBuckets(), {{"backend", device}, {"from", from}});
}

std::string Gigabytes(std::int64_t bytes) {
  const std::int64_t tenths = (bytes + 50'000'000) / 100'000'000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GB";
}

}  // namespace

ModelTurns::Device::Device(Metrics& metrics, const std::string& name, ModelHosts* hosts)
    : name_(name),
      hosts_(hosts),
      plan_(ResidencyPlan::Rules{}),
      waiting_gauge_(metrics.GetGauge("moerge_residency_waiting",
                                      "Calls that wait until their model is loaded.",
                                      {{"backend", name}})),
      loads_(metrics.GetCounter("moerge_residency_loads_total", "Models loaded.",
                                {{"backend", name}})),
      swaps_(metrics.GetCounter("moerge_residency_swaps_total", "Models loaded in place of others.",
                                {{"backend", name}})),
      failed_loads_(metrics.GetCounter("moerge_residency_failed_loads_total",
                                       "Loads of models that failed.", {{"backend", name}})),
      deaths_(metrics.GetCounter("moerge_residency_server_deaths_total",
                                 "Servers of loaded models that ended by themselves.",
                                 {{"backend", name}})),
      host_bytes_(metrics.GetGauge("moerge_residency_host_bytes",
                                   "What the models take that sleep in the host's memory.",
                                   {{"backend", name}})),
      in_tier_{&TierGauge(metrics, name, "disk"), &TierGauge(metrics, name, "host"),
               &TierGauge(metrics, name, "device")},
      load_time_{&LoadHistogram(metrics, name, "disk"), &LoadHistogram(metrics, name, "host")} {}

class ModelTurns::Device::HeldTurn : public ModelTurns::Turn {
 public:
  HeldTurn(std::shared_ptr<Device> device, CallId id, bool loading,
           std::shared_ptr<const Backend> at)
      : device_(std::move(device)), id_(id), loading_(loading), at_(std::move(at)) {}
  ~HeldTurn() override { device_->End(id_, ending_); }

  bool loading() const override { return loading_; }
  const Backend* at() const override { return at_.get(); }
  void Ready() override { device_->Ready(id_); }
  void Answered() override { ending_ = ResidencyPlan::Ending::kAnswered; }
  void Failed() override { ending_ = ResidencyPlan::Ending::kFailed; }

 private:
  std::shared_ptr<Device> device_;
  CallId id_;
  bool loading_;
  std::shared_ptr<const Backend> at_;
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
    return std::make_unique<HeldTurn>(device_, waiter_->id, loading, waiter_->at);
  }

 private:
  std::shared_ptr<Device> device_;
  WaiterPtr waiter_;
  bool taken_ = false;
};

Task<Result<std::unique_ptr<ModelTurns::Turn>>> ModelTurns::Device::Enter(
    const ExpertCall& call, bool last_resort, CallScope scope, ModelTurns::Listener* listener) {
  const Executor executor = co_await ThisLoop();
  Result<WaiterPtr> queued = Queue(call, last_resort, executor);
  if (!queued) co_return std::move(queued).error();
  const WaiterPtr waiter = *std::move(queued);
  Wait wait(shared_from_this(), waiter);
  Cancellation::Registration cancelled;
  if (scope.cancellation != nullptr) {
    cancelled = scope.cancellation->OnCancel([waiter] { waiter->wake.Set(); });
  }
  Clock::time_point tell_at = listener == nullptr ? Clock::time_point::max() : Clock::time_point{};
  while (true) {
    if (tell_at <= Clock::now()) {
      const std::optional<Standing> standing = StandingOf(*waiter);
      if (standing) co_await listener->Waits(*standing);
      tell_at = Clock::now() + kTellEvery;
    }
    const Deadline look = NextLook(waiter, scope.deadline);
    const Deadline until = Deadline::At(std::min(look.when(), tell_at));
    co_await waiter->wake.WaitUntil(until);
    waiter->wake.Reset();
    const Clock::time_point now = Clock::now();
    if (scope.cancellation != nullptr && scope.cancellation->cancelled()) {
      co_return Error{ErrorCode::kCancelled, "the call was cancelled"};
    }
    const Lock lock(mutex_);
    if (waiter->admission == Admission::kWaiting) Pump(now, waiter.get());
    if (waiter->admission == Admission::kGranted) break;
    if (waiter->admission == Admission::kRefused) co_return CannotLoad(waiter->key, now);
    if (scope.deadline.Passed(now)) {
      co_return Error{ErrorCode::kTimeout,
                      "the request's deadline passed while it waited for its model to be loaded"};
    }
    if (OutOfPatience(*waiter, now)) co_return TooLong(waiter->key, now);
  }
  const Lock lock(mutex_);
  co_return wait.Take(plan_.IsLoading(waiter->key));
}

// REQUIRES: mutex_.
ModelTurns::Device::Known& ModelTurns::Device::KnownOf(const ExpertEntry& expert,
                                                       std::string* key) {
  const Backend& backend = *expert.backend;
  *key = KeyOf(backend.name, expert.spec.model);
  Known& known = known_[*key];
  if (known.backend == nullptr || known.given != backend) {
    if (known.at != nullptr) {
      auto at = std::make_shared<Backend>(backend);
      at->base_url = known.at->base_url;
      known.at = std::move(at);
    }
    known.given = backend;
    auto here = std::make_shared<Backend>(backend);
    here->residency.device = name_;
    here->residency.devices.clear();
    known.backend = std::move(here);
    known.model = expert.spec.model;
  }
  if (LoadsOnOrder(backend) && !watched_.contains(backend.name)) WatchNew(known.backend);
  return known;
}

// REQUIRES: mutex_.
void ModelTurns::Device::WatchNew(const std::shared_ptr<const Backend>& backend) {
  if (hosts_ == nullptr || stopped_) return;
  if (loader_ == nullptr) loader_ = std::make_unique<ModelLoader>(*hosts_, weak_from_this());
  watched_.insert(backend->name);
  unseen_.insert(backend->name);
  loader_->Watch(backend);
}

void ModelTurns::Device::Learn(const std::vector<const ExpertEntry*>& experts) {
  const Lock lock(mutex_);
  std::set<std::string> keys;
  for (const ExpertEntry* expert : experts) {
    plan_.SetRules(RulesOf(*expert->backend));
    std::string key;
    KnownOf(*expert, &key);
    plan_.Learn(key, BytesOfGb(expert->spec.memory_gb), SleepsInHost(expert->backend->residency));
    keys.insert(std::move(key));
  }
  LetGoAllBut(keys);
  Pump(Clock::now());
}

// Models of no expert, and backends of no such model. REQUIRES: mutex_.
void ModelTurns::Device::LetGoAllBut(const std::set<std::string>& keys) {
  std::set<std::string> backends;
  for (const auto& [key, known] : known_) {
    if (!keys.contains(key)) plan_.Retire(key);
    if (keys.contains(key)) backends.insert(known.backend->name);
  }
  std::erase_if(watched_, [&](const std::string& backend) {
    if (backends.contains(backend)) return false;
    loader_->Unwatch(backend);
    return true;
  });
}

// REQUIRES: mutex_.
Status ModelTurns::Device::MayQueue(const ExpertCall& call, bool last_resort,
                                    const std::string& key, Clock::time_point now) {
  const Backend& backend = *call.expert->backend;
  if (!call.background() && interactive_ >= backend.max_queue && backend.max_queue > 0) {
    Error full{ErrorCode::kRateLimited, std::to_string(interactive_) + " calls wait at backend `" +
                                            backend.name +
                                            "` for their model to be loaded: its queue is full"};
    full.retry_after = RetryAfter(plan_.ExpectedWait(key, now));
    return full;
  }
  const std::int64_t bytes = BytesOfGb(call.expert->spec.memory_gb);
  const std::int64_t room = RulesOf(backend).memory;
  if (LoadsOnOrder(backend) && room > 0 && bytes > room) {
    return Error{ErrorCode::kUnavailable, "expert `" + call.expert->spec.name + "` takes " +
                                              Gigabytes(bytes) + " (memory_gb), more than the " +
                                              Gigabytes(room) + " that device `" + name_ +
                                              "` has (residency.memory_gb)"};
  }
  if (!last_resort && plan_.FailedUntil(key) > now) return CannotLoad(key, now);
  if (!call.deadline.never() && plan_.LeastWait(key, now) > call.deadline.Left(now)) {
    Error late{ErrorCode::kOverloaded, "backend `" + backend.name + "` needs longer to load `" +
                                           call.expert->spec.model +
                                           "` than the request's deadline allows"};
    late.retry_after = RetryAfter(plan_.ExpectedWait(key, now));
    return late;
  }
  return Ok{};
}

// REQUIRES no lock.
Result<ModelTurns::Device::WaiterPtr> ModelTurns::Device::Queue(const ExpertCall& call,
                                                                bool last_resort,
                                                                const Executor& executor) {
  const Backend& backend = *call.expert->backend;
  const Clock::time_point now = Clock::now();
  const Lock lock(mutex_);
  plan_.SetRules(RulesOf(backend));
  auto waiter = std::make_shared<Waiter>(executor);
  KnownOf(*call.expert, &waiter->key);
  if (Status may = MayQueue(call, last_resort, waiter->key, now); !may)
    return std::move(may).error();
  waiter->background = call.background();
  waiter->last_resort = last_resort;
  waiter->failures_left = backend.retries;
  if (!waiter->background) waiter->patience = now + 2 * backend.residency.max_wait;
  waiter->id = plan_.Arrive({.model = waiter->key,
                             .bytes = BytesOfGb(call.expert->spec.memory_gb),
                             .sleeps = SleepsInHost(backend.residency),
                             .background = waiter->background,
                             .client = Hash64(call.origin->client),
                             .place = call.place()},
                            now);
  waiters_.emplace(waiter->id, waiter);
  if (!waiter->background) ++interactive_;
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
  return waiter.patience <= now && !plan_.IsLoading(waiter.key);
}

// Lets go what may go; `looking`: the waiting call that asks, if one does. REQUIRES: mutex_.
void ModelTurns::Device::Pump(Clock::time_point now, const Waiter* looking) {
  const std::vector<CallId> going = unseen_.empty() ? plan_.Next(now) : std::vector<CallId>();
  for (const CallId id : going) {
    const auto found = waiters_.find(id);
    const WaiterPtr waiter = found->second;
    waiters_.erase(found);
    if (!waiter->background) --interactive_;
    waiter->admission = Admission::kGranted;
    waiter->at = known_.at(waiter->key).at;
    WakeOnLoop(waiter);
  }
  CarryOrders();
  AppointKeeper(looking);
  Show();
}

// REQUIRES: mutex_.
void ModelTurns::Device::CarryOrders() {
  const auto model = [this](const std::string& key) {
    const Known& known = known_.at(key);
    return ModelLoader::Model{known.backend, known.model};
  };
  for (const ResidencyPlan::Order& order : plan_.TakeOrders()) {
    ModelLoader::Order carried;
    if (!order.load.empty()) carried.load = model(order.load);
    carried.wakes = order.from == ResidencyPlan::Tier::kHost;
    for (const std::string& key : order.unload) carried.unload.push_back(model(key));
    for (const std::string& key : order.sleep) carried.sleep.push_back(model(key));
    for (const std::string& key : order.drop) carried.drop.push_back(model(key));
    if (loader_ != nullptr && !stopped_) loader_->Carry(std::move(carried));
  }
}

// Those whose model could not be loaded and that have another expert to ask, or have seen it fail
// often enough. REQUIRES: mutex_.
void ModelTurns::Device::RefuseFailed(Clock::time_point now) {
  for (const auto& [id, waiter] : waiters_) {
    const bool stays = waiter->last_resort && waiter->failures_left >= 0;
    if (stays || plan_.FailedUntil(waiter->key) <= now) continue;
    waiter->admission = Admission::kRefused;
    WakeOnLoop(waiter);
  }
}

// REQUIRES: mutex_.
void ModelTurns::Device::CountFailure(const std::string& key) {
  for (const auto& [id, waiter] : waiters_) {
    if (waiter->key == key) --waiter->failures_left;
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

void ModelTurns::Device::Loaded(const ModelLoader::Model& model, const HostedModel& hosted) {
  const Clock::time_point now = Clock::now();
  const Lock lock(mutex_);
  const std::string key = KeyOf(model.backend->name, model.name);
  Known& known = known_.at(key);
  known.error.clear();
  known.at = nullptr;
  if (!hosted.base_url.empty()) {
    auto at = std::make_shared<Backend>(*known.backend);
    at->base_url = hosted.base_url;
    known.at = std::move(at);
  }
  if (hosted.bytes > 0) plan_.Measured(key, hosted.bytes);
  const std::int64_t room = RulesOf(*known.backend).memory;
  if (room > 0 && hosted.bytes > room) {
    LogWarning("a model takes more memory than its device has",
               {{"device", name_}, {"model", model.name}, {"bytes", hosted.bytes}});
  }
  if (const auto taken = plan_.Loaded(key, now)) {
    const std::chrono::duration<double> time = taken->time;
    load_time_[taken->from == ResidencyPlan::Tier::kHost]->Observe(time.count());
  }
  Pump(now);
}

void ModelTurns::Device::LoadFailed(const ModelLoader::Model& model, const Error& error) {
  const Clock::time_point now = Clock::now();
  const Lock lock(mutex_);
  const std::string key = KeyOf(model.backend->name, model.name);
  known_.at(key).error = error.message;
  plan_.LoadFailed(key, now);
  failed_loads_.Add();
  CountFailure(key);
  RefuseFailed(now);
  Pump(now);
}

void ModelTurns::Device::NotUnloaded(const ModelLoader::Model& model, const Error& error) {
  const Clock::time_point now = Clock::now();
  const Lock lock(mutex_);
  const std::string key = KeyOf(model.backend->name, model.name);
  known_.at(key).error = "could not be unloaded: " + error.message;
  plan_.NotUnloaded(key, now);
  Pump(now);
}

void ModelTurns::Device::NotDropped(const ModelLoader::Model& model, const Error& error) {
  const Lock lock(mutex_);
  const std::string key = KeyOf(model.backend->name, model.name);
  known_.at(key).error = "could not be dropped from the host's memory: " + error.message;
  plan_.NotDropped(key);
  Show();
}

void ModelTurns::Device::Lost(const ModelLoader::Model& model, const std::string& how) {
  const Clock::time_point now = Clock::now();
  const Lock lock(mutex_);
  const std::string key = KeyOf(model.backend->name, model.name);
  known_.at(key).error = "its server " + how;
  plan_.Lost(key, now);
  deaths_.Add();
  RefuseFailed(now);
  Pump(now);
}

// Where the list cannot be had, what was known stays; a load will say what is wrong.
void ModelTurns::Device::Seen(const Backend& backend,
                              const Result<std::vector<HostedModel>>& models) {
  const Clock::time_point now = Clock::now();
  const Lock lock(mutex_);
  unseen_.erase(backend.name);
  for (const auto& [key, known] : known_) {
    if (!models || known.backend->name != backend.name) continue;
    const auto found = std::ranges::find(*models, known.model, &HostedModel::model);
    if (found == models->end()) {
      plan_.Gone(key, now);
      continue;
    }
    plan_.Found(key, now);
    if (found->bytes > 0) plan_.Measured(key, found->bytes);
  }
  Pump(now);
}

// REQUIRES: mutex_.
Error ModelTurns::Device::CannotLoad(const std::string& key, Clock::time_point now) const {
  const Known& known = known_.at(key);
  Error error{ErrorCode::kUnavailable, "backend `" + known.backend->name + "` could not load `" +
                                           known.model + "`, which is left alone for a while"};
  error.retry_after = RetryAfter(plan_.FailedUntil(key) - now);
  return error;
}

// REQUIRES: mutex_.
Error ModelTurns::Device::TooLong(const std::string& key, Clock::time_point now) const {
  const Known& known = known_.at(key);
  Error error{ErrorCode::kOverloaded, "backend `" + known.backend->name + "` had no room for `" +
                                          known.model + "` within twice its residency.max_wait"};
  error.retry_after = RetryAfter(plan_.ExpectedWait(key, now));
  return error;
}

// REQUIRES: mutex_.
void ModelTurns::Device::Show() {
  waiting_gauge_.Set(plan_.waiting());
  loads_.Add(plan_.loads() - std::exchange(shown_loads_, plan_.loads()));
  host_bytes_.Set(static_cast<double>(plan_.HostBytes()));
  const std::array<int, 3> models = plan_.InTiers();
  for (std::size_t tier = 0; tier < models.size(); ++tier) in_tier_[tier]->Set(models[tier]);
  swaps_.Add(plan_.swaps() - std::exchange(shown_swaps_, plan_.swaps()));
}

bool ModelTurns::Device::Stop(std::function<void()> ended) {
  const Lock lock(mutex_);
  if (loader_ == nullptr || std::exchange(stopped_, true)) return false;
  loader_->Stop(std::move(ended));
  return true;
}

}  // namespace moerge
