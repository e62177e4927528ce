// The store in one SQLite file, in WAL mode: changes of the registry are synced to the disk before
// Apply returns; decisions, which may lose the last moments when the machine (not the process)
// dies, are not. Blocking, not thread-safe; other processes may use the same file at the same time.
#pragma once

#include <memory>
#include <string>

#include "registry/sqlite/database.h"
#include "registry/sqlite/names.h"
#include "registry/store.h"

namespace moerge {

// Errors: kInvalid, no usable path; kUnavailable, locked; kInternal: cannot be opened or written,
// not a store, damaged, a schema newer than this binary.
Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path,
                                               const sqlite::Options& options = {});

}  // namespace moerge
