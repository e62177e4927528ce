#include "services/jobs/batch_plan.h"

#include <algorithm>
#include <utility>

namespace moerge {

void BatchPlan::Add(const LinePlace& place, std::vector<std::string_view> experts) {
  std::ranges::sort(experts);
  for (const std::string_view expert : experts) ++calls_[expert];
  const auto next = static_cast<std::uint32_t>(groups_.size());
  const auto group = groups_.try_emplace(std::move(experts), next).first;
  lines_.push_back({place, group->second});
}

void BatchPlan::Sort() {
  std::vector<std::uint32_t> ranks(groups_.size());
  std::uint32_t rank = 0;
  for (const auto& [experts, group] : groups_) ranks[group] = rank++;
  std::ranges::sort(lines_, {}, [&](const Line& line) {
    return std::pair(ranks[line.group], line.place.number);
  });
}

}  // namespace moerge
