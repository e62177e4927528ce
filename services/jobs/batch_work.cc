#include "services/jobs/batch_work.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "config/base/event.h"
#include "config/base/hash.h"
#include "config/base/log.h"
#include "config/base/text.h"

namespace moerge {
namespace {

constexpr int kUnderWay = 1024;  // lines at once
// The more lines wait for experts that share a device, the fewer loads there are.
constexpr int kGroupedUnderWay = 8192;
constexpr std::size_t kPlannedAtOnce = 32;        // lines, which hold the loop
constexpr std::size_t kBytesUnderWay = 64 << 20;  // of their bodies, but at least one
constexpr std::size_t kReadAhead = 1024;          // lines
constexpr std::size_t kBytesReadAhead = 16 << 20;
constexpr std::size_t kCheckAtOnce = 4 << 20;  // bytes; others' files have their turn between
constexpr int kLineTries = 4;
constexpr std::size_t kPaceBeats = 10;
constexpr std::chrono::milliseconds kWriteEvery{100};
constexpr std::size_t kWriteBytes = 1 << 20;

// What may be well the next time.
bool IsPassing(int status) { return status == 429 || status == 408 || status >= 500; }

}  // namespace

BatchWork::BatchWork(BatchRunner::Parts& parts, BatchMetrics& metrics, JobRecord record)
    : parts_(parts),
      metrics_(metrics),
      lease_(parts.store, parts.loop, std::move(record), parts.poll),
      lines_(parts.loop) {}

void BatchWork::Stop(End end) {
  if (!end_) end_ = end;
  cancellation_.Cancel();
}

Task<bool> BatchWork::Run() {
  Result<Batch> batch = ParseBatch(lease_.record().json);
  if (!batch) {
    batch_.id = lease_.id();
    const Error damaged{ErrorCode::kInternal, "the batch's record is damaged"};
    SetFailed(damaged);
    const Status kept = co_await Keep(false);
    co_return kept.ok();
  }
  batch_ = *std::move(batch);
  batch_.status = lease_.record().state;
  expires_ = Clock::now() + std::chrono::seconds(batch_.expires - NowInSeconds());
  // What was asked of it before it was worked on counts too.
  if (lease_.record().wish == "cancel") end_ = End::kCancelled;
  lease_.Begin("a batch", [this] { return Beat(); });
  Status done = co_await DoAll();
  co_await lease_.End();
  metrics_.ShowLines({});
  co_return co_await Close(std::move(done));
}

Task<Status> BatchWork::DoAll() {
  if (batch_.begun == 0 && !end_) {
    Status checked = co_await Check();
    if (!checked || batch_.over()) co_return checked;
  }
  Status status = co_await OpenFiles();
  if (status && !end_) status = co_await MakePlan();
  if (status && !end_) status = co_await WorkOff();
  if (status && end_ == End::kExpired) {
    // Those that were under way are among them.
    status = co_await OpenFiles();
    if (status) status = co_await WriteExpired();
  }
  if (status && end_ != End::kStopped && end_ != End::kLost) status = co_await AddFiles();
  co_return status;
}

// The batch's own name of its input, which is there whatever becomes of the client's.
BatchInput BatchWork::Input() const {
  const std::string own = parts_.room.PathOf(InputNameOf(batch_.id));
  const bool shared = ::access(own.c_str(), F_OK) == 0;
  return {shared ? own : parts_.room.PathOf(batch_.input_file), batch_.endpoint, parts_.max_line};
}

Task<Status> BatchWork::Check() {
  using Opened = Result<std::shared_ptr<BatchCheck>>;
  std::function<Opened()> open = [this] { return BatchCheck::Open(Input()); };
  Opened check = co_await OnDisk(std::move(open));
  if (!check) co_return std::move(check).error();
  for (bool more = true; more;) {
    if (end_) co_return Ok{};
    std::function<Result<bool>()> step = [of = *check] { return of->Step(kCheckAtOnce); };
    Result<bool> stepped = co_await OnDisk(std::move(step));
    if (!stepped) co_return std::move(stepped).error();
    more = *stepped;
    batch_.total = (*check)->found().lines;
  }
  if (!(*check)->found().faults.empty()) {
    batch_.faults = (*check)->found().faults;
    batch_.status = "failed";
    batch_.failed = NowInSeconds();
    co_return Ok{};
  }
  batch_.begun = NowInSeconds();
  batch_.status = "in_progress";
  co_return co_await Keep(true);
}

// What it reads and writes, from the beginning, with what is done already.
Task<Status> BatchWork::OpenFiles() {
  output_.reset();
  using Output = Result<std::shared_ptr<BatchOutput>>;
  std::function<Output()> open = [this] {
    return BatchOutput::Open(parts_.room, batch_.output_file, batch_.error_file);
  };
  Output output = co_await OnDisk(std::move(open));
  if (!output) co_return std::move(output).error();
  output_ = *std::move(output);
  batch_.answered = output_->answered();
  batch_.failures = output_->failures();
  batch_.SetCalls(output_->calls());
  Status kept = co_await OpenJournal();
  if (!kept) co_return kept;
  co_return co_await OpenSource();
}

// What is kept of calls of lines that are not done.
Task<Status> BatchWork::OpenJournal() {
  co_await CloseJournal();
  using Opened = Result<CallFile::Opened>;
  std::function<Opened()> open = [this, output = output_] {
    return CallFile::Open(parts_.room, batch_.id, *output);
  };
  Opened opened = co_await OnDisk(std::move(open));
  if (!opened) co_return std::move(opened).error();
  // Of what no expert gets to see.
  const std::uint64_t secret = Hash64(batch_.output_file, Hash64(batch_.error_file));
  journal_ = std::make_unique<CallJournal>(parts_.disk, parts_.loop, *std::move(opened), secret);
  co_return Ok{};
}

Task<void> BatchWork::CloseJournal() {
  if (journal_ != nullptr) co_await journal_->Join();
  journal_.reset();
}

// From its beginning.
Task<Status> BatchWork::OpenSource() {
  using Source = Result<std::shared_ptr<BatchLineSource>>;
  std::function<Source()> read = [this] { return BatchLineSource::Open(Input()); };
  Source source = co_await OnDisk(std::move(read));
  if (!source) co_return std::move(source).error();
  source_ = *std::move(source);
  ready_.clear();
  read_all_ = false;
  co_return Ok{};
}

// Where experts share devices, or lines are assigned together, all are routed before the first is
// answered.
Task<Status> BatchWork::MakePlan() {
  answerer_ = parts_.make_answerer();
  grouped_ = answerer_->IsGrouped();
  const bool follows = grouped_ && source_->CanFollow();
  if (!follows && !answerer_->Assigns()) co_return Ok{};
  const auto plan = std::make_shared<BatchPlan>();
  Status planned = co_await PlanLines(*plan);
  if (!planned) co_return planned;
  batch_.PlanNoCalls();
  for (const auto& [expert, calls] : plan->calls()) batch_.PlanCalls(expert, calls);
  batch_.assigned = answerer_->assigned();
  if (grouped_) answerer_->ServeInOrder(plan->Order());
  if (!follows) co_return co_await OpenSource();
  plan->Sort();
  ready_.clear();
  read_all_ = false;
  std::function<Status()> follow = [source = source_, plan] { return source->Follow(plan); };
  co_return co_await OnDisk(std::move(follow));
}

// Those that are done too where lines are assigned, so that the others go where they went before.
Task<Status> BatchWork::PlanLines(BatchPlan& plan) {
  std::vector<LinePlace> window;
  bool all = false;
  while (!all && !end_ && Clock::now() < expires_) {
    Status read = co_await ReadMore(kPlannedAtOnce, answerer_->Assigns());
    if (!read) co_return read;
    all = ready_.empty();
    for (const BatchLine& line : ready_) {
      window.push_back(line.place);
      const LineRequest request = RequestOf(line);
      co_await answerer_->Plan(request, cancellation_);
    }
    if (!all && window.size() + kPlannedAtOnce <= LineAnswerer::kWindow) continue;
    std::vector<std::vector<std::string_view>> experts = co_await answerer_->EndWindow();
    for (std::size_t i = 0; i < window.size(); ++i) {
      if (!output_->Has(window[i].number)) plan.Add(window[i], std::move(experts[i]));
    }
    window.clear();
  }
  co_return Ok{};
}

Task<Status> BatchWork::WorkOff() {
  Status status = Ok{};
  while (status) {
    if (Clock::now() >= expires_) Stop(End::kExpired);
    if (!end_ && ready_.empty() && !read_all_) status = co_await ReadMore(kReadAhead);
    if (!status) break;
    StartLines();
    const bool idle = lines_.running() == 0;
    if (idle && IsDone()) break;
    if ((!idle && !WantsMore()) || disk_full_) {
      const Deadline next = Deadline::After(disk_full_ ? parts_.poll : kWriteEvery);
      (void)co_await lines_.AwaitOne(next);
    }
    if (IsWriteDue(idle)) status = co_await Write();
  }
  if (!status) cancellation_.Cancel();
  co_await lines_.Join();
  co_return status;
}

int BatchWork::MostUnderWay() const { return grouped_ ? kGroupedUnderWay : kUnderWay; }

// There is room for lines that were not read yet.
bool BatchWork::WantsMore() const {
  return !end_ && ready_.empty() && !read_all_ && lines_.running() < MostUnderWay() &&
         bytes_under_way_ < kBytesUnderWay;
}

// While no line is under way.
bool BatchWork::IsDone() const {
  if (end_ == End::kLost || (end_ && disk_full_)) return true;
  const bool written = answers_.empty() && failures_.empty();
  return written && (end_ || (ready_.empty() && read_all_));
}

// `done`: those that are in the output too.
Task<Status> BatchWork::ReadMore(std::size_t most, bool done) {
  using Lines = Result<std::deque<BatchLine>>;
  std::function<Lines()> read = [source = source_, output = output_, most, done] {
    return source->Next(most, kBytesReadAhead, done ? nullptr : output.get());
  };
  Lines lines = co_await OnDisk(std::move(read));
  if (!lines) co_return std::move(lines).error();
  ready_ = *std::move(lines);
  read_all_ = ready_.empty();
  co_return Ok{};
}

void BatchWork::StartLines() {
  while (!end_ && !disk_full_ && !ready_.empty() && lines_.running() < MostUnderWay() &&
         (bytes_under_way_ < kBytesUnderWay || lines_.running() == 0)) {
    BatchLine line = std::move(ready_.front());
    ready_.pop_front();
    bytes_under_way_ += line.body.size();
    lines_.Start("batch", AnswerLine(std::move(line)));
  }
}

Task<void> BatchWork::AnswerLine(BatchLine line) {
  const std::size_t size = line.body.size();
  LineRequest request = RequestOf(line);
  std::string().swap(line.body);
  LineResult result = co_await AskUntilAnswered(request);
  bytes_under_way_ -= size;
  if (cancellation_.cancelled() && !result.answered()) co_return;
  result.request_id = std::move(request.request_id);
  TakeResult(line, std::move(result));
}

LineRequest BatchWork::RequestOf(const BatchLine& line) const {
  return {batch_.endpoint, line.body, batch_.id + "-" + std::to_string(line.number), batch_.client,
          line.number};
}

// Of a line that is not done after a try, what its calls took has been charged all the same.
Task<LineResult> BatchWork::AskUntilAnswered(LineRequest& request) {
  request.finished = journal_->Of(request.number);
  std::vector<LineCall> calls;
  for (int attempt = 1;; ++attempt) {
    LineResult result = co_await answerer_->Answer(request, cancellation_);
    calls.insert(calls.end(), result.calls.begin(), result.calls.end());
    const bool cancelled = cancellation_.cancelled();
    const bool again = IsPassing(result.status) && attempt < kLineTries && !cancelled;
    if (again || (cancelled && !result.answered())) co_await request.finished->Charged();
    if (!again) {
      result.calls = std::move(calls);
      co_return result;
    }
    request.finished->Again();
    Event over(parts_.loop);
    const auto left = cancellation_.OnCancel([&over] { over.Set(); });
    const Deadline pause = Deadline::After(std::chrono::seconds(1) * (1 << (attempt - 1)));
    (void)co_await over.WaitUntil(pause);
  }
}

void BatchWork::TakeResult(const BatchLine& line, LineResult result) {
  for (const LineCall& call : result.calls) metrics_.Count(call);
  calls_.insert(calls_.end(), result.calls.begin(), result.calls.end());
  (result.answered() ? answers_ : failures_) += OutputLine(batch_.id, line, result);
  ++(result.answered() ? answered_ : failed_);
  done_.push_back(line.number);
}

bool BatchWork::IsWriteDue(bool idle) const {
  const std::size_t waiting = answers_.size() + failures_.size();
  if (waiting == 0 || end_ == End::kLost) return false;
  return idle || waiting >= kWriteBytes || Clock::now() - written_ >= kWriteEvery;
}

// Only what is on the disk counts. A full one is waited for.
Task<Status> BatchWork::Write() {
  struct Text {
    std::string answers, failures;
  };
  const auto text =
      std::make_shared<const Text>(Text{std::exchange(answers_, {}), std::exchange(failures_, {})});
  const std::int64_t answered = std::exchange(answered_, 0);
  const std::int64_t failed = std::exchange(failed_, 0);
  std::vector<std::int64_t> done = std::exchange(done_, {});
  std::vector<LineCall> calls = std::exchange(calls_, {});
  std::function<Status()> append = [output = output_, text] {
    return output->Append(text->answers, text->failures);
  };
  Status written = co_await OnDisk(std::move(append));
  written_ = Clock::now();
  if (written) {
    batch_.answered += answered;
    batch_.failures += failed;
    NoteCalls(calls, &batch_.experts);
    metrics_.LinesDone(answered + failed);
    journal_->LinesDone(done);
    if (std::exchange(disk_full_, false)) LogInfo("a batch goes on", {{"batch", batch_.id}});
    co_return written;
  }
  if (written.error().code != ErrorCode::kUnavailable) co_return written;
  answers_.insert(0, text->answers);
  failures_.insert(0, text->failures);
  answered_ += answered;
  failed_ += failed;
  done_.insert(done_.end(), done.begin(), done.end());
  calls_.insert(calls_.end(), calls.begin(), calls.end());
  if (!std::exchange(disk_full_, true)) {
    LogError("a batch waits until its answers can be written",
             {{"batch", batch_.id}, {"error", written.error().message}});
  }
  co_return Ok{};
}

// Lines that are left when the time is over are failures that say so.
Task<Status> BatchWork::WriteExpired() {
  while (true) {
    Status status = Ok{};
    if (ready_.empty()) status = co_await ReadMore(kReadAhead);
    if (!status || ready_.empty()) co_return status;
    for (const BatchLine& line : ready_) {
      LineResult result;
      result.error_code = "batch_expired";
      result.error_message = "this request was not answered before the batch's time was over";
      TakeResult(line, std::move(result));
    }
    ready_.clear();
    status = co_await Write();
    if (!status) co_return status;
    if (disk_full_) {
      co_return Error{ErrorCode::kUnavailable, "the disk is full"};
    }
  }
}

Task<Status> BatchWork::Beat() {
  Measure();
  metrics_.ShowLines({.total = batch_.total,
                      .under_way = lines_.running(),
                      .done = batch_.answered + batch_.failures});
  Status kept = co_await Keep(true);
  co_await metrics_.CountOpen(parts_.store);
  co_return kept;
}

// Lines a second, over the last beats.
void BatchWork::Measure() {
  const auto now = Clock::now();
  pace_.emplace_back(now, batch_.answered + batch_.failures);
  if (pace_.size() > kPaceBeats) pace_.pop_front();
  const std::chrono::duration<double> time = now - pace_.front().first;
  const auto lines = static_cast<double>(pace_.back().second - pace_.front().second);
  batch_.lines_per_second = time.count() > 0 ? lines / time.count() : 0;
}

// The record as it stands; learns what is wished.
Task<Status> BatchWork::Keep(bool open, std::chrono::seconds lease) {
  JobLease::Kept kept{batch_.status, open, KeptJson(batch_)};
  const Result<JobLease::Wish> wish = co_await lease_.Keep(std::move(kept), lease);
  if (!wish) co_return wish.error();
  if (*wish == JobLease::Wish::kLost) {
    Stop(End::kLost);
  } else if (*wish == JobLease::Wish::kCancel) {
    if (batch_.cancelling == 0) batch_.cancelling = NowInSeconds();
    if (open) batch_.status = "cancelling";
    Stop(End::kCancelled);
  }
  co_return Ok{};
}

}  // namespace moerge
