#include "services/signals/balance_table.h"

#include <algorithm>
#include <iterator>

namespace moerge {

// REQUIRES: mutex_.
LoadShares& BalanceTable::Of(std::string_view policy, std::string_view tenant) {
  std::string key(policy);
  key.append("\n").append(tenant);
  const auto found = index_.find(key);
  if (found != index_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    return entries_.front().shares;
  }
  if (entries_.size() >= capacity_) {
    index_.erase(entries_.back().key);
    entries_.pop_back();
  }
  entries_.push_front({std::move(key), {}});
  index_.emplace(entries_.front().key, entries_.begin());
  return entries_.front().shares;
}

std::vector<LoadShares::Share> BalanceTable::Find(std::string_view policy, std::string_view tenant,
                                                  const BalanceRules& rules) {
  const std::lock_guard lock(mutex_);
  return Of(policy, tenant).All(rules);
}

void BalanceTable::Took(std::string_view policy, std::string_view tenant,
                        std::optional<ExpertId> expert, std::span<const ExpertId> fitting,
                        const BalanceRules& rules) {
  const std::lock_guard lock(mutex_);
  Of(policy, tenant).Took(expert, fitting, rules);
}

std::size_t BalanceTable::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace moerge
