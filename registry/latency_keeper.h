// Keeps the measured latencies of experts in the store, so that they survive a restart, and forgets
// those of experts that are gone or that something else answers for: another model, another
// address. The registry's revision does not change: routers are not rebuilt.
//
// Owner: the composition root, from before Registry::Start on. What is kept is written about once a
// minute, where it has changed, and by Save; a crash loses that minute. Errors go to the log.
#pragma once

#include <memory>

#include "registry/latency.h"
#include "registry/registry.h"
#include "registry/store_thread.h"

namespace moerge {

class LatencyKeeper {
 public:
  // Fills `table` with what is kept and hooks itself on both. All outlive the store thread's jobs.
  LatencyKeeper(LatencyTable& table, Registry& registry, StoreThread& store);

  // Blocking: not on an event loop.
  void Save();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // shared with what is hooked
};

}  // namespace moerge
