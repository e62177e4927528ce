// Decides when there are enough new observations to train again. Imports trigger it at once;
// feedback, which arrives one by one, when it has grown by a quarter. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>

#include "registry/evidence.h"
#include "registry/store.h"

namespace moerge {

class TrainingTrigger {
 public:
  static constexpr std::size_t kLeast = 32;  // observations from feedback

  // True: the change is worth training for.
  bool Take(const StoreChange& change) {
    bool enough = !change.forget_sources.empty() || !change.forget_observations.empty();
    for (const Observation& one : change.add_observations) {
      one.source == kFeedbackSource ? void(++waiting_) : void(enough = true);
    }
    if (!enough && waiting_ < std::max(kLeast, taken_ / 4)) return false;
    taken_ += waiting_;
    waiting_ = 0;
    return true;
  }

 private:
  std::size_t waiting_ = 0;  // feedback since the last training
  std::size_t taken_ = 0;    // feedback before that
};

}  // namespace moerge
