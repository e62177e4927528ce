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

// One decision as kept: the columns that people ask by, and the whole as JSON.
struct DecisionRecord {
  std::string id;  // 32 hexadecimal digits; later ones are greater (config/base/ordered_id.h)
  WallTime time;
  std::string request_id;
  std::string policy;
  std::string expert;   // who answered; empty: nobody
  std::string skill;    // most probable
  std::string outcome;  // "ok", "error", "cancelled", "dry_run"
  int status = 0;       // what the client got, of HTTP; 499: it left. 0: not known
  std::string client;   // the name of its key; empty: open access
  std::int64_t prompt_tokens = 0;
  std::int64_t completion_tokens = 0;
  double cost_usd = 0;
  double latency_ms = 0;   // of the whole request
  std::int64_t calls = 0;  // of experts
  // Until a stream's first token. Kept roughly, for UsageFilter::percentiles, and in the JSON: a
  // decision that is read back has 0 here. 0: it was no stream.
  double first_token_ms = 0;
  std::string json = {};  // the full decision
};

struct DecisionFilter {
  std::optional<std::string> policy, expert, skill, outcome, client;
  std::optional<int> status;
  std::optional<WallTime> since, until;
  std::string before_id;   // page: entries older than this one, in the order of the list
  int limit = 50;          // 1..1000
  bool with_json = false;  // lists show columns alone; the JSON costs far more than they do
};

struct DecisionRetention {
  std::chrono::seconds max_age{7 * 24 * 3600};
  std::int64_t max_count = 100'000;
};

// What a group of decisions took together. Sums are kept for every hour, far longer than decisions.
struct UsageSums {
  // Of any outcome but dry runs: of those only what they took is counted.
  std::int64_t requests = 0;
  std::int64_t errors = 0;
  std::int64_t cancelled = 0;
  std::int64_t prompt_tokens = 0;
  std::int64_t completion_tokens = 0;
  double cost_usd = 0;
  double latency_ms = 0;  // the sum
  std::int64_t calls = 0;
  bool operator==(const UsageSums&) const = default;
};

enum class UsageGroup { kAll, kPolicy, kExpert, kSkill, kClient };

struct UsageFilter {
  std::optional<std::string> policy = {}, expert = {}, skill = {}, client = {};
  UsageGroup group = UsageGroup::kAll;
  bool per_day = false;  // else per hour; days are UTC
  WallTime since = {};   // whole hours, the one that it is in included
  WallTime until = WallTime::max();
  int limit = 1000;  // rows, the newest; 1..10,000
  bool percentiles = false;
};

// Of answered requests whose decisions are kept, to about 6 % (latency_histogram.h).
struct LatencyPercentiles {
  std::int64_t count = 0;  // 0: nothing is known
  double p50_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
};

struct UsageRow {
  WallTime start;     // of the hour or day
  std::string value;  // of the group; empty for kAll, and where decisions had none
  UsageSums sums;
  // Where they were asked for.
  LatencyPercentiles latency = {};
  LatencyPercentiles first_token = {};
};

inline constexpr std::chrono::hours kUsageKept{24 * 400};

class DecisionQueries {
 public:
  virtual ~DecisionQueries() = default;

  // Newest first, by arrival. Error: kNotFound, no decision `before_id`; of the store.
  virtual Result<std::vector<DecisionRecord>> List(const DecisionFilter& filter) = 0;
  virtual Result<std::optional<DecisionRecord>> Get(std::string_view id) = 0;
  // Newest first, then by value.
  virtual Result<std::vector<UsageRow>> Usage(const UsageFilter& filter) = 0;
};

class DecisionLog : public DecisionQueries {
 public:
  virtual Status Add(const std::vector<DecisionRecord>& decisions) = 0;  // one transaction
  // Does a part of what is to be done, for a few dozen milliseconds at most: removes what is too
  // old or too much, and takes over what an older moerge kept. True: there is more.
  virtual Result<bool> Tidy(const DecisionRetention& keep) = 0;
};

}  // namespace moerge
