// What has to be done now and then about kept decisions: retention, and moving what an older moerge
// kept. Blocking, not thread-safe.
#pragma once

#include "registry/decision_log.h"
#include "registry/sqlite/database.h"

namespace moerge::sqlite {

// A part of it. True: there is more. Opens transactions.
Result<bool> TidyDecisions(Database& database, const DecisionRetention& keep, WallTime now);

}  // namespace moerge::sqlite
