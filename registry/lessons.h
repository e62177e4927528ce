// When there is enough new among the observations to train again. Imports and the like count at
// once; feedback, which comes one by one, when it has grown by a quarter. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>

#include "registry/evidence.h"
#include "registry/store.h"

namespace moerge {

class Lessons {
 public:
  static constexpr std::size_t kLeast = 32;  // feedback

  // True: a change after which training pays.
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
  std::size_t waiting_ = 0;  // feedback since it was last learnt from
  std::size_t taken_ = 0;    // feedback before
};

}  // namespace moerge
