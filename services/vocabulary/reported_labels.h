// Keywords that models reported for requests and that name no known skill: read from the decisions
// of policies that ask for keywords, where decisions keep their text.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "config/base/result.h"
#include "registry/snapshot.h"
#include "registry/store_thread.h"
#include "router/vocabulary/vocabulary.h"

namespace moerge {

struct ReportedLabelOptions {
  std::size_t decisions = 10'000;  // the newest ones that are read, 1..100000
  std::optional<WallTime> since;
};

// Each keyword with the requests it was reported for; at most kMaxLabels, the most frequent ones.
// Reads in groups, so that the store thread can serve others in between. Blocking: call it neither
// on an event loop nor on the store thread. Errors: kConflict, nothing was reported; those of the
// store.
Result<std::vector<FreeLabel>> ReportedLabels(StoreThread& store, const Snapshot& snapshot,
                                              const ReportedLabelOptions& options);

}  // namespace moerge
