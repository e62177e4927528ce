// Asks experts the questions of an exam as background work, expert by expert, and keeps how they
// did as profiles. Runs are records of the store, their questions and answers files of the room:
// what was answered is on the disk before it counts, and after a crash the next start, or another
// process of the same store, goes on with the calls that are not there.
//
// Owner: the composition root. Threads: Start, Stop and the destructor from its owner's thread; all
// else on any event loop. What runs, runs on one loop, and file work on `disk`.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/base/result.h"
#include "config/base/task.h"
#include "registry/registry.h"
#include "registry/store_thread.h"
#include "services/evaluate/evaluation.h"
#include "services/jobs/batch_runner.h"
#include "services/jobs/file_room.h"
#include "services/work_pool.h"

namespace moerge {

class EvaluationRunner {
 public:
  static constexpr std::size_t kKept = 20;  // runs that are over; the oldest go

  struct Parts {
    Registry& registry;
    StoreThread& store;
    WorkPool& disk;
    FileRoom& room;
    Executor loop;
    std::function<std::unique_ptr<LineAnswerer>()> make_answerer;
    std::chrono::milliseconds poll{1000};  // how often it looks for work and for wishes
  };
  // The parts outlive it.
  explicit EvaluationRunner(Parts parts);
  ~EvaluationRunner();  // stops

  void Start();
  // Durable from then on. Errors: kConflict, another one is not over; of the store and the disk.
  Task<Result<Evaluation>> Add(EvaluationOrder order);
  Task<Result<std::vector<Evaluation>>> List();  // newest first
  // Error of these: kNotFound.
  Task<Result<Evaluation>> Find(std::string id);
  // Calls under way are broken off; what was answered is not imported. It is `cancelling` until
  // they have ended, after a restart too. Error: kConflict, it is over.
  Task<Result<Evaluation>> Cancel(std::string id);
  // With what was answered so far.
  Task<Result<Exam>> ReadExam(std::string id);
  // Ends what is under way; a run is left as it is on the disk, for the next start or another
  // process. REQUIRES: the loop runs.
  void Stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace moerge
