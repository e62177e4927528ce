#include "services/evaluate/evaluation_runner.h"

#include <boost/asio/post.hpp>
#include <mutex>
#include <utility>

#include "services/api/store_call.h"
#include "services/evaluate/evaluation_work.h"
#include "services/jobs/job_loop.h"

namespace moerge {
namespace {

constexpr int kMostListed = 1000;

Error NoEvaluation(const std::string& id) {
  return {.code = ErrorCode::kNotFound,
          .message = "there is no evaluation `" + id + "`; the newest 20 that are over are kept",
          .param = "id"};
}

JobFilter AllEvaluations() { return {.kind = std::string(kEvaluationKind), .limit = kMostListed}; }

// Adds one unless another is not over; gives those that are too old to be kept.
Result<std::vector<std::string>> AddRun(Store& store, const JobRecord& record) {
  const auto open = store.jobs().Open(kEvaluationKind);
  if (!open) return open.error();
  if (open->count > 0) {
    return Error{ErrorCode::kConflict,
                 "an evaluation is under way; cancel it, or wait until it is over"};
  }
  const auto runs = store.jobs().List(AllEvaluations());
  if (!runs) return runs.error();
  if (Status added = store.jobs().Add(record); !added) return std::move(added).error();
  std::vector<std::string> old;
  for (std::size_t i = EvaluationRunner::kKept; i < runs->size(); ++i) {
    old.push_back((*runs)[i].id);
    if (const auto removed = store.jobs().Remove(kEvaluationKind, old.back()); !removed) break;
  }
  return old;
}

}  // namespace

struct EvaluationRunner::Impl {
  explicit Impl(Parts of) : parts(std::move(of)) {}

  class Current;
  JobLoop::Parts LoopParts();
  Task<Result<Evaluation>> Find(std::string id);
  Evaluation Shown(const JobRecord& record) const;
  void SetCurrent(EvaluationWork* work);

  Parts parts;
  mutable std::mutex mutex;           // guards the next one against other threads
  EvaluationWork* current = nullptr;  // the loop's; it does not go while the mutex is held
  JobLoop loop{LoopParts()};
};

// The one that is worked on.
class EvaluationRunner::Impl::Current final : public JobWork {
 public:
  Current(Impl& impl, JobRecord record) : impl_(impl), work_(impl.parts, std::move(record)) {
    impl_.SetCurrent(&work_);
  }
  ~Current() override { impl_.SetCurrent(nullptr); }

  Task<bool> Run() override { return work_.Run(); }
  void Stop() override { work_.Stop(EvaluationWork::End::kStopped); }

 private:
  Impl& impl_;
  EvaluationWork work_;
};

JobLoop::Parts EvaluationRunner::Impl::LoopParts() {
  return {.store = parts.store,
          .loop = parts.loop,
          .kind = std::string(kEvaluationKind),
          .what = "evaluations",
          .poll = parts.poll,
          .begin = [this](JobRecord record) {
            return std::make_unique<Current>(*this, std::move(record));
          }};
}

void EvaluationRunner::Impl::SetCurrent(EvaluationWork* work) {
  const std::lock_guard lock(mutex);
  current = work;
}

// The one that is worked on here is further than its record says.
Evaluation EvaluationRunner::Impl::Shown(const JobRecord& record) const {
  Result<Evaluation> kept = EvaluationOf(record);
  if (!kept) {
    Evaluation damaged;
    damaged.id = record.id;
    damaged.status = "failed";
    damaged.error = kept.error().message;
    damaged.started = record.created;
    return damaged;
  }
  const std::lock_guard lock(mutex);
  const bool here = !kept->over() && current != nullptr && current->id() == kept->id;
  if (!here) return *std::move(kept);
  Evaluation shown = current->Shown();
  // It may not have heard yet.
  if (kept->status == Evaluation::kCancelling && !shown.over()) shown.status = kept->status;
  return shown;
}

Task<Result<Evaluation>> EvaluationRunner::Impl::Find(std::string id) {
  using Found = std::optional<JobRecord>;
  std::function<Result<Found>(Store&)> get = [id](Store& store) {
    return store.jobs().Get(kEvaluationKind, id);
  };
  Result<Found> record = co_await api::OnStore(parts.store, std::move(get));
  if (!record) co_return std::move(record).error();
  if (!record->has_value()) co_return NoEvaluation(id);
  co_return Shown(**record);
}

EvaluationRunner::EvaluationRunner(Parts parts) : impl_(std::make_shared<Impl>(std::move(parts))) {}

EvaluationRunner::~EvaluationRunner() { Stop(); }

void EvaluationRunner::Start() { impl_->loop.Start(); }
void EvaluationRunner::Stop() { impl_->loop.Stop(); }

Task<Result<Evaluation>> EvaluationRunner::Add(EvaluationOrder order) {
  const std::shared_ptr<Impl> impl = impl_;
  const Evaluation run = BeginEvaluation(order);
  FileRoom& room = impl->parts.room;
  std::function<Status()> keep = [&room, id = run.id, questions = std::move(order.questions)] {
    return KeepQuestions(room, id, questions);
  };
  Status kept = co_await impl->parts.disk.Run(std::move(keep));
  if (!kept) co_return std::move(kept).error();
  using Ids = std::vector<std::string>;
  std::function<Result<Ids>(Store&)> add = [record = RecordOf(run)](Store& store) {
    return AddRun(store, record);
  };
  Result<Ids> old = co_await api::OnStore(impl->parts.store, std::move(add));
  std::function<Status()> remove = [&room, ids = old ? *old : Ids{run.id}]() -> Status {
    for (const std::string& id : ids) RemoveExam(room, id);
    return Ok{};
  };
  (void)co_await impl->parts.disk.Run(std::move(remove));
  if (!old) co_return std::move(old).error();
  impl->loop.Wake();
  co_return run;
}

Task<Result<std::vector<Evaluation>>> EvaluationRunner::List() {
  const std::shared_ptr<Impl> impl = impl_;
  using Records = std::vector<JobRecord>;
  std::function<Result<Records>(Store&)> list = [](Store& store) {
    return store.jobs().List(AllEvaluations());
  };
  Result<Records> records = co_await api::OnStore(impl->parts.store, std::move(list));
  if (!records) co_return std::move(records).error();
  std::vector<Evaluation> runs;
  for (const JobRecord& record : *records) runs.push_back(impl->Shown(record));
  co_return runs;
}

Task<Result<Evaluation>> EvaluationRunner::Find(std::string id) {
  co_return co_await impl_->Find(std::move(id));
}

Task<Result<Evaluation>> EvaluationRunner::Cancel(std::string id) {
  const std::shared_ptr<Impl> impl = impl_;
  using Wished = std::optional<JobRecord>;
  std::function<Result<Wished>(Store&)> wish = [id](Store& store) {
    return store.jobs().Wish(kEvaluationKind, id, "cancel", Evaluation::kCancelling);
  };
  Result<Wished> wished = co_await api::OnStore(impl->parts.store, std::move(wish));
  if (!wished) co_return std::move(wished).error();
  if (!wished->has_value()) {
    Result<Evaluation> run = co_await impl->Find(id);
    if (!run) co_return run;
    co_return Error{ErrorCode::kConflict,
                    "the evaluation is over: its status is `" + run->status + "`"};
  }
  boost::asio::post(impl->parts.loop, [impl, id] {
    const bool here = impl->current != nullptr && impl->current->id() == id;
    if (here) impl->current->Stop(EvaluationWork::End::kCancelled);
  });
  impl->loop.Wake();
  co_return impl->Shown(**wished);
}

Task<Result<Exam>> EvaluationRunner::ReadExam(std::string id) {
  const std::shared_ptr<Impl> impl = impl_;
  Result<Evaluation> run = co_await impl->Find(id);
  if (!run) co_return std::move(run).error();
  FileRoom& room = impl->parts.room;
  std::function<Result<Exam>()> read = [&room, id, experts = run->experts] {
    return moerge::ReadExam(room, id, experts);
  };
  co_return co_await impl->parts.disk.Run(std::move(read));
}

}  // namespace moerge
