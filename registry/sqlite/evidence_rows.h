// Evidence in SQLite: one row per expert and source, its cells in one blob, so that millions of
// cells load in less than a second. Blocking; the caller holds the transaction. Error: kInternal,
// damaged.
#pragma once

#include <string>
#include <vector>

#include "config/base/result.h"
#include "registry/evidence_table.h"
#include "registry/sqlite/names.h"
#include "registry/store.h"

namespace moerge::sqlite {

Status LoadEvidence(Database& database, Names& names, EvidenceTable* evidence);
// The sources' whole families.
Status ForgetEvidence(Database& database, const Names& names,
                      const std::vector<std::string>& sources);
Status ForgetEvidence(Database& database, Names& names, const std::vector<EvidenceKey>& keys);
// Puts these cells over those that are there.
Status PutEvidence(Database& database, Names& names, const std::vector<Evidence>& evidence);

}  // namespace moerge::sqlite
