// Jobs in SQLite, one row each. Blocking; each change is a transaction of its own, synced to the
// disk before it returns.
#pragma once

#include "registry/job_store.h"
#include "registry/sqlite/database.h"

namespace moerge::sqlite {

class JobRows : public JobStore {
 public:
  explicit JobRows(Database& database) : database_(database) {}

  Status Add(const JobRecord& job) override;
  Result<std::optional<JobRecord>> Get(std::string_view kind, std::string_view id) override;
  Result<std::vector<JobRecord>> List(const JobFilter& filter) override;
  Result<OpenJobs> Open(std::string_view kind) override;
  Result<bool> Remove(std::string_view kind, std::string_view id) override;
  Result<std::optional<JobRecord>> Claim(const JobClaim& claim) override;
  Result<std::optional<std::string>> Keep(const JobRecord& job) override;
  Result<std::optional<JobRecord>> Wish(std::string_view kind, std::string_view id,
                                        std::string_view wish, std::string_view state) override;

 private:
  Database& database_;
};

}  // namespace moerge::sqlite
