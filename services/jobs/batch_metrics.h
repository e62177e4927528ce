// What /metrics says about batches. Threads: the runner's loop.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "config/base/metrics.h"
#include "config/base/task.h"
#include "registry/store_thread.h"
#include "services/jobs/batch_lines.h"

namespace moerge {

class BatchMetrics {
 public:
  // `metrics` outlives it.
  explicit BatchMetrics(Metrics& metrics);

  // A call that was made for a line.
  void Count(const LineCall& call);
  // So many more are on the disk.
  void LinesDone(std::int64_t lines);

  // The lines of the batch that is worked on; all 0: there is none.
  struct Lines {
    std::int64_t total = 0;
    std::int64_t under_way = 0;
    std::int64_t done = 0;
  };
  void ShowLines(const Lines& lines);
  // Shows how many batches are not over, whoever works on them. A store that cannot be read leaves
  // what was shown.
  Task<void> CountOpen(StoreThread& store);

 private:
  Metrics& metrics_;
  Counter& lines_done_;
  Gauge& waiting_;
  Gauge& under_way_;
  Gauge& open_;
  Gauge& oldest_;
  std::map<std::pair<std::string_view, bool>, Counter*> calls_;  // by expert, and whether answered
};

}  // namespace moerge
