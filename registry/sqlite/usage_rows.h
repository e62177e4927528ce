// What decisions took, summed by hour: one table by all of policy, expert, skill and client, and
// one by each of them alone, so that the usual questions read few rows however many combinations
// there are. Blocking, not thread-safe.
#pragma once

#include <vector>

#include "registry/decision_log.h"
#include "registry/sqlite/database.h"

namespace moerge::sqlite {

// REQUIRES: inside the transaction that writes `decisions`.
Status AddUsage(Database& database, const std::vector<DecisionRecord>& decisions);
Result<std::vector<UsageRow>> ListUsage(Database& database, const UsageFilter& filter);
Status TrimUsage(Database& database, WallTime now);

}  // namespace moerge::sqlite
