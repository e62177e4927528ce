// The loads of tenants under policies that balance, for all event loops. Bounded: of a tenant that
// has been silent for longest it is forgotten. Any thread may call.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "router/balance/load_shares.h"

namespace moerge {

class BalanceTable {
 public:
  explicit BalanceTable(std::size_t capacity = 4096) : capacity_(capacity) {}

  // `tenant`: whose requests share a load; the same one under another policy is another.
  std::vector<LoadShares::Share> Find(std::string_view policy, std::string_view tenant,
                                      const BalanceRules& rules);
  // None: it was refused.
  void Took(std::string_view policy, std::string_view tenant, std::optional<ExpertId> expert,
            std::span<const ExpertId> fitting, const BalanceRules& rules);
  std::size_t size() const;

 private:
  struct Entry {
    std::string key;  // policy, line break, tenant
    LoadShares shares;
  };
  LoadShares& Of(std::string_view policy, std::string_view tenant);

  const std::size_t capacity_;
  mutable std::mutex mutex_;  // guards what follows
  std::list<Entry> entries_;  // the most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;
};

}  // namespace moerge
