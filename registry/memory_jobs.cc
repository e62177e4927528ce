#include "registry/memory_jobs.h"

#include <algorithm>

namespace moerge {

JobRecord* MemoryJobs::Find(std::string_view kind, std::string_view id) {
  const auto found = jobs_.find({std::string(kind), std::string(id)});
  return found == jobs_.end() ? nullptr : &found->second;
}

Status MemoryJobs::Add(const JobRecord& job) {
  if (jobs_.emplace(Key{job.kind, job.id}, job).second) return Ok{};
  return Error{ErrorCode::kConflict, "there is a " + job.kind + " `" + job.id + "` already"};
}

Result<std::optional<JobRecord>> MemoryJobs::Get(std::string_view kind, std::string_view id) {
  const JobRecord* job = Find(kind, id);
  return job == nullptr ? std::optional<JobRecord>() : std::optional(*job);
}

Result<std::vector<JobRecord>> MemoryJobs::List(const JobFilter& filter) {
  std::vector<JobRecord> page;
  for (auto at = jobs_.rbegin(); at != jobs_.rend(); ++at) {
    const JobRecord& job = at->second;
    if (job.kind != filter.kind) continue;
    if (filter.state.has_value() && job.state != *filter.state) continue;
    if (!filter.before_id.empty() && job.id >= filter.before_id) continue;
    if (page.size() == static_cast<std::size_t>(std::max(filter.limit, 1))) break;
    page.push_back(job);
  }
  return page;
}

Result<OpenJobs> MemoryJobs::Open(std::string_view kind) {
  OpenJobs open;
  for (const auto& [key, job] : jobs_) {
    if (job.kind != kind || !job.open) continue;
    if (open.count++ == 0 || job.created < open.oldest) open.oldest = job.created;
  }
  return open;
}

Result<bool> MemoryJobs::Remove(std::string_view kind, std::string_view id) {
  return jobs_.erase({std::string(kind), std::string(id)}) > 0;
}

Result<std::optional<JobRecord>> MemoryJobs::Claim(const JobClaim& claim) {
  for (auto& [key, job] : jobs_) {
    if (job.kind != claim.kind || !job.open || !claim.May(job)) continue;
    job.owner = claim.owner;
    job.until = claim.until;
    return std::optional(job);
  }
  return std::optional<JobRecord>();
}

Result<std::optional<std::string>> MemoryJobs::Keep(const JobRecord& job) {
  JobRecord* kept = Find(job.kind, job.id);
  if (kept == nullptr || !kept->open || kept->owner != job.owner) {
    return std::optional<std::string>();
  }
  if (kept->wish.empty() || !job.open) kept->state = job.state;
  kept->open = job.open;
  kept->json = job.json;
  kept->until = job.until;
  if (!job.open) kept->owner.clear();
  return std::optional(kept->wish);
}

Result<std::optional<JobRecord>> MemoryJobs::Wish(std::string_view kind, std::string_view id,
                                                  std::string_view wish, std::string_view state) {
  JobRecord* job = Find(kind, id);
  if (job == nullptr || !job->open) return std::optional<JobRecord>();
  job->wish = wish;
  job->state = state;
  return std::optional(*job);
}

}  // namespace moerge
