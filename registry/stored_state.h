// What a change does to the stored state in memory: the mirror the registry keeps and the whole of
// the memory store. SQLite does the same in SQL; the stores' common tests hold the two together.
// Thread-safe, pure.
#pragma once

#include "registry/store.h"

namespace moerge {

// Forget, remove, put, and one revision more; observations are the caller's business.
void ApplyChange(const StoreChange& change, StoredState* state);

}  // namespace moerge
