// A write that is on the disk when it returns. Blocking.
#pragma once

#include "config/base/result.h"
#include "registry/sqlite/database.h"
#include "registry/sqlite/schema.h"

namespace moerge::sqlite {

// `work` (giving Result<T>) under the write lock; an error of it changes nothing. Errors: of the
// work; kUnavailable, the store is locked; kInternal: as BeginWrite and Database::CheckInPlace say.
template <class T, class Work>
Result<T> Transact(Database& database, const Work& work) {
  Transaction transaction(database);
  if (Status begun = BeginWrite(database, &transaction); !begun.ok()) return begun.error();
  Result<T> done = work();
  if (!done.ok()) return done;
  if (Status committed = transaction.Commit(); !committed.ok()) return committed.error();
  // Between the lock and here the file may have gone, and the change with it.
  if (Status in_place = database.CheckInPlace(); !in_place.ok()) return in_place.error();
  return done;
}

// The same, synced to the disk.
template <class T, class Work>
Result<T> Durably(Database& database, const Work& work) {
  if (Status s = database.Execute("PRAGMA synchronous=FULL"); !s.ok()) return s.error();
  Result<T> done = Transact<T>(database, work);
  (void)database.Execute("PRAGMA synchronous=NORMAL");  // FULL is slower, not wrong
  return done;
}

}  // namespace moerge::sqlite
