#include "router/decision.h"

namespace moerge {

std::string_view ExclusionName(Exclusion exclusion) {
  switch (exclusion) {
    case Exclusion::kNone: return "none";
    case Exclusion::kDisabled: return "disabled";
    case Exclusion::kUnhealthy: return "unhealthy";
    case Exclusion::kContext: return "context";
    case Exclusion::kFunctions: return "functions";
    case Exclusion::kVision: return "vision";
    case Exclusion::kNoSkill: return "no_skill";
    case Exclusion::kMinScore: return "min_score";
    case Exclusion::kNotInPool: return "not_in_pool";
    case Exclusion::kCostLimit: return "cost_limit";
    case Exclusion::kLatencyLimit: return "latency_limit";
    case Exclusion::kRetired: return "retired";
    case Exclusion::kCapacity: return "capacity";
  }
  return "none";
}

}  // namespace moerge
