#include "router/evaluate/category_table.h"

#include "router/profile/posterior.h"

namespace moerge {

CategoryTable::CategoryTable(const Snapshot& snapshot, const std::vector<std::string>& experts) {
  std::vector<const ExpertEntry*> entries;
  std::vector<double> means;
  for (const std::string& name : experts) {
    entries.push_back(snapshot.FindExpert(name));
    means.push_back(OverallOf(*entries.back()).strength.mean);
  }
  overall_ = Descending(means);
  for (const SkillEntry& skill : snapshot.skills) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      means[i] = PosteriorOf(*entries[i], OverallOf(*entries[i]), skill.id).mean;
    }
    by_category_[skill.spec.name] = Descending(means);
  }
}

const std::vector<std::uint32_t>& CategoryTable::Order(std::string_view category) const {
  const auto at = by_category_.find(category);
  return at == by_category_.end() ? overall_ : at->second;
}

}  // namespace moerge
