// The work on one batch, from its claim to its end: check every line, answer those that are not in
// the output yet, write, close. A beat beside it renews the lease, says how far it is and learns
// what is wished.
//
// How it ends is in batch_work_end.cc.
//
// Owner: the BatchRunner. Threads: the runner's loop; file work on the disk's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/base/task_group.h"
#include "registry/job_store.h"
#include "services/jobs/batch.h"
#include "services/jobs/batch_input.h"
#include "services/jobs/batch_metrics.h"
#include "services/jobs/batch_output.h"
#include "services/jobs/batch_runner.h"
#include "services/jobs/call_journal.h"
#include "services/jobs/job_lease.h"
#include "services/jobs/job_loop.h"

namespace moerge {

class BatchWork final : public JobWork {
 public:
  using Clock = std::chrono::steady_clock;

  // Why it ends.
  enum class End { kDone, kCancelled, kExpired, kStopped, kLost };

  // `parts` and `metrics` outlive it.
  BatchWork(BatchRunner::Parts& parts, BatchMetrics& metrics, JobRecord record);
  BatchWork(const BatchWork&) = delete;
  BatchWork& operator=(const BatchWork&) = delete;

  Task<bool> Run() override;
  void Stop() override { Stop(End::kStopped); }

 private:
  // Calls that are under way are cancelled. The first reason counts.
  void Stop(End end);
  Task<Status> DoAll();
  Task<Status> Check();
  Task<Status> OpenFiles();
  Task<Status> OpenJournal();
  Task<void> CloseJournal();
  Task<Status> OpenSource();
  Task<Status> MakePlan();
  Task<Status> PlanLines(BatchPlan& plan);
  Task<Status> WorkOff();
  Task<Status> ReadMore(std::size_t most, bool done = false);
  void StartLines();
  Task<void> AnswerLine(BatchLine line);
  LineRequest RequestOf(const BatchLine& line) const;
  Task<LineResult> AskUntilAnswered(LineRequest& request);
  void TakeResult(const BatchLine& line, LineResult result);
  int MostUnderWay() const;
  bool WantsMore() const;
  bool IsDone() const;
  bool IsWriteDue(bool idle) const;
  Task<Status> Write();
  Task<Status> WriteExpired();
  Task<Status> AddFiles();
  Task<Status> AddFile(const std::string& id, std::string_view kind, std::int64_t lines);
  Task<bool> Close(Status done);
  void SetEnd();
  void SetFailed(const Error& error);
  Task<Status> Beat();
  void Measure();
  Task<Status> Keep(bool open, std::chrono::seconds lease = JobLease::kLease);
  BatchInput Input() const;
  template <class T>
  Task<T> OnDisk(std::function<T()> work) {
    co_return co_await parts_.disk.Run(std::move(work));
  }

  BatchRunner::Parts& parts_;
  BatchMetrics& metrics_;
  JobLease lease_;
  Batch batch_;
  std::optional<End> end_;
  Cancellation cancellation_;
  Clock::time_point expires_{};  // by a clock that does not jump

  std::unique_ptr<LineAnswerer> answerer_;
  bool grouped_ = false;  // lines are answered expert by expert
  std::shared_ptr<BatchLineSource> source_;
  std::shared_ptr<BatchOutput> output_;
  std::unique_ptr<CallJournal> journal_;  // outlives the lines under way
  std::deque<BatchLine> ready_;
  bool read_all_ = false;
  TaskGroup lines_;                  // under way
  std::size_t bytes_under_way_ = 0;  // of their bodies
  // Of lines that are done and not on the disk yet.
  std::string answers_, failures_;
  std::int64_t answered_ = 0, failed_ = 0;
  std::vector<std::int64_t> done_;  // their numbers
  std::vector<LineCall> calls_;     // theirs
  Clock::time_point written_ = Clock::now();
  bool disk_full_ = false;  // no line is begun
  // When how many lines were done, lately.
  std::deque<std::pair<Clock::time_point, std::int64_t>> pace_;
};

}  // namespace moerge
