// Decisions in SQLite: a slim table that lists read, and the bodies apart. Blocking.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "registry/decision_log.h"
#include "registry/sqlite/database.h"
#include "registry/store.h"

namespace moerge::sqlite {

// The caller holds the transaction.
Status AddDecisions(Database& database, const std::vector<DecisionRecord>& decisions);
Result<std::vector<DecisionRecord>> ListDecisions(Database& database, const DecisionFilter& filter);
Result<std::optional<DecisionRecord>> GetDecision(Database& database, std::string_view id);
// In transactions of its own, so small that nobody waits long for the lock.
Status TrimDecisions(Database& database, const DecisionRetention& keep, WallTime now);

}  // namespace moerge::sqlite
