// Decisions as moerge kept them up to schema version 4: moved to today's tables some at a time, the
// newest first, so that a large store starts at once. A list does not show those that are still to
// be moved; asking for one by its id finds it. Blocking, not thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "registry/decision_log.h"
#include "registry/sqlite/database.h"

namespace moerge::sqlite {

// The sequence number of the newest, or 0.
Result<std::int64_t> NewestOldPlace(Database& database);
Result<std::optional<DecisionRecord>> GetOldDecision(Database& database, std::string_view id);

// Moves up to a block of them, or drops them all if `keep` has no place for even the newest. True:
// there are more. Opens transactions.
Result<bool> MoveOldDecisions(Database& database, const DecisionRetention& keep, WallTime now);

}  // namespace moerge::sqlite
