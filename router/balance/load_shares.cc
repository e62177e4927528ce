#include "router/balance/load_shares.h"

#include <algorithm>
#include <cmath>

namespace moerge {

void LoadShares::Took(std::optional<ExpertId> expert, std::span<const ExpertId> fitting,
                      const BalanceRules& rules) {
  ++count_;
  for (const ExpertId id : fitting) experts_[id].last_fit = count_;
  if (expert) {
    Expert& taken = experts_[*expert];
    taken.last_fit = count_;
    ++taken.requests;
    ++taken.since_update;
  }
  window_.push_back(expert);
  Forget(rules);
  if (++since_update_ >= std::max(rules.window / 10, 1)) MoveBiases(rules);
}

void LoadShares::Forget(const BalanceRules& rules) {
  while (window_.size() > static_cast<std::size_t>(rules.window)) {
    if (window_.front()) --experts_[*window_.front()].requests;
    window_.pop_front();
  }
  const auto window = static_cast<std::uint64_t>(rules.window);
  std::erase_if(experts_, [&](const auto& each) {
    return each.second.requests == 0 && each.second.last_fit + window <= count_;
  });
}

void LoadShares::MoveBiases(const BalanceRules& rules) {
  if (experts_.empty()) return;
  const double mean = static_cast<double>(since_update_) / static_cast<double>(experts_.size());
  for (auto& [id, expert] : experts_) {
    const double missing = mean - expert.since_update;
    const auto step = static_cast<float>(missing > 0 ? rules.step : missing < 0 ? -rules.step : 0);
    expert.bias = std::clamp(expert.bias + step, -kMostBias, kMostBias);
    expert.since_update = 0;
  }
  since_update_ = 0;
}

std::vector<LoadShares::Share> LoadShares::All(const BalanceRules& rules) const {
  const double equal = experts_.empty() ? 0
                                        : static_cast<double>(window_.size() + 1) /
                                              static_cast<double>(experts_.size());
  const double most = std::max(1.0, std::ceil(rules.capacity * equal));
  std::vector<Share> shares;
  for (const auto& [id, expert] : experts_) {
    shares.push_back({.expert = id,
                      .requests = expert.requests,
                      .bias = rules.step > 0 ? expert.bias : 0,
                      .full = rules.capacity > 0 && expert.requests >= most});
  }
  return shares;
}

}  // namespace moerge
