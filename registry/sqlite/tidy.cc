#include "registry/sqlite/tidy.h"

#include "registry/sqlite/decision_rows.h"
#include "registry/sqlite/feedback_rows.h"
#include "registry/sqlite/old_decisions.h"
#include "registry/sqlite/old_usage.h"
#include "registry/sqlite/schema.h"
#include "registry/sqlite/usage_rows.h"

namespace moerge::sqlite {

Result<bool> TidyDecisions(Database& database, const DecisionRetention& keep, WallTime now) {
  const auto last = LastToDrop(database, keep, now);
  if (!last.ok()) return last.error();
  const auto dropped = DropDecisions(database, *last);
  if (!dropped.ok() || *dropped) return dropped;
  const auto moved = MoveOldDecisions(database, keep, now);
  if (!moved.ok() || *moved) return moved;
  const auto summed = MoveOldUsage(database);
  if (!summed.ok() || *summed) return summed;
  Transaction transaction(database);
  Status s = BeginWrite(database, &transaction);
  if (s.ok()) s = TrimFeedback(database);  // after the others: it goes by the oldest decision
  if (s.ok()) s = TrimUsage(database, now);
  if (s.ok()) s = JoinLastHour(database, now);
  if (s.ok()) s = transaction.Commit();
  if (!s.ok()) return std::move(s).error();
  return false;
}

}  // namespace moerge::sqlite
