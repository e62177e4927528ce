// The heads that are trained so far, by what policies want, and how far the others are.
// Owner: the composition root. Any thread may call.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "config/entities.h"
#include "router/classify/embedding_head.h"

namespace moerge {

// What a policy's `embedding.*` options ask for.
struct EmbeddingSpec {
  std::string backend;
  std::string model;
  HeadKind head = HeadKind::kLogistic;
  auto operator<=>(const EmbeddingSpec&) const = default;
};
EmbeddingSpec EmbeddingSpecOf(const Policy& policy);

struct EmbeddingState {
  std::shared_ptr<const EmbeddingHead> head;  // null: not trained yet
  std::size_t vectors = 0;                    // that have come, of
  std::size_t wanted = 0;
  std::string error;  // what stands in the way, if anything
};

class EmbeddingHeads {
 public:
  EmbeddingState Find(const EmbeddingSpec& spec) const {
    const std::lock_guard lock(mutex_);
    const auto at = states_.find(spec);
    return at == states_.end() ? EmbeddingState{} : at->second;
  }
  void Set(const EmbeddingSpec& spec, EmbeddingState state) {
    const std::lock_guard lock(mutex_);
    states_[spec] = std::move(state);
  }
  // Forgets what no policy wants any more.
  template <class Wanted>
  void Keep(const Wanted& wanted) {
    const std::lock_guard lock(mutex_);
    std::erase_if(states_, [&](const auto& state) { return !wanted.contains(state.first); });
  }

 private:
  mutable std::mutex mutex_;
  std::map<EmbeddingSpec, EmbeddingState> states_;
};

}  // namespace moerge
