#include "router/category_demand.h"

#include <algorithm>
#include <map>

namespace moerge {

std::vector<CategoryProbability> ByCategory(const Demand& demand, const Snapshot& snapshot) {
  std::map<std::string, float> sums;
  for (const SkillProbability& part : demand.skills) {
    const SkillEntry* skill = snapshot.FindSkill(part.skill);
    if (skill == nullptr) continue;
    const bool alone = skill->spec.category.empty();
    sums[alone ? skill->spec.name : skill->spec.category] += part.probability;
  }
  std::vector<CategoryProbability> categories;
  for (const auto& [category, probability] : sums) categories.push_back({category, probability});
  std::stable_sort(categories.begin(), categories.end(),
                   [](const auto& a, const auto& b) { return a.probability > b.probability; });
  return categories;
}

}  // namespace moerge
