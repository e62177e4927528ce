#include "services/policy_check.h"

#include <utility>

#include "router/router.h"
#include "services/pipeline/aggregator.h"

namespace moerge {

Status CheckPolicyNames(const Policy& policy, const std::vector<std::string>* skills) {
  if (Status routing = CheckPolicy(policy, skills); !routing) return routing;
  Result<const Aggregator*> aggregator = FindAggregator(policy);
  if (!aggregator) return std::move(aggregator).error();
  return Ok{};
}

Status CheckTablePolicy(const Policy& policy, const Config*) { return CheckPolicyNames(policy); }

Status CheckDeclaredPolicy(const Policy& policy, const Config* config) {
  if (config == nullptr) return CheckPolicyNames(policy, nullptr);
  std::vector<std::string> names;
  for (const Skill& skill : config->skills) names.push_back(skill.name);
  if (config->shipped_skills) {
    for (const Skill& skill : ShippedSkills()) names.push_back(skill.name);
  }
  return CheckPolicyNames(policy, &names);
}

Status CheckPolicyIn(const Snapshot& snapshot, const Policy& policy) {
  std::vector<std::string> names;
  for (const SkillEntry& skill : snapshot.skills) names.push_back(skill.spec.name);
  return CheckPolicyNames(policy, &names);
}

}  // namespace moerge
