#include "router/category_demand.h"

#include <algorithm>

namespace moerge {

std::vector<CategoryProbability> ByCategory(const Demand& demand, const Snapshot& snapshot) {
  std::vector<CategoryProbability> categories;
  categories.reserve(demand.skills.size());
  for (const SkillProbability& part : demand.skills) {
    const SkillEntry* skill = snapshot.FindSkill(part.skill);
    if (skill == nullptr) continue;
    const std::string& own = skill->spec.category;
    const std::string_view category = own.empty() ? skill->spec.name : own;
    const auto at = std::ranges::find(categories, category, &CategoryProbability::category);
    if (at != categories.end()) {
      at->probability += part.probability;
    } else {
      categories.push_back({category, part.probability});
    }
  }
  std::ranges::sort(categories, [](const auto& a, const auto& b) {
    return a.probability != b.probability ? a.probability > b.probability : a.category < b.category;
  });
  return categories;
}

}  // namespace moerge
