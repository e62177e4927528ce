// Asks experts the questions of an exam as background work, expert by expert, and keeps how they
// did as profiles. In memory: a run ends with the process; what it learnt stays.
//
// Owner: the composition root. Threads: Stop and the destructor from its owner's thread; all else
// any. What runs, runs on one event loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/base/result.h"
#include "registry/registry.h"
#include "services/evaluate/exam.h"
#include "services/jobs/batch_runner.h"

namespace moerge {

struct EvaluationOrder {
  std::vector<std::string> experts;
  std::vector<ExamQuestion> questions;
  std::string source;    // of the profiles; again under it replaces
  bool import = true;    // put them in force at the end
  int at_once = 8;       // calls, 1..256
  ChangeAuthor by = {};  // whose calls and whose change they are
};

// A run as it stands.
struct Evaluation {
  std::string id;
  std::string status;  // "running", "completed", "cancelled", "failed"
  std::string source;
  std::string error;  // why it failed
  std::string client;
  bool import = true;
  std::size_t questions = 0;
  std::vector<std::string> experts;
  std::vector<Exam::Tally> tallies;  // by expert
  WallTime started;
  std::optional<WallTime> finished;
  std::optional<std::uint64_t> revision;  // with its profiles in force
};

class EvaluationRunner {
 public:
  static constexpr std::size_t kKept = 20;  // runs that are over; the oldest go

  struct Parts {
    Registry& registry;
    Executor loop;
    std::function<std::unique_ptr<LineAnswerer>()> make_answerer;
  };
  // The parts outlive it.
  explicit EvaluationRunner(Parts parts);
  ~EvaluationRunner();  // stops

  // The id. Error: kConflict, another one runs.
  Result<std::string> Start(EvaluationOrder order);
  std::vector<Evaluation> List() const;  // newest first
  std::optional<Evaluation> Find(const std::string& id) const;
  // Calls under way are broken off; what was answered is not imported. False: it is over.
  bool Cancel(const std::string& id);
  // The results table so far; empty: nothing was answered.
  std::optional<std::string> Table(const std::string& id) const;
  // Ends what runs. REQUIRES: the loop runs, or never did.
  void Stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace moerge
