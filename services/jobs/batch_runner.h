// Runs the batches of a process, one at a time and oldest first, as background calls beside what
// clients ask. What a batch has done is on the disk before it counts: after a crash, wherever it
// comes, another process or the next start goes on with the lines that are not there, so that no
// line is lost or twice in the output; at most the calls that were under way are made again.
//
// Where a backend has room for few models, the calls of the lines under way are grouped by model
// (services/calls/model_turns.h).
//
// Owner: the composition root. Threads: Start, Stop and the destructor from its owner's thread;
// Wake from any. What runs, runs on one event loop, and file work on `disk`.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "config/base/cancellation.h"
#include "config/base/metrics.h"
#include "config/base/task.h"
#include "registry/store_thread.h"
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
};

class BatchRunner {
 public:
  // Answers on the runner's loop; a request that was cancelled has the status 499.
  using Answer = std::function<Task<LineResult>(const LineRequest&, Cancellation&)>;

  struct Parts {
    StoreThread& store;
    WorkPool& disk;
    FileRoom& room;
    Metrics& metrics;
    Executor loop;
    Answer answer;
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
  std::shared_ptr<Impl> impl_;
};

}  // namespace moerge
