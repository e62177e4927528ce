#include "router/mapping/mappings.h"

namespace moerge {

Mappings::Mappings(const Competence& competence, const std::vector<float>& latency_ms)
    : competence_(competence), latency_ms_(latency_ms) {
  for (const Policy& policy : competence.snapshot()->policies) {
    if (policy.recruiter == "mapping") For(policy);
  }
}

MappingPtr Mappings::For(const Policy& policy) const {
  const MappingOptions options = MappingOptionsOf(policy);
  const Key key(options.measure, options.budget, options.none);
  const std::lock_guard lock(mutex_);
  const auto at = solved_.find(key);
  if (at != solved_.end()) return at->second;
  if (solved_.size() == kMost) solved_.clear();
  auto solved =
      std::make_shared<const Result<Mapping>>(Mapping::Solve(competence_, options, latency_ms_));
  return solved_.emplace(key, std::move(solved)).first->second;
}

}  // namespace moerge
