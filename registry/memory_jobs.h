// Jobs in memory, for a store that keeps nothing. Not thread-safe.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "registry/job_store.h"

namespace moerge {

class MemoryJobs : public JobStore {
 public:
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
  using Key = std::pair<std::string, std::string>;  // kind and id
  JobRecord* Find(std::string_view kind, std::string_view id);

  std::map<Key, JobRecord> jobs_;
};

}  // namespace moerge
