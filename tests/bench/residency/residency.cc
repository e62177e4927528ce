// What grouping calls by model is worth where a device has room for few models: the plan of moerge
// next to first come first served and to what model swappers do, on simulated time. Prints what
// each makes of the same arrivals.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/bench/residency/common/device_run.h"

namespace moerge {
namespace {

// The fewest loads of calls that are served in the order in which they came (Belady).
std::int64_t FewestInOrder(const std::vector<SimulatedCall>& arrivals, int slots) {
  std::map<int, std::deque<std::size_t>> uses;
  for (std::size_t i = 0; i < arrivals.size(); ++i) uses[arrivals[i].model].push_back(i);
  std::set<int> loaded;
  std::int64_t loads = 0;
  for (const SimulatedCall& arrival : arrivals) {
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

void Print(const char* name, SimulatedOutcome outcome) {
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

void Online(const SimulatedDevice& device, double load, double run, double seconds) {
  const double capacity = device.concurrency / device.service;
  const std::vector<SimulatedCall> arrivals = ZipfCalls(device, load * capacity, seconds, run, 7);
  std::printf("\n%d slots, %.0f %% load, %.0f calls of a model in a row: %zu calls\n", device.slots,
              load * 100, run, arrivals.size());
  std::printf("  %-30s %8s %8s %9s %9s %9s %9s\n", "", "calls/s", "loads", "wait s", "p50", "p99",
              "longest");
  Print("first come, LRU", RunPlain(device, arrivals, false));
  Print("collating at once, LRU", RunPlain(device, arrivals, true));
  Print("moerge", RunPlan(device, arrivals, {}));
  std::printf("  %-30s %8s %8lld\n", "fewest in order (Belady)", "",
              static_cast<long long>(FewestInOrder(arrivals, device.slots)));
}

// Few calls, so that loads and not places are what is waited for.
void Ahead(const SimulatedDevice& device, double load, double seconds) {
  const double capacity = device.concurrency / device.service;
  const std::vector<SimulatedCall> arrivals = ZipfCalls(device, load * capacity, seconds, 1, 11);
  std::printf("\n%d slots, %.0f %% load: %zu calls\n", device.slots, load * 100, arrivals.size());
  std::printf("  %-30s %8s %8s %9s %9s %9s\n", "", "hits", "loads", "wait s", "latency", "p99");
  double first_come = 0;
  const auto print = [&](const char* name, SimulatedOutcome outcome) {
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
  print("first come, LRU", RunPlain(device, arrivals, false));
  print("moerge", RunPlan(device, arrivals, {.on_order = true}));
  print("moerge, loading ahead", RunPlan(device, arrivals, {.on_order = true, .prefetch = true}));
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
void Offline(SimulatedDevice device, int calls) {
  std::vector<SimulatedCall> arrivals = ZipfCalls(device, 1, calls, 1, 3);
  double work = 0;
  std::map<int, std::vector<double>> by_model;
  for (SimulatedCall& arrival : arrivals) {
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
    const auto print = [&](const char* name, const SimulatedOutcome& outcome) {
      std::printf("  %-30s %8lld loads %9.0f s = %.3f x the bound\n", name,
                  static_cast<long long>(outcome.loads), outcome.end, outcome.end / bound);
    };
    print("first come, LRU", RunPlain(device, arrivals, false));
    print("moerge, the server loads", RunPlan(device, arrivals, {.background = true}));
    print("moerge loads", RunPlan(device, arrivals, {.background = true, .on_order = true}));
  }
}

int Run(SimulatedDevice device, double seconds) {
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

int main(int argc, char** argv) {
  return moerge::RunBench("Grouping calls by model, on simulated time", argc, argv, &moerge::Run);
}
