// What models called the skills of requests, in words that name no skill there is: from the
// decisions of policies that ask for keywords, as far as decisions keep their text.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "config/base/result.h"
#include "registry/snapshot.h"
#include "registry/store_thread.h"
#include "router/vocabulary/vocabulary.h"

namespace moerge {

struct HeardOptions {
  std::size_t decisions = 10'000;  // the newest ones that are read, 1..100000
  std::optional<WallTime> since;
};

// Each keyword with the requests that it was given to; of more than kMaxLabels the most frequent.
// Reads in groups, so that the store thread has time for others. Blocking: on neither an event loop
// nor the store thread. Errors: kConflict, nothing was heard; of the store.
Result<std::vector<FreeLabel>> HeardLabels(StoreThread& store, const Snapshot& snapshot,
                                           const HeardOptions& options);

}  // namespace moerge
