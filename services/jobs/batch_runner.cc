#include "services/jobs/batch_runner.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <deque>
#include <future>
#include <optional>
#include <utility>

#include "config/base/event.h"
#include "config/base/log.h"
#include "config/base/random.h"
#include "config/base/task_group.h"
#include "config/base/text.h"
#include "registry/job_store.h"
#include "services/api/store_call.h"
#include "services/jobs/batch.h"
#include "services/jobs/batch_input.h"
#include "services/jobs/batch_output.h"

namespace moerge {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kUnderWay = 1024;  // lines at once
constexpr std::size_t kReadAhead = 1024;
constexpr int kLineTries = 4;
constexpr std::chrono::seconds kLease{10};
constexpr std::chrono::milliseconds kWriteEvery{100};
constexpr std::size_t kWriteBytes = 1 << 20;

// What may be well the next time.
bool IsPassing(int status) { return status == 429 || status == 408 || status >= 500; }

// Why the work on a batch ends.
enum class End { kDone, kCancelled, kExpired, kStopped, kLost };

void SetEnd(End end, Batch* batch) {
  const std::int64_t now = NowInSeconds();
  if (end == End::kCancelled) {
    if (batch->cancelling == 0) batch->cancelling = now;
    batch->cancelled = now;
    batch->status = "cancelled";
  } else if (end == End::kExpired) {
    batch->expired = now;
    batch->status = "expired";
  } else {
    batch->finalizing = batch->completed = now;
    batch->status = "completed";
  }
}

}  // namespace

struct BatchRunner::Impl {
  explicit Impl(Parts of)
      : parts(std::move(of)),
        owner(RandomId()),
        changed(parts.loop),
        lines_done(parts.metrics.GetCounter("moerge_batch_lines_total",
                                            "Lines of batches that are done.", {})) {}

  // Of the batch that is worked on.
  struct Work {
    Work(const Executor& loop, JobRecord of) : record(std::move(of)), group(loop) {}
    JobRecord record;
    Batch batch;
    std::shared_ptr<BatchLineSource> source;
    std::shared_ptr<BatchOutput> output;
    std::deque<BatchLine> ready;
    bool read_all = false;
    std::string answers, failures;  // lines that are not on the disk yet
    std::int64_t answered = 0, failed = 0;
    Clock::time_point written = Clock::now();
    Clock::time_point kept = Clock::now();
    Cancellation cancellation;
    std::optional<End> end;
    TaskGroup group;
  };

  Task<void> Run();
  Task<std::optional<JobRecord>> Claim();
  Task<void> RunBatch(JobRecord record);
  Task<Status> Prepare(Work& work);
  Task<Status> OpenFiles(Work& work);
  Task<Status> Check(Work& work);
  Task<void> WorkOff(Work& work);
  Task<void> AnswerLine(Work& work, BatchLine line);
  Task<Status> Read(Work& work);
  Task<Status> Write(Work& work);
  Task<Status> WriteExpired(Work& work);
  Task<Status> Keep(Work& work, bool open, std::chrono::seconds lease = kLease);
  Task<void> Finish(Work& work);
  Task<Status> AddFiles(Work& work);
  Task<void> Break(Work& work, const Error& error);
  void Stop(Work& work, End end);

  Parts parts;
  const std::string owner;
  Event changed;         // wakes the runner; its loop's
  bool started = false;  // the owner's thread
  bool stopping = false;
  Work* current = nullptr;
  std::promise<void> ended;
  Counter& lines_done;
};

Task<void> BatchRunner::Impl::Run() {
  while (!stopping) {
    std::optional<JobRecord> job = co_await Claim();
    if (job) {
      co_await RunBatch(*std::move(job));
      continue;
    }
    changed.Reset();
    if (stopping) break;
    const Deadline look = Deadline::After(parts.poll);
    (void)co_await changed.WaitUntil(look);
  }
  ended.set_value();
}

Task<std::optional<JobRecord>> BatchRunner::Impl::Claim() {
  using Claimed = std::optional<JobRecord>;
  std::function<Result<Claimed>(Store&)> claim = [owner = owner](Store& store) {
    const WallTime now = std::chrono::system_clock::now();
    return store.jobs().Claim(kBatchKind, owner, {}, now, now + kLease);
  };
  Result<Claimed> job = co_await api::OnStore(parts.store, std::move(claim));
  if (!job) {
    LogWarning("batches cannot be looked for", {{"error", job.error().message}});
    co_return Claimed();
  }
  co_return *std::move(job);
}

Task<void> BatchRunner::Impl::RunBatch(JobRecord record) {
  Work work(parts.loop, std::move(record));
  Result<Batch> batch = ParseBatch(work.record.json);
  if (!batch) {
    Error damaged{ErrorCode::kInternal, "the batch's record is damaged"};
    co_return co_await Break(work, damaged);
  }
  work.batch = *std::move(batch);
  work.batch.status = work.record.state;
  current = &work;
  Status prepared = co_await Prepare(work);
  if (!prepared) {
    current = nullptr;
    co_return co_await Break(work, prepared.error());
  }
  if (!work.batch.over() && !work.end) co_await WorkOff(work);
  current = nullptr;
  if (work.end != End::kLost) co_await Finish(work);
}

// What was asked of the batch before anybody worked on it counts too.
Task<Status> BatchRunner::Impl::Prepare(Work& work) {
  if (work.record.wish == "cancel") work.end = End::kCancelled;
  if (work.batch.begun == 0 && !work.end) {
    Status checked = co_await Check(work);
    if (!checked || work.batch.over()) co_return checked;
  }
  co_return co_await OpenFiles(work);
}

// What it reads and writes, from the beginning, with what is done already.
Task<Status> BatchRunner::Impl::OpenFiles(Work& work) {
  std::function<Result<std::shared_ptr<BatchOutput>>()> output =
      [&room = parts.room, answers = work.batch.output_file, failures = work.batch.error_file] {
        return BatchOutput::Open(room, answers, failures);
      };
  auto opened = co_await parts.disk.Run(std::move(output));
  if (!opened) co_return std::move(opened).error();
  work.output = *std::move(opened);
  work.batch.answered = work.output->answered();
  work.batch.failures = work.output->failures();
  std::function<Result<std::shared_ptr<BatchLineSource>>()> source =
      [path = parts.room.PathOf(work.batch.input_file), endpoint = work.batch.endpoint] {
        return BatchLineSource::Open(path, endpoint);
      };
  auto lines = co_await parts.disk.Run(std::move(source));
  if (!lines) co_return std::move(lines).error();
  work.source = *std::move(lines);
  work.ready.clear();
  co_return Ok{};
}

Task<Status> BatchRunner::Impl::Check(Work& work) {
  std::function<Result<BatchValidation>()> validate =
      [path = parts.room.PathOf(work.batch.input_file), endpoint = work.batch.endpoint] {
        return ValidateBatchFile(path, endpoint);
      };
  Result<BatchValidation> found = co_await parts.disk.Run(std::move(validate));
  if (!found) co_return std::move(found).error();
  work.batch.total = found->lines;
  if (!found->faults.empty()) {
    work.batch.faults = std::move(found->faults);
    work.batch.status = "failed";
    work.batch.failed = NowInSeconds();
    co_return Ok{};
  }
  work.batch.begun = NowInSeconds();
  work.batch.status = "in_progress";
  co_return co_await Keep(work, true);
}

void BatchRunner::Impl::Stop(Work& work, End end) {
  if (!work.end) work.end = end;
  work.cancellation.Cancel();
}

Task<void> BatchRunner::Impl::WorkOff(Work& work) {
  while (true) {
    if (stopping) Stop(work, End::kStopped);
    if (NowInSeconds() >= work.batch.expires) Stop(work, End::kExpired);
    Status status = Ok{};
    if (!work.end && work.ready.empty() && !work.read_all) status = co_await Read(work);
    while (status && !work.end && work.group.running() < kUnderWay && !work.ready.empty()) {
      BatchLine line = std::move(work.ready.front());
      work.ready.pop_front();
      work.group.Start("batch", AnswerLine(work, std::move(line)));
    }
    const bool idle = work.group.running() == 0;
    if (!idle) {
      const Deadline next = Deadline::After(kWriteEvery);
      (void)co_await work.group.AwaitOne(next);
    }
    const auto now = Clock::now();
    const std::size_t waiting = work.answers.size() + work.failures.size();
    const bool due = idle || waiting >= kWriteBytes || now - work.written >= kWriteEvery;
    // Nothing is written that another process may have taken over.
    const bool ends = std::chrono::system_clock::now() + kLease / 3 >= work.record.until;
    if (status && (ends || now - work.kept >= parts.poll)) status = co_await Keep(work, true);
    const bool ours = work.end != End::kLost;
    if (status && waiting > 0 && due && ours) status = co_await Write(work);
    if (!status) {
      LogError("a batch cannot go on",
               {{"batch", work.batch.id}, {"error", status.error().message}});
      Stop(work, End::kLost);
    }
    if (idle && (work.end || (work.ready.empty() && work.read_all))) break;
  }
  co_await work.group.Join();
}

Task<Status> BatchRunner::Impl::Read(Work& work) {
  std::function<Result<std::deque<BatchLine>>()> read =
      [source = work.source, output = work.output] { return source->Next(kReadAhead, *output); };
  auto lines = co_await parts.disk.Run(std::move(read));
  if (!lines) co_return std::move(lines).error();
  work.ready = *std::move(lines);
  work.read_all = work.ready.empty();
  co_return Ok{};
}

Task<void> BatchRunner::Impl::AnswerLine(Work& work, BatchLine line) {
  LineRequest request{work.batch.endpoint, std::move(line.body),
                      work.batch.id + "-" + std::to_string(line.number), work.batch.client};
  LineResult result;
  for (int attempt = 1;; ++attempt) {
    result = co_await parts.answer(request, work.cancellation);
    if (work.cancellation.cancelled() && !result.answered()) co_return;
    if (!IsPassing(result.status) || attempt == kLineTries) break;
    Event over(parts.loop);
    const auto left = work.cancellation.OnCancel([&over] { over.Set(); });
    const Deadline pause = Deadline::After(std::chrono::seconds(1) * (1 << (attempt - 1)));
    (void)co_await over.WaitUntil(pause);
    if (work.cancellation.cancelled()) co_return;
  }
  result.request_id = std::move(request.request_id);
  std::string text = OutputLine(work.batch.id, line, result);
  if (result.answered()) {
    work.answers += text;
    ++work.answered;
  } else {
    work.failures += text;
    ++work.failed;
  }
}

// Only what is on the disk counts.
Task<Status> BatchRunner::Impl::Write(Work& work) {
  const std::int64_t answered = std::exchange(work.answered, 0);
  const std::int64_t failed = std::exchange(work.failed, 0);
  std::function<Status()> append = [output = work.output, answers = std::exchange(work.answers, {}),
                                    failures = std::exchange(work.failures, {})] {
    return output->Append(answers, failures);
  };
  Status written = co_await parts.disk.Run(std::move(append));
  if (!written) co_return written;
  work.batch.answered += answered;
  work.batch.failures += failed;
  lines_done.Add(static_cast<double>(answered + failed));
  work.written = Clock::now();
  co_return Ok{};
}

// The record as it stands; hears what is wished.
Task<Status> BatchRunner::Impl::Keep(Work& work, bool open, std::chrono::seconds lease) {
  work.record.state = work.batch.status;
  work.record.open = open;
  work.record.json = KeptJson(work.batch);
  work.record.until = std::chrono::system_clock::now() + lease;
  using Wish = std::optional<std::string>;
  std::function<Result<Wish>(Store&)> keep = [record = work.record](Store& store) {
    return store.jobs().Keep(record);
  };
  Result<Wish> wish = co_await api::OnStore(parts.store, std::move(keep));
  if (!wish) co_return std::move(wish).error();
  work.kept = Clock::now();
  if (!wish->has_value()) {
    Stop(work, End::kLost);
  } else if (**wish == "cancel") {
    if (work.batch.cancelling == 0) work.batch.cancelling = NowInSeconds();
    if (open) work.batch.status = "cancelling";
    Stop(work, End::kCancelled);
  }
  co_return Ok{};
}

// Lines that are left when the time is over are failures that say so.
Task<Status> BatchRunner::Impl::WriteExpired(Work& work) {
  while (true) {
    if (work.ready.empty()) {
      if (Status read = co_await Read(work); !read) co_return read;
      if (work.ready.empty()) co_return Ok{};
    }
    for (const BatchLine& line : work.ready) {
      LineResult result;
      result.error_code = "batch_expired";
      result.error_message = "this request was not answered before the batch's time was over";
      work.failures += OutputLine(work.batch.id, line, result);
      ++work.failed;
    }
    work.ready.clear();
    if (Status written = co_await Write(work); !written) co_return written;
  }
}

Task<void> BatchRunner::Impl::Finish(Work& work) {
  const End end = work.end.value_or(End::kDone);
  if (end == End::kStopped) {  // as it stands, for whoever comes next
    (void)co_await Keep(work, true, std::chrono::seconds(0));
    co_return;
  }
  Status status = Ok{};
  if (work.source != nullptr && end == End::kExpired) {
    // Those that were under way are among them.
    status = co_await OpenFiles(work);
    if (status) status = co_await WriteExpired(work);
  }
  if (!work.batch.over()) SetEnd(end, &work.batch);
  if (status) status = co_await AddFiles(work);
  if (status) status = co_await Keep(work, false);
  if (status) {
    LogInfo("a batch is over", {{"batch", work.batch.id},
                                {"status", work.batch.status},
                                {"answered", work.batch.answered},
                                {"failed", work.batch.failures}});
  } else {
    LogError("a batch could not be ended; it is tried again",
             {{"batch", work.batch.id}, {"error", status.error().message}});
    co_await SleepFor(parts.poll);
  }
}

// Files of answers and failures are there for clients from now on.
Task<Status> BatchRunner::Impl::AddFiles(Work& work) {
  const std::pair<std::string, std::int64_t> files[] = {
      {work.batch.output_file, work.batch.answered}, {work.batch.error_file, work.batch.failures}};
  for (const auto& [id, lines] : files) {
    if (lines == 0) {
      std::function<Status()> remove = [&room = parts.room, id = id]() -> Status {
        room.Remove(id);
        return Ok{};
      };
      (void)co_await parts.disk.Run(std::move(remove));
      continue;
    }
    std::function<Result<std::int64_t>()> size = [&room = parts.room, id = id] {
      return room.Size(id);
    };
    Result<std::int64_t> bytes = co_await parts.disk.Run(std::move(size));
    if (!bytes) co_return std::move(bytes).error();
    StoredFile file{
        .id = id,
        .client = work.batch.client,
        .name = work.batch.id + (id == work.batch.output_file ? "_output" : "_error") + ".jsonl",
        .purpose = "batch_output",
        .bytes = *bytes,
        .created = NowInSeconds()};
    std::function<Status(Store&)> add = [record = RecordOf(file)](Store& store) -> Status {
      // It may be there: the process that added it died before it said that the batch is over.
      Result<bool> removed = store.jobs().Remove(record.kind, record.id);
      if (!removed) return std::move(removed).error();
      return store.jobs().Add(record);
    };
    Status added = co_await api::OnStore(parts.store, std::move(add));
    if (!added) co_return added;
  }
  co_return Ok{};
}

// The batch cannot be run at all, for example as its file is gone.
Task<void> BatchRunner::Impl::Break(Work& work, const Error& error) {
  LogError("a batch cannot be run", {{"batch", work.record.id}, {"error", error.message}});
  if (error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kOverloaded) {
    co_await SleepFor(parts.poll);  // a full disk, a locked store: tried again
    co_return;
  }
  if (work.batch.id.empty()) work.batch.id = work.record.id;
  work.batch.status = "failed";
  work.batch.failed = NowInSeconds();
  work.batch.faults = {{.code = "input_unreadable", .message = error.message}};
  (void)co_await Keep(work, false);
}

BatchRunner::BatchRunner(Parts parts) : impl_(std::make_shared<Impl>(std::move(parts))) {}

BatchRunner::~BatchRunner() { Stop(); }

void BatchRunner::Start() {
  const std::shared_ptr<Impl> impl = impl_;
  impl->started = true;
  boost::asio::post(impl->parts.loop, [impl] { Spawn(impl->parts.loop, "batches", impl->Run()); });
}

void BatchRunner::Wake() {
  boost::asio::post(impl_->parts.loop, [impl = impl_] { impl->changed.Set(); });
}

void BatchRunner::Stop() {
  if (!std::exchange(impl_->started, false)) return;
  const std::shared_ptr<Impl> impl = impl_;
  boost::asio::post(impl->parts.loop, [impl] {
    impl->stopping = true;
    if (impl->current != nullptr) impl->Stop(*impl->current, End::kStopped);
    impl->changed.Set();
  });
  impl->ended.get_future().wait();
}

}  // namespace moerge
