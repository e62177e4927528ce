// What room for few of many models costs and saves, on simulated time: hits and added latency at
// each number of slots, next to all models loaded; the same with room in the host's memory for
// models that sleep there; turns as long as what waits, next to turns of a
// fixed length; models placed over several devices by their work, next to one device each for good;
// and how near the waits are that calls are told.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "tests/bench/residency/common/device_run.h"

namespace moerge {
namespace {

double Mean(const std::vector<double>& waits) {
  double sum = 0;
  for (const double wait : waits) sum += wait;
  return waits.empty() ? 0 : sum / static_cast<double>(waits.size());
}

double Percentile(std::vector<double> waits, double share) {
  if (waits.empty()) return 0;
  std::ranges::sort(waits);
  return waits[static_cast<std::size_t>(share * static_cast<double>(waits.size() - 1))];
}

void Slots(SimulatedDevice device, double load, double seconds) {
  const double rate = load * device.concurrency / device.service;
  const std::vector<SimulatedCall> calls = ZipfCalls(device, rate, seconds, 1, 11);
  std::printf("\n%.0f %% load: %zu calls\n", load * 100, calls.size());
  std::printf("  %5s %8s %8s %8s %10s %10s %10s\n", "slots", "memory", "hits", "loads", "added s",
              "added p99", "told/real");
  for (int slots = 1; slots <= device.models; slots *= 2) {
    device.slots = slots;
    const SimulatedOutcome outcome = RunPlan(device, calls, {.on_order = true, .prefetch = true});
    double waited = 0;
    for (const double wait : outcome.waits) waited += wait;
    std::printf("  %5d %7.1f%% %7.1f%% %8lld %10.2f %10.1f %10.2f\n", slots,
                100.0 * slots / device.models,
                100 * static_cast<double>(outcome.hits) / static_cast<double>(calls.size()),
                static_cast<long long>(outcome.loads), Mean(outcome.waits),
                Percentile(outcome.waits, 0.99), outcome.told / waited);
  }
}

// Loads of 2 and of 32 seconds: which models stay loaded.
void Uneven(SimulatedDevice device, double load, double seconds) {
  device.uneven = 4;
  const double rate = load * device.concurrency / device.service;
  const std::vector<SimulatedCall> calls = ZipfCalls(device, rate, seconds, 1, 11);
  std::printf("\nloads of %.0f and %.0f s, %.0f %% load: %zu calls; seconds added\n",
              device.LoadOf(0), device.LoadOf(1), load * 100, calls.size());
  for (const int slots : {2, 4, 8}) {
    device.slots = slots;
    const SimulatedOutcome plain = RunPlain(device, calls, false);
    const SimulatedOutcome outcome = RunPlan(device, calls, {.on_order = true, .prefetch = true});
    std::printf("  %d slots: first come, LRU %.2f (p99 %.1f), moerge %.2f (p99 %.1f)\n", slots,
                Mean(plain.waits), Percentile(plain.waits, 0.99), Mean(outcome.waits),
                Percentile(outcome.waits, 0.99));
  }
}

// All calls are there at the begin. A turn of a fixed length takes the load and so many calls'
// time, whether there are as many or not.
void Turns(SimulatedDevice device, int count) {
  std::vector<SimulatedCall> calls = ZipfCalls(device, 1, count, 1, 3);
  std::map<int, int> by_model;
  for (SimulatedCall& call : calls) {
    call.time = 0;
    call.service = device.service;
    ++by_model[call.model];
  }
  device.slots = 1;
  const SimulatedOutcome dynamic = RunPlan(device, calls, {.background = true, .on_order = true});
  int most = 0;
  for (const auto& [model, all] : by_model) most = std::max(most, all);
  std::printf(
      "\n%zu calls of %zu models at once, one slot: as long as what waits %.0f s, %lld loads\n",
      calls.size(), by_model.size(), dynamic.end, static_cast<long long>(dynamic.loads));
  const double share = static_cast<double>(calls.size()) / static_cast<double>(by_model.size());
  for (const double capacity : {share, 1.25 * share, 2 * share, static_cast<double>(most)}) {
    double time = 0;
    double used = 0;
    int turns = 0;
    for (const auto& [model, all] : by_model) {
      const double of = std::ceil(all / capacity);
      turns += static_cast<int>(of);
      time += of * (device.load + std::ceil(capacity / device.concurrency) * device.service);
      used += all;
    }
    std::printf(
        "  turns of %4.0f calls (%.2f x an equal share): %.0f s, %d loads, %.0f %% of the places "
        "used: "
        "%.2f x as long\n",
        capacity, capacity / share, time, turns, 100 * used / (turns * capacity),
        time / dynamic.end);
  }
}

void Devices(SimulatedDevice device, double load, int extra, double seconds) {
  for (const int devices : {2, 4}) {
    device.devices = devices;
    device.slots = 16 / devices + extra;
    const double rate = load * devices * device.concurrency / device.service;
    const std::vector<SimulatedCall> calls = ZipfCalls(device, rate, seconds, 1, 13);
    std::printf("\n%d devices with %d slots, %.0f %% load: %zu calls\n", devices, device.slots,
                load * 100, calls.size());
    for (const bool placed : {false, true}) {
      const PlanUse use{.on_order = true, .prefetch = true, .placed = placed};
      const SimulatedOutcome outcome = RunPlan(device, calls, use);
      double sum = 0;
      for (const double work : outcome.work) sum += work;
      std::printf(
          "  %-26s busiest %.2f x an equal share, %4lld loads, wait mean %8.2f s, p99 %8.1f s\n",
          placed ? "placed by work" : "one device each for good",
          *std::ranges::max_element(outcome.work) * devices / sum,
          static_cast<long long>(outcome.loads), Mean(outcome.waits),
          Percentile(outcome.waits, 0.99));
    }
  }
}

// Models that leave the device sleep in the host's memory while that has room.
void Tiers(SimulatedDevice device, double load, double seconds) {
  const double rate = load * device.concurrency / device.service;
  const std::vector<SimulatedCall> calls = ZipfCalls(device, rate, seconds, 1, 11);
  std::printf("\n%.0f %% load: %zu calls, %.1f s from the disk, %.1f s from the host's memory\n",
              load * 100, calls.size(), device.load, device.wake);
  std::printf("  %5s %5s %8s %10s %8s %8s %8s %8s %8s\n", "slots", "host", "calls/s", "from disk",
              "wakes", "drops", "mean s", "p50", "p99");
  for (const int slots : {1, 2, 4, 8}) {
    for (const int host : {0, 4, 8, device.models}) {
      device.slots = slots;
      device.host = host;
      const SimulatedOutcome outcome = RunPlan(device, calls, {.on_order = true, .prefetch = true});
      std::printf("  %5d %5d %8.2f %10lld %8lld %8lld %8.2f %8.1f %8.1f\n", slots, host,
                  static_cast<double>(calls.size()) / outcome.end,
                  static_cast<long long>(outcome.loads - outcome.wakes),
                  static_cast<long long>(outcome.wakes), static_cast<long long>(outcome.drops),
                  Mean(outcome.waits), Percentile(outcome.waits, 0.5),
                  Percentile(outcome.waits, 0.99));
    }
  }
}

int Run(SimulatedDevice device, double seconds) {
  for (const double load : {0.03, 0.3, 0.8}) Slots(device, load, seconds);
  for (const double load : {0.01, 0.03, 0.1}) Uneven(device, load, 10 * seconds);
  for (const double load : {0.3, 0.8}) Tiers(device, load, seconds);
  Turns(device, 2000);
  for (const int extra : {0, 2}) {
    for (const double load : {0.1, 0.5, 0.8}) Devices(device, load, extra, seconds);
  }
  return 0;
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) {
  return moerge::RunBench("Room for few of many models, on simulated time", argc, argv,
                          &moerge::Run);
}
