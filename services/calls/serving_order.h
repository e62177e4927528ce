// In which order the experts of many requests are served where they share devices, so that each is
// loaded once: a request asks those first that come first in it. Shared by all calls of the
// requests. Immutable; any thread may read.
#pragma once

#include <climits>
#include <cstddef>
#include <memory>
#include <span>
#include <unordered_map>

#include "registry/ids.h"

namespace moerge {

class ServingOrder {
 public:
  static constexpr int kNoPlace = INT_MAX;

  // Different ones, the first to be served first.
  explicit ServingOrder(std::span<const ExpertId> experts) {
    for (const ExpertId expert : experts) places_.emplace(expert, static_cast<int>(places_.size()));
  }

  // From 0; kNoPlace: it is not among them.
  int PlaceOf(ExpertId expert) const {
    const auto found = places_.find(expert);
    return found == places_.end() ? kNoPlace : found->second;
  }

 private:
  std::unordered_map<ExpertId, int> places_;
};
using ServingOrderPtr = std::shared_ptr<const ServingOrder>;

}  // namespace moerge
