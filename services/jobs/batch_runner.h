// Runs the batches of a process, one at a time and oldest first, as background calls beside what
// clients ask. What a batch has done is on the disk before it counts: after a crash, wherever it
// comes, another process or the next start goes on with the lines that are not there, so that no
// line is lost or twice in the output; at most the calls that were under way are made again, since
// what experts replied for lines that take several calls is kept too (call_journal.h).
//
// Where a backend has room for few models, all lines are routed first and answered expert by expert
// (batch_plan.h), and the calls of the lines under way are grouped by model
// (services/calls/model_turns.h).
//
// Owner: the composition root. Threads: Start, Stop and the destructor from its owner's thread;
// Wake from any. What runs, runs on one event loop, and file work on `disk`.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/cancellation.h"
#include "config/base/metrics.h"
#include "config/base/task.h"
#include "registry/store_thread.h"
#include "services/calls/finished_calls.h"
#include "services/jobs/batch_lines.h"
#include "services/jobs/file_room.h"
#include "services/work_pool.h"

namespace moerge {

// One line's request, made for it by whoever knows the API.
struct LineRequest {
  std::string endpoint;
  std::string body;
  std::string request_id;
  std::string client;
  std::int64_t number = 0;              // of the line, from 1
  FinishedCallsPtr finished = nullptr;  // its calls; null: none is kept
};

// Answers the lines of one batch, all by what was in force when it was made. Threads: the runner's
// loop.
class LineAnswerer {
 public:
  virtual ~LineAnswerer() = default;
  // A request that was cancelled has the status 499.
  virtual Task<LineResult> Answer(const LineRequest& request, Cancellation& cancellation) = 0;
  // Whether lines are better answered expert by expert, since experts share devices.
  virtual bool IsGrouped() const = 0;
  // Whether some lines go where they do by what others ask (policies with `batch.assign`), so that
  // all have to be planned.
  virtual bool Assigns() const = 0;
  // Routes a line before any is answered, and asks nobody.
  virtual Task<void> Plan(const LineRequest& request, Cancellation& cancellation) = 0;
  // Of each line that was planned since the last time, kWindow at most, in their order: which
  // experts are asked, by name, which lives for ever; none: that is not known. Lines that are
  // assigned are so among these.
  static constexpr std::size_t kWindow = 10'000;
  virtual Task<std::vector<std::vector<std::string_view>>> EndWindow() = 0;
  // How those were spread so far.
  virtual const AssignedLines& assigned() const = 0;
  // Lines are answered expert by expert from now on, in this order of their names.
  virtual void ServeInOrder(const std::vector<std::string_view>& experts) = 0;
};

class BatchRunner {
 public:
  struct Parts {
    StoreThread& store;
    WorkPool& disk;
    FileRoom& room;
    Metrics& metrics;
    Executor loop;
    std::function<std::unique_ptr<LineAnswerer>()> make_answerer;
    std::size_t max_line = 32 << 20;       // bytes of a line; longer ones are faults
    std::chrono::milliseconds poll{1000};  // how often it looks for work and for wishes
  };
  explicit BatchRunner(Parts parts);
  ~BatchRunner();  // stops

  void Start();
  // There may be work: a batch was made.
  void Wake();
  // Ends what is under way; a batch is left as it is on the disk, for the next start or another
  // process. REQUIRES: the loop runs.
  void Stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace moerge
