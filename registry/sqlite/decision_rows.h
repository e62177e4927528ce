// Kept decisions: one table in order of arrival with an index on the id, blocks of what lists
// filter by (decision_block.h), and sums by the hour (usage_rows.h). Blocking, not thread-safe.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "registry/decision_log.h"
#include "registry/sqlite/database.h"

namespace moerge::sqlite {

// REQUIRES: inside a transaction.
Status AddDecisions(Database& database, const std::vector<DecisionRecord>& decisions);
// With the sequence number of the first; blocks are left to the caller. REQUIRES: inside a
// transaction.
Status AddDecisionRows(Database& database, std::int64_t first,
                       const std::vector<DecisionRecord>& decisions);
// Makes the block from its rows. REQUIRES: inside a transaction.
Status RebuildBlock(Database& database, std::int64_t block);

Result<std::vector<DecisionRecord>> ListDecisions(Database& database, const DecisionFilter& filter);
Result<std::optional<DecisionRecord>> GetDecision(Database& database, std::string_view id);

// Puts percentiles into rows that ListUsage gave for the filter.
Status AddUsagePercentiles(Database& database, const UsageFilter& filter,
                           std::vector<UsageRow>* rows);

// Up to which sequence number decisions are too old or too many; 0: none is.
Result<std::int64_t> LastToDrop(Database& database, const DecisionRetention& keep, WallTime now);
// Removes some of those up to `last`. True: there are more. Opens transactions.
Result<bool> DropDecisions(Database& database, std::int64_t last);

}  // namespace moerge::sqlite
