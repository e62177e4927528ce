// Kept decisions: what is kept of each, how lists are asked for, and how long they stay.
//
// Written by the store thread; asked there and, where the store has a reader (store.h), on a thread
// of its own. Blocking, not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "registry/types.h"

namespace moerge {

// One decision as kept: the columns that lists filter by, and the whole as JSON.
struct DecisionRecord {
  std::string id;  // 32 hexadecimal digits
  WallTime time;
  std::string request_id;
  std::string policy;
  std::string expert;   // who answered; empty: nobody
  std::string skill;    // most probable
  std::string outcome;  // "ok", "error", "cancelled", "dry_run"
  std::string json;     // the full decision; to be kept it may be packed (decision_pieces.h)
};

struct DecisionFilter {
  std::optional<std::string> policy, expert, skill, outcome;
  std::optional<WallTime> since, until;
  std::string before_id;  // page: entries older than this one, in the order of the list
  int limit = 50;         // 1..1000
};

struct DecisionRetention {
  std::chrono::seconds max_age{7 * 24 * 3600};
  std::int64_t max_count = 100'000;
};

class DecisionQueries {
 public:
  virtual ~DecisionQueries() = default;

  // Newest first, by arrival.
  virtual Result<std::vector<DecisionRecord>> List(const DecisionFilter& filter) = 0;
  virtual Result<std::optional<DecisionRecord>> Get(std::string_view id) = 0;
};

class DecisionLog : public DecisionQueries {
 public:
  virtual Status Add(const std::vector<DecisionRecord>& decisions) = 0;  // one transaction
  virtual Status Trim(const DecisionRetention& keep) = 0;
};

}  // namespace moerge
