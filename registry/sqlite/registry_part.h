// The registry's part of a SQLite store: entries, evidence and the revision, and with them what one
// change writes of observations, feedback and proposals. Owner: the store. Not thread-safe.
#pragma once

#include "registry/sqlite/database.h"
#include "registry/sqlite/names.h"
#include "registry/store.h"

namespace moerge::sqlite {

class RegistryPart : public RegistryStore {
 public:
  // Both must outlive the object.
  RegistryPart(Database& database, Names& names) : database_(database), names_(names) {}

  Result<StoredState> Load() override;
  Result<std::uint64_t> Revision() override;
  Result<std::uint64_t> Apply(const StoreChange& change, std::uint64_t expected) override;

 private:
  struct Mark {
    std::uint64_t revision = 0;
    TrainingMark training;
  };
  Result<Mark> ReadMark();
  Result<std::uint64_t> ApplyLocked(const StoreChange& change, std::uint64_t expected);
  Status Write(const StoreChange& change);
  Status WriteMark(const Mark& mark);

  Database& database_;
  Names& names_;
};

}  // namespace moerge::sqlite
