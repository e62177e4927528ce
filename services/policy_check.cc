#include "services/policy_check.h"

#include <utility>

#include "router/router.h"
#include "services/pipeline/aggregator.h"

namespace moerge {

Status CheckPolicyNames(const Policy& policy) {
  if (Status routing = CheckPolicy(policy); !routing) return routing;
  Result<const Aggregator*> aggregator = FindAggregator(policy);
  if (!aggregator) return std::move(aggregator).error();
  return Ok{};
}

}  // namespace moerge
