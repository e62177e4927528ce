#include "services/jobs/batch_plan.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace moerge {

void BatchPlan::Add(const LinePlace& place, std::vector<std::string_view> experts) {
  std::ranges::sort(experts);
  for (const std::string_view expert : experts) ++calls_[expert];
  const auto next = static_cast<std::uint32_t>(groups_.size());
  const auto group = groups_.try_emplace(std::move(experts), next).first;
  lines_.push_back({place, group->second});
}

std::vector<std::string_view> BatchPlan::Order() const {
  std::vector<std::string_view> order;
  for (const auto& [expert, calls] : calls_) order.push_back(expert);
  const auto calls = [this](std::string_view expert) { return calls_.at(expert); };
  std::ranges::stable_sort(order, std::greater<>(), calls);
  return order;
}

void BatchPlan::Sort() {
  std::map<std::string_view, std::size_t> places;
  for (const std::string_view expert : Order()) places.emplace(expert, places.size());
  std::vector<std::pair<std::vector<std::size_t>, std::uint32_t>> ordered;
  for (const auto& [experts, group] : groups_) {
    auto& key = ordered.emplace_back(std::vector<std::size_t>(), group).first;
    for (const std::string_view expert : experts) key.push_back(places.at(expert));
    std::ranges::sort(key);
  }
  std::ranges::sort(ordered);
  std::vector<std::uint32_t> ranks(groups_.size());
  for (std::uint32_t rank = 0; rank < ordered.size(); ++rank) ranks[ordered[rank].second] = rank;
  std::ranges::sort(lines_, {}, [&](const Line& line) {
    return std::pair(ranks[line.group], line.place.number);
  });
}

}  // namespace moerge
