#include "registry/job_store.h"

#include <algorithm>

namespace moerge {

bool JobClaim::May(const JobRecord& job) const {
  if (job.owner == owner) return std::ranges::find(held, job.id) == held.end();
  if (job.owner.empty() || job.until <= now) return true;
  if (job.until - now > 2 * (until - now)) return true;
  return is_dead && is_dead(job.owner);
}

}  // namespace moerge
