// What grouping calls by model is worth where a device has room for few models: the plan of moerge
// next to first come first served and to what model swappers do, on simulated time. Prints what
// each makes of the same arrivals.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <deque>
#include <functional>
#include <map>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "services/calls/residency_plan.h"

namespace moerge {
namespace {

using Plan = ResidencyPlan;

struct Device {
  int models = 16;
  int slots = 1;
  int concurrency = 8;
  double load = 8;     // seconds
  double service = 1;  // mean seconds of a call, exponential
  double max_wait = 30;
};

struct Arrival {
  double time = 0;
  int model = 0;
  double service = 0;
};

struct Outcome {
  double end = 0;
  std::int64_t loads = 0;
  std::int64_t hits = 0;      // calls that found their model loaded when they came
  std::vector<double> waits;  // until a call runs on its loaded model
};

// How the plan is used.
struct Use {
  bool background = false;
  bool on_order = false;  // moerge loads models itself, not the server for the first call
  bool prefetch = false;  // of models that are loaded on order
};

Plan::Duration Lasting(double seconds) {
  return std::chrono::duration_cast<Plan::Duration>(std::chrono::duration<double>(seconds));
}
// After the clock's zero, which the plan takes for "never".
Plan::Time At(double seconds) { return Plan::Time{} + Lasting(seconds + 3600); }
double SecondsOf(Plan::Time time) {
  return std::chrono::duration<double>(time - Plan::Time{}).count() - 3600;
}

// Models by a Zipf law; `run` calls of one model in a row on average.
std::vector<Arrival> Arrivals(const Device& device, double rate, double seconds, double run,
                              unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<double> weights;
  for (int i = 0; i < device.models; ++i) weights.push_back(1.0 / (i + 1));
  std::discrete_distribution<int> pick(weights.begin(), weights.end());
  std::exponential_distribution<double> gap(rate), service(1 / device.service);
  std::bernoulli_distribution changes(1 / run);
  std::vector<Arrival> arrivals;
  int model = pick(random);
  for (double now = gap(random); now < seconds; now += gap(random)) {
    if (changes(random)) model = pick(random);
    arrivals.push_back({now, model, service(random)});
  }
  return arrivals;
}

enum class Happening { kArrival, kEnd, kLook, kLoaded };
struct Event {
  double time = 0;
  Happening what = Happening::kArrival;
  std::size_t call = 0;  // kLoaded: the model
  bool operator<(const Event& other) const { return time > other.time; }
};
using Events = std::priority_queue<Event>;

Events EventsOf(const std::vector<Arrival>& arrivals) {
  Events events;
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    events.push({arrivals[i].time, Happening::kArrival, i});
  }
  return events;
}

class PlanRun {
 public:
  PlanRun(const Device& device, const std::vector<Arrival>& arrivals, const Use& use)
      : device_(device),
        arrivals_(arrivals),
        use_(use),
        plan_(RulesOf(device, use)),
        events_(EventsOf(arrivals)),
        ids_(arrivals.size()) {}

  Outcome Run() {
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      now_ = event.time;
      if (event.what == Happening::kArrival) Arrive(event.call);
      if (event.what == Happening::kEnd) {
        plan_.End(ids_[event.call], Plan::Ending::kAnswered, At(now_));
        outcome_.end = now_;
      }
      if (event.what == Happening::kLoaded) plan_.Loaded(std::to_string(event.call), At(now_));
      LetGo();
    }
    outcome_.loads = plan_.loads();
    return std::move(outcome_);
  }

 private:
  static Plan::Rules RulesOf(const Device& device, const Use& use) {
    Plan::Rules rules;
    rules.slots = device.slots;
    rules.concurrency = device.concurrency;
    rules.max_wait = Lasting(device.max_wait);
    rules.load_guess = Lasting(device.load);
    rules.on_order = use.on_order;
    rules.prefetch = use.prefetch;
    return rules;
  }

  void Arrive(std::size_t call) {
    const std::string name = std::to_string(arrivals_[call].model);
    for (const Plan::ModelView& view : plan_.Models()) {
      outcome_.hits += view.model == name && view.state == Plan::State::kLoaded;
    }
    ids_[call] = plan_.Arrive({.model = name, .background = use_.background}, At(now_));
    calls_[ids_[call]] = call;
  }

  void LetGo() {
    for (const Plan::CallId id : plan_.Next(At(now_))) {
      const std::size_t call = calls_[id];
      const double loaded = use_.on_order ? 0 : LoadedAt(arrivals_[call].model);
      const double begin = std::max(now_, loaded);
      outcome_.waits.push_back(begin - arrivals_[call].time);
      events_.push({begin + arrivals_[call].service, Happening::kEnd, call});
    }
    for (const Plan::Order& order : plan_.TakeOrders()) {
      if (order.load.empty()) continue;
      events_.push({now_ + device_.load, Happening::kLoaded, std::stoul(order.load)});
    }
    const double look = SecondsOf(plan_.NextLook());
    if (plan_.NextLook() != Plan::Time::max() && look != asked_) {
      asked_ = look;
      events_.push({std::max(look, now_) + 1e-6, Happening::kLook, 0});
    }
  }

  double LoadedAt(int model) {
    const std::string name = std::to_string(model);
    for (const Plan::ModelView& view : plan_.Models()) {
      if (view.model != name || view.state != Plan::State::kLoading) continue;
      return SecondsOf(view.since) + device_.load;
    }
    return 0;
  }

  const Device& device_;
  const std::vector<Arrival>& arrivals_;
  const Use use_;
  Plan plan_;
  Events events_;
  std::vector<Plan::CallId> ids_;
  std::map<Plan::CallId, std::size_t> calls_;
  double now_ = 0;
  double asked_ = -1;
  Outcome outcome_;
};

// What does not look at the queue: calls go in the order in which they came, or (collating, as
// model swappers do) overtake those whose model is not loaded; what makes room is the least
// recently used, as soon as a call of another model has come.
class PlainRun {
 public:
  PlainRun(const Device& device, const std::vector<Arrival>& arrivals, bool collates)
      : device_(device), arrivals_(arrivals), collates_(collates), events_(EventsOf(arrivals)) {}

  Outcome Run() {
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      now_ = event.time;
      if (event.what == Happening::kArrival) {
        const Model& model = models_[arrivals_[event.call].model];
        outcome_.hits += model.loaded && model.ready <= now_;
        waiting_.push_back(event.call);
      }
      if (event.what == Happening::kEnd) {
        Model& model = models_[arrivals_[event.call].model];
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
        const Model& model = models_[arrivals_[*call].model];
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
          waiting_, [&](std::size_t call) { return !models_[arrivals_[call].model].loaded; });
      if (first != waiting_.end() && running_ < device_.concurrency) {
        again = Load(arrivals_[*first].model);
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
    models_[wanted] = {.loaded = true, .ready = now_ + device_.load, .used = now_};
    ++outcome_.loads;
    return true;
  }

  void Begin(std::size_t call) {
    Model& model = models_[arrivals_[call].model];
    const double begin = std::max(now_, model.ready);
    ++model.running;
    ++running_;
    model.used = now_;
    outcome_.waits.push_back(begin - arrivals_[call].time);
    events_.push({begin + arrivals_[call].service, Happening::kEnd, call});
  }

  const Device& device_;
  const std::vector<Arrival>& arrivals_;
  const bool collates_;
  Events events_;
  std::map<int, Model> models_;
  std::deque<std::size_t> waiting_;
  int running_ = 0;
  double now_ = 0;
  Outcome outcome_;
};

// The fewest loads of calls that are served in the order in which they came (Belady).
std::int64_t FewestInOrder(const std::vector<Arrival>& arrivals, int slots) {
  std::map<int, std::deque<std::size_t>> uses;
  for (std::size_t i = 0; i < arrivals.size(); ++i) uses[arrivals[i].model].push_back(i);
  std::set<int> loaded;
  std::int64_t loads = 0;
  for (const Arrival& arrival : arrivals) {
    uses[arrival.model].pop_front();
    if (loaded.contains(arrival.model)) continue;
    ++loads;
    if (loaded.size() == static_cast<std::size_t>(slots)) {
      const auto next_use = [&](int model) {
        return uses[model].empty() ? arrivals.size() : uses[model].front();
      };
      loaded.erase(*std::ranges::max_element(loaded, {}, next_use));
    }
    loaded.insert(arrival.model);
  }
  return loads;
}

void Print(const char* name, Outcome outcome) {
  std::vector<double>& waits = outcome.waits;
  std::ranges::sort(waits);
  const auto at = [&](double share) {
    if (waits.empty()) return 0.0;
    return waits[std::min(waits.size() - 1,
                          static_cast<std::size_t>(share * static_cast<double>(waits.size())))];
  };
  double sum = 0;
  for (const double wait : waits) sum += wait;
  const auto count = static_cast<double>(waits.size());
  std::printf("  %-30s %8.3f %8lld %9.1f %9.1f %9.1f %9.1f\n", name, count / outcome.end,
              static_cast<long long>(outcome.loads), sum / count, at(0.5), at(0.99), at(1));
}

void Online(const Device& device, double load, double run, double seconds) {
  const double capacity = device.concurrency / device.service;
  const std::vector<Arrival> arrivals = Arrivals(device, load * capacity, seconds, run, 7);
  std::printf("\n%d slots, %.0f %% load, %.0f calls of a model in a row: %zu calls\n", device.slots,
              load * 100, run, arrivals.size());
  std::printf("  %-30s %8s %8s %9s %9s %9s %9s\n", "", "calls/s", "loads", "wait s", "p50", "p99",
              "longest");
  Print("first come, LRU", PlainRun(device, arrivals, false).Run());
  Print("collating at once, LRU", PlainRun(device, arrivals, true).Run());
  Print("moerge", PlanRun(device, arrivals, {}).Run());
  std::printf("  %-30s %8s %8lld\n", "fewest in order (Belady)", "",
              static_cast<long long>(FewestInOrder(arrivals, device.slots)));
}

// Few calls, so that loads and not places are what is waited for.
void Ahead(const Device& device, double load, double seconds) {
  const double capacity = device.concurrency / device.service;
  const std::vector<Arrival> arrivals = Arrivals(device, load * capacity, seconds, 1, 11);
  std::printf("\n%d slots, %.0f %% load: %zu calls\n", device.slots, load * 100, arrivals.size());
  std::printf("  %-30s %8s %8s %9s %9s %9s\n", "", "hits", "loads", "wait s", "latency", "p99");
  double first_come = 0;
  const auto print = [&](const char* name, Outcome outcome) {
    const auto count = static_cast<double>(outcome.waits.size());
    double sum = 0;
    for (const double wait : outcome.waits) sum += wait;
    const double latency = sum / count + device.service;
    if (first_come == 0) first_come = latency;
    std::ranges::sort(outcome.waits);
    std::printf("  %-30s %7.1f%% %8lld %9.2f %8.3fx %9.1f\n", name,
                100 * static_cast<double>(outcome.hits) / count,
                static_cast<long long>(outcome.loads), sum / count, latency / first_come,
                outcome.waits[static_cast<std::size_t>(0.99 * count)]);
  };
  print("first come, LRU", PlainRun(device, arrivals, false).Run());
  print("moerge", PlanRun(device, arrivals, {.on_order = true}).Run());
  print("moerge, loading ahead",
        PlanRun(device, arrivals, {.on_order = true, .prefetch = true}).Run());
}

// The shortest that one model's calls can take side by side: no call is split.
double Longest(const std::vector<double>& calls, int places) {
  double sum = 0, longest = 0;
  for (const double call : calls) {
    sum += call;
    longest = std::max(longest, call);
  }
  return std::max(sum / places, longest);
}

// What its calls take begun in the order in which they came: nobody knows how long one is.
double InOrder(const std::vector<double>& calls, int places) {
  std::vector<double> free(static_cast<std::size_t>(places), 0);
  for (const double call : calls) *std::ranges::min_element(free) += call;
  return *std::ranges::max_element(free);
}

// All calls are there at the begin.
void Offline(Device device, int calls) {
  std::vector<Arrival> arrivals = Arrivals(device, 1, calls, 1, 3);
  double work = 0;
  std::map<int, std::vector<double>> by_model;
  for (Arrival& arrival : arrivals) {
    arrival.time = 0;
    work += arrival.service;
    by_model[arrival.model].push_back(arrival.service);
  }
  const double loads = static_cast<double>(by_model.size()) * device.load;
  const double full = work / device.concurrency;
  double whole = 0, in_order = 0;
  for (const auto& [model, services] : by_model) {
    whole += Longest(services, device.concurrency);
    in_order += InOrder(services, device.concurrency);
  }
  for (const int slots : {1, 2}) {
    device.slots = slots;
    // With room for two the next load overlaps with work; the first one cannot.
    const double bound = slots == 1 ? loads + full : std::max(loads, device.load + full);
    std::printf("\noffline, room for %d: %zu calls of %zu models, lower bound %.0f s", slots,
                arrivals.size(), by_model.size(), bound);
    if (slots == 1) {
      std::printf(" (%.3f x where no call is split, %.3f x begun in the order given)",
                  (loads + whole) / bound, (loads + in_order) / bound);
    }
    std::printf("\n");
    const auto print = [&](const char* name, const Outcome& outcome) {
      std::printf("  %-30s %8lld loads %9.0f s = %.3f x the bound\n", name,
                  static_cast<long long>(outcome.loads), outcome.end, outcome.end / bound);
    };
    print("first come, LRU", PlainRun(device, arrivals, false).Run());
    print("moerge, the server loads", PlanRun(device, arrivals, {.background = true}).Run());
    print("moerge loads", PlanRun(device, arrivals, {.background = true, .on_order = true}).Run());
  }
}

int Main(int argc, char** argv) {
  Device device;
  double seconds = 3600;
  CLI::App app("Grouping calls by model, on simulated time");
  app.add_option("--models", device.models, "How many, Zipf")->check(CLI::Range(1, 1000));
  app.add_option("--load", device.load, "Seconds a load takes");
  app.add_option("--service", device.service, "Mean seconds of a call");
  app.add_option("--concurrency", device.concurrency, "Calls at once");
  app.add_option("--max-wait", device.max_wait, "residency.max_wait, seconds");
  app.add_option("--seconds", seconds, "Simulated time");
  CLI11_PARSE(app, argc, argv);
  std::printf("%d models, %.1f s a load, %.1f s a call, %d calls at once, max_wait %.0f s\n",
              device.models, device.load, device.service, device.concurrency, device.max_wait);
  Offline(device, 2000);
  for (const int slots : {2, 4, 8}) {
    device.slots = slots;
    for (const double load : {0.01, 0.03, 0.1}) Ahead(device, load, 10 * seconds);
  }
  for (const double run : {1.0, 8.0}) {
    for (const int slots : {1, 2, 4}) {
      device.slots = slots;
      for (const double load : {0.5, 0.8, 0.95}) Online(device, load, run, seconds);
    }
  }
  return 0;
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) { return moerge::Main(argc, argv); }
