// Decides when there are enough new observations to train again. Imports trigger it at once;
// feedback, which arrives one by one, when it has grown by a quarter. Pure.
#pragma once

#include <algorithm>
#include <cstdint>

#include "registry/evidence.h"
#include "registry/store.h"

namespace moerge {

inline constexpr std::uint64_t kLeastFeedback = 32;  // feedback

// The mark after `change`, which leads to `revision`.
inline TrainingMark MarkAfter(TrainingMark mark, const StoreChange& change,
                              std::uint64_t revision) {
  bool enough = !change.forget_sources.empty() || !change.forget_observations.empty();
  for (const Observation& one : change.add_observations) {
    one.source == kFeedbackSource ? void(++mark.waiting) : void(enough = true);
  }
  if (!enough && mark.waiting < std::max(kLeastFeedback, mark.taken / 4)) return mark;
  return {revision, 0, mark.taken + mark.waiting};
}

}  // namespace moerge
