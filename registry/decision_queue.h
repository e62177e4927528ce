// Decisions on their way to the store: gathered by any thread, written in groups by the store
// thread.
//
// Owner: StoreThread. Bounded by count and bytes; what does not fit is lost, counted and said in
// the log at most once a second. A store that is locked is tried again a few times, a failed one is
// not.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/metrics.h"
#include "registry/decision_log.h"
#include "registry/store.h"
#include "registry/store_health.h"

namespace moerge {

class DecisionQueue {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kGroup = 500;  // what a transaction costs is shared by so many
  static constexpr std::chrono::milliseconds kGather{200};
  static constexpr std::chrono::milliseconds kRetry{1000};
  static constexpr int kTries = 5;
  static constexpr std::size_t kMaxBytes = 16u << 20;
  static constexpr std::size_t kMaxSpent = kGroup;       // records kept for their room
  static constexpr std::size_t kMaxSpentText = 8 << 10;  // of what is kept for its room

  static constexpr std::size_t kMaxLost = 4096;  // of which it is known why

  DecisionQueue(Metrics& metrics, StoreHealth& health, std::size_t capacity);

  // Empty, its texts with room from an earlier use where there is one. Any thread.
  DecisionRecord New();
  // Any thread. True: the writer should look at Due() again.
  [[nodiscard]] bool Add(DecisionRecord record);

  // When the next group is to be written; time_point::max() while there is none. Any thread.
  Clock::time_point Due() const;

  // Writes all that is there, in groups. Store thread only.
  void Write(Store& store, Clock::time_point now = Clock::now());
  // As Write, but what cannot be written is given up. Store thread only.
  void WriteLast(Store& store);

  // See StoreThread. Any thread.
  std::optional<DecisionRecord> Find(std::string_view id) const;
  std::optional<Error> WhyNotKept(std::string_view id) const;

  std::size_t written() const { return written_; }  // store thread only

 private:
  bool WriteGroup(Store& store, Clock::time_point now);
  // What waits becomes what is being written; false: there is nothing.
  bool TakeGroup();
  // What was being written waits again.
  void PutBack(Clock::time_point due);
  void KeepRoom();
  void LoseGroup(std::string_view why);
  // Null: it neither waits nor is being written. REQUIRES: mutex_ is held.
  const DecisionRecord* Waiting(std::string_view id) const;
  void Lose(std::size_t count, std::string_view why);

  StoreHealth& health_;
  Counter& lost_total_;
  Counter& written_total_;
  Gauge& waiting_gauge_;
  const std::size_t capacity_;

  std::size_t written_ = 0;  // store thread only
  int failures_ = 0;         // in a row; store thread only

  mutable std::mutex mutex_;  // guards what follows
  std::vector<DecisionRecord> waiting_;
  std::vector<DecisionRecord> writing_;  // changed by the store thread only, which reads it freely
  std::vector<DecisionRecord> spent_;
  std::deque<std::pair<std::string, std::string>> lost_;  // the newest: id and why
  std::size_t bytes_ = 0;
  Clock::time_point due_ = Clock::time_point::max();
  std::size_t unsaid_ = 0;  // lost since the log last said so
  Clock::time_point next_say_{};
};

}  // namespace moerge
