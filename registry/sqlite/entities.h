// Backends, experts, skills, policies and keys: one table each, name and JSON. Blocking; the caller
// holds the transaction.
#pragma once

#include "config/base/result.h"
#include "registry/sqlite/database.h"
#include "registry/store.h"

namespace moerge::sqlite {

Status LoadEntities(Database& database, StoredState* state);
// Removes, then puts.
Status WriteEntities(Database& database, const StoreChange& change);

}  // namespace moerge::sqlite
