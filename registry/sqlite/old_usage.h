// Usage as schema version 5 kept it, a row for each cell and sum: moved into parts an hour at a
// time, so that a large store starts at once. Blocking, not thread-safe.
#pragma once

#include "registry/sqlite/database.h"

namespace moerge::sqlite {

// Moves the newest hour that is left, and drops the tables after the last. True: there is more.
// Until an hour has moved its sums are not listed.
Result<bool> MoveOldUsage(Database& database);

}  // namespace moerge::sqlite
