// A device, or several, that have room for some models, on simulated time: the plan of moerge, and
// what does not look at the queue.
#pragma once

#include <cstdint>
#include <vector>

namespace moerge {

struct SimulatedDevice {
  int models = 16;
  int slots = 1;
  int concurrency = 8;
  double load = 8;     // seconds
  double service = 1;  // mean seconds of a call, exponential
  double max_wait = 30;
  int devices = 1;  // as many of these
  double uneven =
      1;  // every other model takes so many times as long to load, the others as much less

  // Models that sleep in the host's memory while they are not on the device: how many have room
  // there; 0: none sleeps, all are loaded from the disk. `wake`: seconds that one takes from there.
  // One takes as long to go there, and one that is dropped from there has to be woken for it.
  int host = 0;
  double wake = 1;

  double LoadOf(int of) const { return of % 2 == 0 ? load / uneven : load * uneven; }
};

struct SimulatedCall {
  double time = 0;
  int model = 0;
  double service = 0;
};

struct SimulatedOutcome {
  double end = 0;
  std::int64_t loads = 0;     // all
  std::int64_t wakes = 0;     // of these from the host's memory
  std::int64_t drops = 0;     // from there to the disk
  std::int64_t hits = 0;      // calls that found their model loaded when they came
  std::vector<double> waits;  // until a call runs on its loaded model
  double told = 0;            // seconds that calls were told they would wait, together
  std::vector<double> work;   // seconds of calls, by device
};

// How the plan is used.
struct PlanUse {
  bool background = false;
  bool on_order = false;  // moerge loads models itself, not the server for the first call; a host's
                          // memory counts for these alone
  bool prefetch = false;  // of models that are loaded on order
  bool placed = false;    // of several devices: as Placement says; else each model has one for good
};

// Models by a Zipf law; `run` calls of one model in a row on average.
std::vector<SimulatedCall> ZipfCalls(const SimulatedDevice& device, double rate, double seconds,
                                     double run, unsigned seed);

SimulatedOutcome RunPlan(const SimulatedDevice& device, const std::vector<SimulatedCall>& calls,
                         const PlanUse& use);

// Calls go in the order in which they came, or (collating, as model swappers do) overtake those
// whose model is not loaded; what makes room is the least recently used, as soon as a call of
// another model has come. Of one device.
SimulatedOutcome RunPlain(const SimulatedDevice& device, const std::vector<SimulatedCall>& calls,
                          bool collates);

// Reads the device and how many seconds to simulate from the command line, prints the device, and
// runs `run` with both; gives the program's exit status.
int RunBench(const char* what, int argc, char** argv, int (*run)(SimulatedDevice, double));

}  // namespace moerge
