// The work on one run of an evaluation, from its claim to its end: ask what was not asked yet, keep
// each answer, put the profiles in force. A beat beside it renews the lease, keeps how far it is
// and learns what is wished.
//
// Owner: the EvaluationRunner. Threads: the runner's loop; Shown from any; file work on the disk's
// thread.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "config/base/cancellation.h"
#include "services/evaluate/evaluation_runner.h"
#include "services/evaluate/exam_files.h"
#include "services/jobs/job_lease.h"

namespace moerge {

class EvaluationWork {
 public:
  enum class End { kCancelled, kStopped, kLost };

  // `parts` outlive it.
  EvaluationWork(EvaluationRunner::Parts& parts, JobRecord record);
  EvaluationWork(const EvaluationWork&) = delete;
  EvaluationWork& operator=(const EvaluationWork&) = delete;

  const std::string& id() const { return lease_.id(); }
  // As it stands.
  Evaluation Shown() const;

  // False: it could not go on, and is to be tried again later.
  Task<bool> Run();
  // Calls that are under way are broken off. The first reason counts.
  void Stop(End end);

 private:
  Task<Status> DoAll();
  Task<Status> OpenFiles();
  Task<void> AskInTurn();
  std::optional<ExamCall> NextCall();
  LineRequest RequestOf(const ExamCall& call) const;
  Exam::Outcome OutcomeOf(const ExamCall& call, const LineResult& result) const;
  Task<void> KeepCalls();
  void Count(const std::vector<ExamCall>& calls);
  Task<Status> Conclude();
  Task<Result<std::uint64_t>> Import(std::string table);
  void Finish(std::string status, std::string error = {});
  Task<bool> Close(Status done);
  Task<Status> Keep(std::chrono::seconds lease = JobLease::kLease);

  EvaluationRunner::Parts& parts_;
  JobLease lease_;
  std::optional<End> end_;
  Cancellation cancellation_;

  std::unique_ptr<LineAnswerer> answerer_;
  std::size_t next_ = 0;           // call: expert by expert, so that each is loaded once
  std::vector<ExamCall> waiting_;  // for the journal
  bool writing_ = false;
  Status written_ = Ok{};

  mutable std::mutex mutex_;  // guards what follows against Shown
  Evaluation state_;
  std::shared_ptr<OpenExam> open_;  // none yet: state_ has the tallies
};

}  // namespace moerge
