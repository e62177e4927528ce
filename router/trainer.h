// Learns what Routers need from a snapshot's skills and the store's observations, or takes it from
// the cache when nothing has changed since. Blocking: for a thread of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "registry/snapshot.h"
#include "registry/store_thread.h"
#include "router/learn/training_set.h"
#include "router/trained.h"

namespace moerge {

class Trainer {
 public:
  // `stop`: training gives up when it turns true. Both must outlive the object.
  Trainer(StoreThread& store, const std::atomic<bool>* stop) : store_(store), stop_(stop) {}

  // What the snapshot's policies use. `before` itself if it still fits, null if stopped. A damaged
  // or unwritable cache costs time only.
  TrainedPtr Train(const Snapshot& snapshot, const TrainedPtr& before);

 private:
  TrainedPtr Renewed(const Snapshot& snapshot, const TrainedPtr& before);
  TrainingSet Gather(const Snapshot& snapshot);
  bool TrainBase(const TrainingSet& set, Trained* trained);
  bool BaseFromCache(Trained* trained);
  ClassifierPtr MakeClassifier(const Policy& policy, const TrainingSet& set,
                               const Trained& trained);
  void ToCache(const std::string& fingerprint, std::string_view key, const std::string& bytes);
  std::string Cached(const std::string& fingerprint, std::string_view key);

  StoreThread& store_;
  const std::atomic<bool>* stop_;
  // What the newest training set was made of: Snapshot::training_revision and a hash of the skills.
  // While both stay, observations need not be read again.
  std::pair<std::uint64_t, std::uint64_t> material_{};
};

}  // namespace moerge
