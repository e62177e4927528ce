// What decisions took, summed by hour. An hour's cells lie in parts (usage_part.h): a group of
// decisions is a new part, or becomes one with those before it that are not much larger, so that
// adding costs little and an hour has few parts, however many decisions it has. Blocking, not
// thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "registry/decision_log.h"
#include "registry/sqlite/database.h"
#include "registry/sqlite/usage_part.h"

namespace moerge::sqlite {

// REQUIRES: inside the transaction that writes `decisions`.
Status AddUsage(Database& database, const std::vector<DecisionRecord>& decisions);
// The same of what is summed already. `hour`: as HourOf.
Status AddUsagePart(Database& database, std::int64_t hour, UsagePart part);
// Makes one part of those of the hour that has just ended. REQUIRES: inside a transaction.
Status JoinLastHour(Database& database, WallTime now);
Result<std::vector<UsageRow>> ListUsage(Database& database, const UsageFilter& filter);
Status TrimUsage(Database& database, WallTime now);

}  // namespace moerge::sqlite
