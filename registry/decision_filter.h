// What a DecisionFilter and a DecisionRetention mean, for every store alike. Thread-safe, pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>

#include "registry/decision_log.h"
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

// Decisions before this are too old. Bounded, so that an enormous age does not wrap around.
inline WallTime OldestKept(const DecisionRetention& keep, WallTime now) {
  const auto since_epoch = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  return keep.max_age >= since_epoch ? WallTime{} : now - keep.max_age;
}

}  // namespace moerge
