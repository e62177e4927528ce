#include "tests/bench/residency/common/device_run.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <map>
#include <queue>
#include <random>
#include <string>
#include <utility>

#include "services/calls/placement.h"
#include "services/calls/residency_plan.h"

namespace moerge {
namespace {

using Plan = ResidencyPlan;

constexpr std::int64_t kModelBytes = 1;  // of the host's memory, which has room for so many

Plan::Duration Lasting(double seconds) {
  return std::chrono::duration_cast<Plan::Duration>(std::chrono::duration<double>(seconds));
}
// After the clock's zero, which the plan takes for "never".
Plan::Time At(double seconds) { return Plan::Time{} + Lasting(seconds + 3600); }
double SecondsOf(Plan::Time time) {
  return std::chrono::duration<double>(time - Plan::Time{}).count() - 3600;
}

enum class Happening { kArrival, kEnd, kLook, kLoaded };
struct Event {
  double time = 0;
  Happening what = Happening::kArrival;
  std::size_t subject = 0;  // the call; kLoaded: the model
  std::size_t device = 0;
  bool operator<(const Event& other) const { return time > other.time; }
};
using Events = std::priority_queue<Event>;

Events EventsOf(const std::vector<SimulatedCall>& calls) {
  Events events;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    events.push({calls[i].time, Happening::kArrival, i});
  }
  return events;
}

class PlanRun {
 public:
  PlanRun(const SimulatedDevice& device, const std::vector<SimulatedCall>& calls,
          const PlanUse& use)
      : device_(device),
        calls_(calls),
        use_(use),
        placement_({.devices = device.devices, .slots = device.slots}),
        events_(EventsOf(calls)),
        running_(calls.size()) {
    for (int i = 0; i < device.devices; ++i) devices_.emplace_back(RulesOf(device, use));
    outcome_.work.assign(devices_.size(), 0);
  }

  SimulatedOutcome Run() {
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      now_ = event.time;
      if (event.what == Happening::kArrival) Arrive(event.subject);
      if (event.what == Happening::kEnd) End(event.subject);
      if (event.what == Happening::kLoaded) {
        devices_[event.device].plan.Loaded(std::to_string(event.subject), At(now_));
      }
      for (std::size_t device = 0; device < devices_.size(); ++device) LetGo(device);
    }
    for (const One& each : devices_) outcome_.loads += each.plan.loads();
    return std::move(outcome_);
  }

 private:
  struct One {
    explicit One(const Plan::Rules& rules) : plan(rules) {}
    Plan plan;
    std::map<Plan::CallId, std::size_t> calls;
    double asked = -1;
  };
  struct Running {
    std::size_t device = 0;
    Plan::CallId id{};
  };

  static Plan::Rules RulesOf(const SimulatedDevice& device, const PlanUse& use) {
    Plan::Rules rules;
    rules.slots = device.slots;
    rules.concurrency = device.concurrency;
    rules.max_wait = Lasting(device.max_wait);
    rules.load_guess = Lasting(device.load);
    rules.on_order = use.on_order;
    rules.prefetch = use.prefetch;
    rules.host_memory = device.host * kModelBytes;
    rules.wake_guess = Lasting(device.wake);
    return rules;
  }

  std::size_t DeviceOf(int model) {
    if (!use_.placed) return static_cast<std::size_t>(model) % devices_.size();
    const std::vector<bool> usable(devices_.size(), true);
    return static_cast<std::size_t>(placement_.Begin(std::to_string(model), 0, usable, At(now_)));
  }

  void Arrive(std::size_t call) {
    const std::string name = std::to_string(calls_[call].model);
    const std::size_t device = DeviceOf(calls_[call].model);
    One& on = devices_[device];
    for (const Plan::ModelView& view : on.plan.Models()) {
      outcome_.hits += view.model == name && view.state == Plan::State::kLoaded;
    }
    outcome_.told += std::chrono::duration<double>(on.plan.ExpectedWait(name, At(now_))).count();
    running_[call] = {device, on.plan.Arrive({.model = name,
                                              .bytes = kModelBytes,
                                              .sleeps = use_.on_order && device_.host > 0,
                                              .background = use_.background},
                                             At(now_))};
    on.calls[running_[call].id] = call;
  }

  void End(std::size_t call) {
    const auto [device, id] = running_[call];
    devices_[device].plan.End(id, Plan::Ending::kAnswered, At(now_));
    outcome_.work[device] += calls_[call].service;
    outcome_.end = now_;
    if (!use_.placed) return;
    placement_.End(std::to_string(calls_[call].model), static_cast<int>(device),
                   calls_[call].service, At(now_));
  }

  void LetGo(std::size_t device) {
    One& on = devices_[device];
    for (const Plan::CallId id : on.plan.Next(At(now_))) {
      const std::size_t call = on.calls[id];
      const double loaded = use_.on_order ? 0 : LoadedAt(on.plan, calls_[call].model);
      const double begin = std::max(now_, loaded);
      outcome_.waits.push_back(begin - calls_[call].time);
      events_.push({begin + calls_[call].service, Happening::kEnd, call});
    }
    for (const Plan::Order& order : on.plan.TakeOrders()) {
      outcome_.drops += static_cast<std::int64_t>(order.drop.size());
      if (order.load.empty()) continue;
      const std::size_t model = std::stoul(order.load);
      events_.push({now_ + TimeOf(order, model), Happening::kLoaded, model, device});
    }
    const double look = SecondsOf(on.plan.NextLook());
    if (on.plan.NextLook() != Plan::Time::max() && look != on.asked) {
      on.asked = look;
      events_.push({std::max(look, now_) + 1e-6, Happening::kLook});
    }
  }

  // One step after the other.
  double TimeOf(const Plan::Order& order, std::size_t model) {
    const bool wakes = order.from == Plan::Tier::kHost;
    outcome_.wakes += wakes;
    const auto moves = static_cast<double>(order.sleep.size() + order.drop.size());
    return moves * device_.wake + (wakes ? device_.wake : device_.LoadOf(static_cast<int>(model)));
  }

  double LoadedAt(const Plan& plan, int model) const {
    const std::string name = std::to_string(model);
    for (const Plan::ModelView& view : plan.Models()) {
      if (view.model != name || view.state != Plan::State::kLoading) continue;
      return SecondsOf(view.since) + device_.LoadOf(model);
    }
    return 0;
  }

  const SimulatedDevice& device_;
  const std::vector<SimulatedCall>& calls_;
  const PlanUse use_;
  std::deque<One> devices_;
  Placement placement_;
  Events events_;
  std::vector<Running> running_;
  double now_ = 0;
  SimulatedOutcome outcome_;
};

class PlainRun {
 public:
  PlainRun(const SimulatedDevice& device, const std::vector<SimulatedCall>& calls, bool collates)
      : device_(device), calls_(calls), collates_(collates), events_(EventsOf(calls)) {}

  SimulatedOutcome Run() {
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      now_ = event.time;
      if (event.what == Happening::kArrival) {
        const Model& model = models_[calls_[event.subject].model];
        outcome_.hits += model.loaded && model.ready <= now_;
        waiting_.push_back(event.subject);
      }
      if (event.what == Happening::kEnd) {
        Model& model = models_[calls_[event.subject].model];
        --model.running;
        --running_;
        model.used = now_;
        outcome_.end = now_;
      }
      LetGo();
    }
    return std::move(outcome_);
  }

 private:
  struct Model {
    bool loaded = false;
    bool leaves = false;
    double ready = 0;
    double used = 0;
    int running = 0;
  };

  void LetGo() {
    bool again = true;
    while (again) {
      again = false;
      for (auto call = waiting_.begin();
           call != waiting_.end() && running_ < device_.concurrency;) {
        const Model& model = models_[calls_[*call].model];
        if (model.loaded && !model.leaves) {
          Begin(*call);
          call = waiting_.erase(call);
        } else if (collates_) {
          ++call;
        } else {
          break;
        }
      }
      const auto first = std::ranges::find_if(
          waiting_, [&](std::size_t call) { return !models_[calls_[call].model].loaded; });
      if (first != waiting_.end() && running_ < device_.concurrency) {
        again = Load(calls_[*first].model);
      }
    }
  }

  bool Load(int wanted) {
    const auto loaded =
        std::ranges::count_if(models_, [](const auto& each) { return each.second.loaded; });
    if (loaded >= device_.slots) {
      Model* oldest = nullptr;
      for (auto& [name, model] : models_) {
        if (!model.loaded || (!collates_ && model.running > 0)) continue;
        if (oldest == nullptr || model.used < oldest->used) oldest = &model;
      }
      if (oldest == nullptr) return false;
      oldest->leaves = oldest->running > 0;
      if (oldest->leaves) return false;
      oldest->loaded = false;
    }
    models_[wanted] = {.loaded = true, .ready = now_ + device_.LoadOf(wanted), .used = now_};
    ++outcome_.loads;
    return true;
  }

  void Begin(std::size_t call) {
    Model& model = models_[calls_[call].model];
    const double begin = std::max(now_, model.ready);
    ++model.running;
    ++running_;
    model.used = now_;
    outcome_.waits.push_back(begin - calls_[call].time);
    events_.push({begin + calls_[call].service, Happening::kEnd, call});
  }

  const SimulatedDevice& device_;
  const std::vector<SimulatedCall>& calls_;
  const bool collates_;
  Events events_;
  std::map<int, Model> models_;
  std::deque<std::size_t> waiting_;
  int running_ = 0;
  double now_ = 0;
  SimulatedOutcome outcome_;
};

}  // namespace

std::vector<SimulatedCall> ZipfCalls(const SimulatedDevice& device, double rate, double seconds,
                                     double run, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<double> weights;
  for (int i = 0; i < device.models; ++i) weights.push_back(1.0 / (i + 1));
  std::discrete_distribution<int> pick(weights.begin(), weights.end());
  std::exponential_distribution<double> gap(rate), service(1 / device.service);
  std::bernoulli_distribution changes(1 / run);
  std::vector<SimulatedCall> calls;
  int model = pick(random);
  for (double now = gap(random); now < seconds; now += gap(random)) {
    if (changes(random)) model = pick(random);
    calls.push_back({now, model, service(random)});
  }
  return calls;
}

SimulatedOutcome RunPlan(const SimulatedDevice& device, const std::vector<SimulatedCall>& calls,
                         const PlanUse& use) {
  return PlanRun(device, calls, use).Run();
}

SimulatedOutcome RunPlain(const SimulatedDevice& device, const std::vector<SimulatedCall>& calls,
                          bool collates) {
  return PlainRun(device, calls, collates).Run();
}

int RunBench(const char* what, int argc, char** argv, int (*run)(SimulatedDevice, double)) {
  SimulatedDevice device;
  double seconds = 3600;
  CLI::App app(what);
  app.add_option("--models", device.models, "How many, Zipf")->check(CLI::Range(1, 1000));
  app.add_option("--load", device.load, "Seconds a load takes");
  app.add_option("--wake", device.wake, "Seconds a model takes from the host's memory");
  app.add_option("--service", device.service, "Mean seconds of a call");
  app.add_option("--concurrency", device.concurrency, "Calls at once");
  app.add_option("--max-wait", device.max_wait, "residency.max_wait, seconds");
  app.add_option("--seconds", seconds, "Simulated time");
  CLI11_PARSE(app, argc, argv);
  std::printf("%d models, %.1f s a load, %.1f s a call, %d calls at once, max_wait %.0f s\n",
              device.models, device.load, device.service, device.concurrency, device.max_wait);
  return run(device, seconds);
}

}  // namespace moerge
