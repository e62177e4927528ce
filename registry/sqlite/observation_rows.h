// Observations in SQLite. Blocking; the caller holds the transaction. Error: kInternal, damaged.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/base/result.h"
#include "registry/sqlite/names.h"
#include "registry/store.h"

namespace moerge::sqlite {

Status AddObservations(Database& database, Names& names,
                       const std::vector<Observation>& observations);
Status ForgetObservations(Database& database, Names& names,
                          const std::vector<std::string>& sources);
Status ForgetObservations(Database& database, Names& names,
                          const std::vector<ObservationKey>& keys);
// All but the newest few of a source.
Status LimitObservations(Database& database, Names& names, const StoreChange::Limit& limit);
// In order of first insertion, one at a time.
Status VisitObservations(Database& database, Names& names,
                         const std::function<bool(const Observation&)>& visit);

}  // namespace moerge::sqlite
