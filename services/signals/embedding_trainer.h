// Has vectors made of what skills are learnt from (their examples, names and descriptions, and
// observations with a skill) and trains the heads that policies want. In the background, on a
// thread of its own that starts with the first such policy: what is in the store is not asked
// again, the rest is fetched in batches, a few at a time; what fails is tried again after a while.
//
// Owner: the composition root, which stops it before what it uses. Hooks itself on the registry.
#pragma once

#include <memory>

#include "adapters/gate.h"
#include "registry/registry.h"
#include "registry/store_thread.h"
#include "router/classify/embedding_head.h"
#include "services/signals/signal_shared.h"

namespace moerge {

class EmbeddingTrainer {
 public:
  // Beyond this many texts an even sample is learnt from, chosen by their hashes.
  static constexpr std::size_t kMaxTexts = EmbeddingHead::kMaxRows;

  // `first_pause` before what failed is tried again; it doubles up to a minute.
  EmbeddingTrainer(Registry& registry, StoreThread& store, Gates& gates, SignalShared& shared,
                   std::chrono::milliseconds first_pause = std::chrono::seconds(1));
  ~EmbeddingTrainer();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // shared with the registry's callback
};

}  // namespace moerge
