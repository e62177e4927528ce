// What counts as the time that an expert takes to answer: what was measured, or else what it
// declares. Pure; any thread.
#pragma once

#include <vector>

#include "registry/latency.h"
#include "registry/snapshot.h"
#include "router/router.h"

namespace moerge {

struct KnownLatency {
  enum class Source { kUnknown, kMeasured, kDeclared, kComputed };
  Source source = Source::kUnknown;
  // Both 0 for kUnknown unless its model has to be loaded, and for kComputed: tools take no time.
  float typical_ms = 0;
  float high_ms = 0;  // what a ceiling is held against; a declaration has one number for both
  float load_ms = 0;  // part of both: until its model is loaded
};

// `measured`: what was, 0 where nothing.
KnownLatency LatencyOf(const Expert& expert, const Latency& measured);
// With the time until its model is loaded. `health` may be null: nothing was measured, all are
// loaded.
KnownLatency LatencyOf(const ExpertEntry& expert, const Health* health);

// The typical one of each expert of a snapshot, in ms; 0: unknown. `measured` may be null.
std::vector<float> TypicalLatencies(const Snapshot& snapshot, const LatencyTable* measured);

// Whether any became known or unknown, or changed by more than a quarter. REQUIRES: equal sizes.
bool MuchChanged(const std::vector<float>& before, const std::vector<float>& now);

}  // namespace moerge
