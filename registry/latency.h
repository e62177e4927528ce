// How long experts take to answer, measured: for each one the times of its latest answers, to the
// last byte and to the first chunk of streamed ones. Answers alone count; what failed, was
// cancelled or was computed by a tool does not.
//
// Owner: the composition root; outlives all that answer requests. Threads: any, without waiting: an
// answer costs a few relaxed atomics. The table grows with the experts that ever answered and keeps
// about 1 kB for each. latency_keeper.h makes it survive restarts.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "config/base/result.h"
#include "registry/ids.h"
#include "registry/latency_histogram.h"
#include "registry/types.h"

namespace moerge {

// What an expert's answers take, in ms. 0: not known.
struct Latency {
  float typical_ms = 0;  // half of them took no longer
  float high_ms = 0;     // nine tenths of them took no longer
};

// One answer.
struct AnswerTime {
  double ms = 0;        // from sending the call, so without waiting for the backend's turn
  double first_ms = 0;  // likewise, to the first chunk; 0: not streamed
  WallTime when;
};

// Of one expert.
class ExpertLatency {
 public:
  void Add(const AnswerTime& answer);
  // The newest answers may be missing, at most eight and a sixteenth of all.
  Latency typical() const;

  const LatencyHistogram& answers() const { return answers_; }
  const LatencyHistogram& first() const { return first_; }
  WallTime last() const;  // when the newest answer was asked for
  // Tells whose times were kept: what answers under a name may change. 0: not said.
  std::uint64_t identity() const { return identity_.load(std::memory_order_relaxed); }

  void Clear();
  void SetIdentity(std::uint64_t identity) { identity_.store(identity, std::memory_order_relaxed); }

 private:
  friend class LatencyTable;
  LatencyHistogram answers_;
  LatencyHistogram first_;
  std::atomic<std::int64_t> last_ms_{0};  // since 1970
  std::atomic<std::uint64_t> identity_{0};
  // What typical() last worked out, at how many answers.
  mutable std::atomic<std::uint64_t> known_at_{0};
  mutable std::atomic<Latency> known_{};
};

class LatencyTable {
 public:
  LatencyTable() = default;
  ~LatencyTable();
  LatencyTable(const LatencyTable&) = delete;
  LatencyTable& operator=(const LatencyTable&) = delete;

  void Add(ExpertId expert, const AnswerTime& answer) { Of(expert).Add(answer); }
  // Null: it has never answered.
  ExpertLatency* Find(ExpertId expert) const;
  Latency Typical(ExpertId expert) const;
  void Visit(const std::function<void(ExpertId, ExpertLatency&)>& visit) const;

  // Everything as JSON, by name; and back, over an empty table. Error (kInternal): not such JSON;
  // nothing of it is taken.
  std::string Save() const;
  Status Restore(std::string_view saved);

 private:
  // Ids are dense and small, so what belongs to one stands in blocks that double in size.
  static constexpr int kFirstBits = 6;
  using Slot = std::atomic<ExpertLatency*>;

  ExpertLatency& Of(ExpertId expert);
  Slot* SlotOf(ExpertId expert) const;
  Slot& MakeSlot(ExpertId expert);

  std::array<std::atomic<Slot*>, 33 - kFirstBits> blocks_{};
  std::mutex growing_;
};

}  // namespace moerge
