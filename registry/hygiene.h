// Taking single items out of what experts were measured on: wrong references, leaked answers.
// Thread-safe, pure but for the store, which is read: store thread.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "config/base/result.h"
#include "registry/store.h"

namespace moerge {

struct Forgotten {
  StoreChange change;
  std::vector<std::string> ids;      // those that were there
  std::vector<std::string> missing;  // those that were not
  std::size_t left = 0;              // items of the source that stay
};

// The change that removes the items `ids` of `source` and recomputes its evidence from those
// that stay, with the date that it had: the same as importing without them on that date.
// Errors: kNotFound, the source has no items; kConflict, its evidence does not come from items
// alone (feedback, onboarding); of the store.
Result<Forgotten> ForgetItems(Store& store, const StoredState& state, const std::string& source,
                              const std::set<std::string>& ids);

}  // namespace moerge
