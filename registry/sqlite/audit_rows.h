// The record of changes in SQLite, one row for each changed thing. Blocking.
#pragma once

#include <vector>

#include "config/base/result.h"
#include "registry/audit.h"
#include "registry/sqlite/database.h"

namespace moerge::sqlite {

// The caller holds the transaction.
Status AddAudit(Database& database, const std::vector<AuditRecord>& records);
Result<std::vector<AuditRecord>> ListAudit(Database& database, const AuditFilter& filter);

}  // namespace moerge::sqlite
