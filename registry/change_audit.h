// What a change of the registry did, thing by thing, for the record. Thread-safe, pure.
#pragma once

#include <vector>

#include "registry/audit.h"
#include "registry/snapshot.h"
#include "registry/store.h"

namespace moerge {

struct AuditScope {
  const Snapshot& before;
  const Snapshot& after;
  bool entities = true;  // they may differ in more than profiles
};

// What differs between two snapshots, and what `change` does to profiles, by `change.by`, at
// `after`'s revision. Secrets are masked: of keys nothing of the hash is said but that it is
// another one, of a backend's headers the values that name no variable.
std::vector<AuditRecord> AuditOf(const StoreChange& change, const AuditScope& scope, WallTime now);

}  // namespace moerge
