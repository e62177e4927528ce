// One device's models and the calls that wait for them: what ModelTurns has for each. Calls of all
// backends that share the device wait here; a ResidencyPlan decides, a ModelLoader carries out what
// it orders where moerge loads models itself.
//
// Owner: ModelTurns, and whoever holds a turn. Any thread may call.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/loop_waiter.h"
#include "config/base/metrics.h"
#include "services/calls/model_turns.h"
#include "services/hosts/model_loader.h"

namespace moerge {

class ModelTurns::Device : public ModelLoader::Listener,
                           public std::enable_shared_from_this<Device> {
 public:
  // `hosts` may be null: servers load by themselves.
  Device(Metrics& metrics, const std::string& name, ModelHosts* hosts);

  // `last_resort`: whether nothing else may be asked if the model cannot be loaded here.
  Task<Result<std::unique_ptr<Turn>>> Enter(const ExpertCall& call, bool last_resort,
                                            CallScope scope, ModelTurns::Listener* listener);
  DeviceView View() const;
  void AddHistory(std::vector<PastSpell>* history) const;
  Clock::duration ExpectedWait(const Backend& backend, std::string_view model) const;
  // Its load has not failed lately, for all that is known.
  bool CanLoad(const Backend& backend, std::string_view model) const;
  const std::string& name() const { return name_; }
  // All experts of this device that may be asked for. Other models are let go.
  void Learn(const std::vector<const ExpertEntry*>& experts);
  std::vector<std::string> Log(std::string_view backend, std::string_view model) const;
  // False: it has nothing to stop, and `ended` is not called.
  bool Stop(std::function<void()> ended);

  void Loaded(const ModelLoader::Model& model, const HostedModel& hosted) override;
  void LoadFailed(const ModelLoader::Model& model, const Error& error) override;
  void NotUnloaded(const ModelLoader::Model& model, const Error& error) override;
  void NotDropped(const ModelLoader::Model& model, const Error& error) override;
  void Lost(const ModelLoader::Model& model, const std::string& how) override;
  void Seen(const Backend& backend, const Result<std::vector<HostedModel>>& models) override;

 private:
  using CallId = ResidencyPlan::CallId;
  enum class Admission { kWaiting, kGranted, kRefused };
  class HeldTurn;
  class Wait;
  // `admission` belongs to the mutex, `wake` to the caller's loop.
  struct Waiter : LoopWaiter {
    using LoopWaiter::LoopWaiter;
    Admission admission = Admission::kWaiting;
    CallId id{};
    std::string key = {};
    bool background = false;
    bool last_resort = false;
    int failures_left = 0;  // loads that may fail before it is refused although a last resort
    Clock::time_point patience = Clock::time_point::max();
    std::shared_ptr<const Backend> at = {};  // once granted: where its model answers; null: its own
  };
  using WaiterPtr = std::shared_ptr<Waiter>;
  using Lock = std::lock_guard<std::mutex>;
  // A model of a backend.
  struct Known {
    Backend given;                           // as the last call had it
    std::shared_ptr<const Backend> backend;  // the same, on this device alone
    std::string model;
    std::shared_ptr<const Backend> at;  // where it answers; null: at its backend's own address
    std::string error;                  // of its last load or end; empty: all went well
  };

  // The plan's name of a model.
  static std::string KeyOf(std::string_view backend, std::string_view model);
  static std::string ModelIn(std::string_view key);
  Result<WaiterPtr> Queue(const ExpertCall& call, bool last_resort, const Executor& executor);
  Status MayQueue(const ExpertCall& call, bool last_resort, const std::string& key,
                  Clock::time_point now);
  Known& KnownOf(const ExpertEntry& expert, std::string* key);
  void WatchNew(const std::shared_ptr<const Backend>& backend);
  void LetGoAllBut(const std::set<std::string>& keys);
  std::optional<Standing> StandingOf(const Waiter& waiter) const;
  Deadline NextLook(const WaiterPtr& waiter, Deadline deadline);
  bool OutOfPatience(const Waiter& waiter, Clock::time_point now) const;
  void Pump(Clock::time_point now, const Waiter* looking = nullptr);
  void CarryOrders();
  void RefuseFailed(Clock::time_point now);
  void CountFailure(const std::string& key);
  void AppointKeeper(const Waiter* looking);
  void Ready(CallId id);
  void End(CallId id, ResidencyPlan::Ending ending);
  Error CannotLoad(const std::string& key, Clock::time_point now) const;
  Error TooLong(const std::string& key, Clock::time_point now) const;
  void Show();

  const std::string name_;
  ModelHosts* const hosts_;
  mutable std::mutex mutex_;  // guards all below
  ResidencyPlan plan_;
  std::map<std::string, Known> known_;  // by the plan's name of it
  std::map<CallId, WaiterPtr> waiters_;
  int interactive_ = 0;
  // Where moerge loads: made with the first backend of such a kind.
  std::unique_ptr<ModelLoader> loader_;
  std::set<std::string> watched_;  // backends
  std::set<std::string> unseen_;   // of them: nothing is decided before it is known what they have
  bool stopped_ = false;
  // The waiting call that also wakes when the plan is to be asked again.
  WaiterPtr keeper_;
  Clock::time_point keeper_until_ = Clock::time_point::max();  // at the latest
  std::int64_t shown_loads_ = 0;
  std::int64_t shown_swaps_ = 0;
  Gauge& waiting_gauge_;
  Counter& loads_;
  Counter& swaps_;
  Counter& failed_loads_;
  Counter& deaths_;
  Gauge& host_bytes_;
  Gauge* const in_tier_[3];        // models, by tier
  Histogram* const load_time_[2];  // by where they came from
};

}  // namespace moerge
