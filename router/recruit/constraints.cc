#include "router/recruit/constraints.h"

#include <algorithm>

#include "router/profile/latency.h"
#include "router/profile/price.h"

namespace moerge {

Constraints::Constraints(const ExpertTable& expert_table, const RouteRequest& request,
                         const Policy& policy, const Health* health, const Demand& demand)
    : expert_table_(expert_table), request_(request), policy_(policy), health_(health) {
  const auto end = std::ranges::find_if(demand.skills, [&](const SkillProbability& each) {
    return each.probability < demand.skills.front().probability;
  });
  needed_ = std::span(demand.skills.begin(), end);
  if (health != nullptr) {
    for (const std::string& backend : expert_table.backends)
      healthy_.push_back(health->Healthy(backend));
  }
  if (request.experts.empty()) return;
  in_pool_.assign(expert_table.size(), 0);
  for (const std::string& name : request.experts) {
    const ExpertEntry* entry = expert_table.snapshot->FindExpert(name);
    if (entry == nullptr) {
      unknown_.push_back(name);
    } else {
      in_pool_[expert_table.snapshot->IndexOf(*entry)] = 1;
    }
  }
}

double Constraints::Cost(std::size_t expert) const {
  return EstimatedCost(expert_table_.expert(expert).spec.price, request_.prompt_tokens,
                       request_.max_tokens);
}

bool Constraints::OverLatencyLimit(std::size_t expert) const {
  return LatencyOf(expert_table_.expert(expert), health_).high_ms > request_.max_latency_ms;
}

bool Constraints::KeptFromIt(std::size_t expert) const {
  const ExpertEntry& entry = expert_table_.expert(expert);
  return std::ranges::any_of(
      needed_, [&](const SkillProbability& each) { return entry.Retired(each.skill); });
}

Exclusion Constraints::Check(std::size_t expert, float expected, float covered) const {
  const Traits& traits = expert_table_.traits[expert];
  if (!in_pool_.empty() && in_pool_[expert] == 0) return Exclusion::kNotInPool;
  if (!traits.enabled) return Exclusion::kDisabled;
  if (traits.retires && KeptFromIt(expert)) return Exclusion::kRetired;
  if (covered <= 0 || (!traits.tool && covered < kMinCovered)) return Exclusion::kNoSkill;
  if (traits.context > 0 && request_.prompt_tokens + request_.max_tokens > traits.context) {
    return Exclusion::kContext;
  }
  if (request_.needs_functions && !traits.functions) return Exclusion::kFunctions;
  if (request_.needs_vision && !traits.vision) return Exclusion::kVision;
  if (expected < policy_.min_score) return Exclusion::kMinScore;
  if (request_.max_cost_usd > 0 && Cost(expert) > request_.max_cost_usd)
    return Exclusion::kCostLimit;
  if (request_.max_latency_ms > 0 && OverLatencyLimit(expert)) return Exclusion::kLatencyLimit;
  if (traits.backend >= 0 && !healthy_.empty() &&
      healthy_[static_cast<std::size_t>(traits.backend)] == 0 &&
      !health_->HealthyModelOf(expert_table_.expert(expert))) {
    return Exclusion::kUnhealthy;
  }
  return Exclusion::kNone;
}

}  // namespace moerge
