// What a DecisionFilter and a DecisionRetention mean, for every store alike. Thread-safe, pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "registry/decision_log.h"
#include "registry/latency_histogram.h"
#include "registry/store.h"

namespace moerge {

inline constexpr int kMaxPage = 1000;

inline std::size_t PageSize(const DecisionFilter& filter) {
  return static_cast<std::size_t>(std::clamp(filter.limit, 1, kMaxPage));
}

// All but before_id and limit. `since` and `until` belong to the range.
inline bool Matches(const DecisionFilter& filter, const DecisionRecord& record) {
  const auto same = [](const std::optional<std::string>& wanted, const std::string& value) {
    return !wanted.has_value() || *wanted == value;
  };
  return same(filter.policy, record.policy) && same(filter.expert, record.expert) &&
         same(filter.skill, record.skill) && same(filter.outcome, record.outcome) &&
         same(filter.client, record.client) &&
         (!filter.status || *filter.status == record.status) &&
         (!filter.since || record.time >= *filter.since) &&
         (!filter.until || record.time <= *filter.until);
}

inline Error NoSuchPage(const std::string& before_id) {
  return Error{.code = ErrorCode::kNotFound,
               .message = "there is no decision `" + before_id +
                          "` to list from: it was never kept or has been removed by age or count; "
                          "begin with the newest",
               .param = "before_id"};
}

inline constexpr int kMaxUsageRows = 10'000;

inline std::size_t UsageRows(const UsageFilter& filter) {
  return static_cast<std::size_t>(std::clamp(filter.limit, 1, kMaxUsageRows));
}

// Hours since 1970.
inline std::int64_t HourOf(WallTime time) {
  return std::chrono::floor<std::chrono::hours>(time.time_since_epoch()).count();
}
inline WallTime StartOfHour(std::int64_t hour) { return WallTime(std::chrono::hours(hour)); }

inline bool IsDryRun(const DecisionRecord& record) { return record.outcome == "dry_run"; }

// Whether it is counted at all: a dry run is that asked nobody to decide how to route.
inline bool TookSomething(const DecisionRecord& record) {
  return !IsDryRun(record) || record.calls > 0;
}

inline UsageSums SumsOf(const DecisionRecord& record) {
  const bool dry = IsDryRun(record);
  return {dry ? 0 : 1,
          record.outcome == "error" ? 1 : 0,
          record.outcome == "cancelled" ? 1 : 0,
          record.prompt_tokens,
          record.completion_tokens,
          record.cost_usd,
          dry ? 0 : record.latency_ms,
          record.calls};
}

inline LatencyPercentiles PercentilesOf(const LatencyCounts& counts) {
  return {counts.count(), counts.Quantile(0.5), counts.Quantile(0.95), counts.Quantile(0.99)};
}

// Times of answered requests.
struct AnswerTimes {
  LatencyCounts latency;
  LatencyCounts first_token;
};
// By the beginning of the hour or day, in hours since 1970, and the value of the group.
using TimesByGroup = std::map<std::pair<std::int64_t, std::string>, AnswerTimes>;

inline std::int64_t StartOfRow(std::int64_t hour, const UsageFilter& filter) {
  return filter.per_day ? hour - hour % 24 : hour;
}

// Puts percentiles into `rows`.
inline void AddPercentiles(const TimesByGroup& times, std::vector<UsageRow>* rows) {
  for (UsageRow& row : *rows) {
    const auto at = times.find({HourOf(row.start), row.value});
    if (at == times.end()) continue;
    row.latency = PercentilesOf(at->second.latency);
    row.first_token = PercentilesOf(at->second.first_token);
  }
}

inline void AddTo(const UsageSums& more, UsageSums* sums) {
  sums->requests += more.requests;
  sums->errors += more.errors;
  sums->cancelled += more.cancelled;
  sums->prompt_tokens += more.prompt_tokens;
  sums->completion_tokens += more.completion_tokens;
  sums->cost_usd += more.cost_usd;
  sums->latency_ms += more.latency_ms;
  sums->calls += more.calls;
}

// Decisions before this are too old. Bounded, so that an enormous age does not wrap around.
inline WallTime OldestKept(const DecisionRetention& keep, WallTime now) {
  const auto since_epoch = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  return keep.max_age >= since_epoch ? WallTime{} : now - keep.max_age;
}

}  // namespace moerge
