#include "services/evaluate/evaluation_work.h"

#include <utility>

#include "config/base/json.h"
#include "config/base/log.h"
#include "config/base/task_group.h"
#include "services/api/store_call.h"
#include "services/profile_file.h"

namespace moerge {
namespace {

std::string ExamBody(const std::string& expert, const std::string& prompt) {
  std::string body;
  json::Writer writer(&body);
  writer.BeginObject().Field("model", expert).Key("messages").BeginArray().BeginObject();
  writer.Field("role", "user").Field("content", prompt).EndObject().EndArray().EndObject();
  return body;
}

}  // namespace

EvaluationWork::EvaluationWork(EvaluationRunner::Parts& parts, JobRecord record)
    : parts_(parts), lease_(parts.store, parts.loop, std::move(record), parts.poll) {
  Result<Evaluation> kept = EvaluationOf(lease_.record());
  if (kept) {
    state_ = *std::move(kept);
  } else {
    state_.id = lease_.id();
    state_.started = lease_.record().created;
    written_ = std::move(kept).error();
  }
  // What was asked of it before it was worked on counts too.
  if (lease_.record().wish == "cancel") Stop(End::kCancelled);
}

Evaluation EvaluationWork::Shown() const {
  const std::lock_guard lock(mutex_);
  Evaluation shown = state_;
  if (open_ == nullptr) return shown;
  for (std::size_t i = 0; i < shown.experts.size(); ++i) shown.tallies[i] = open_->exam.tally(i);
  return shown;
}

void EvaluationWork::Stop(End end) {
  if (!end_) end_ = end;
  if (end == End::kCancelled) {
    const std::lock_guard lock(mutex_);
    if (!state_.over()) state_.status = Evaluation::kCancelling;
  }
  cancellation_.Cancel();
}

Task<bool> EvaluationWork::Run() {
  lease_.Begin("an evaluation", [this] { return Keep(); });
  Status done = co_await DoAll();
  co_await lease_.End();
  co_return co_await Close(std::move(done));
}

Task<Status> EvaluationWork::DoAll() {
  if (!written_) co_return written_;
  Status opened = co_await OpenFiles();
  if (!opened || end_) co_return opened;
  answerer_ = parts_.make_answerer();
  TaskGroup group(parts_.loop);
  for (int i = 0; i < state_.at_once; ++i) group.Start("evaluation", AskInTurn());
  co_await group.Join();
  if (!written_ || end_) co_return written_;
  co_return co_await Conclude();
}

Task<Status> EvaluationWork::OpenFiles() {
  using Opened = Result<std::shared_ptr<OpenExam>>;
  std::function<Opened()> open = [&room = parts_.room, id = id(), experts = state_.experts] {
    return GoOnWithExam(room, id, experts);
  };
  Opened opened = co_await parts_.disk.Run(std::move(open));
  if (!opened) co_return std::move(opened).error();
  const std::lock_guard lock(mutex_);
  open_ = *std::move(opened);
  co_return Ok{};
}

// The next one that was not made yet.
std::optional<ExamCall> EvaluationWork::NextCall() {
  const Exam& exam = open_->exam;
  const std::size_t questions = exam.questions().size();
  while (next_ < questions * exam.experts().size()) {
    const std::size_t call = next_++;
    const std::size_t question = call % questions;
    const std::size_t expert = call / questions;
    if (!exam.WasAsked(question, expert)) return ExamCall{question, expert, {}};
  }
  return std::nullopt;
}

LineRequest EvaluationWork::RequestOf(const ExamCall& call) const {
  const Exam& exam = open_->exam;
  const std::size_t place = call.expert * exam.questions().size() + call.question;
  LineRequest request{
      .endpoint = "/v1/chat/completions", .body = {}, .request_id = {}, .client = {}};
  request.body = ExamBody(exam.experts()[call.expert], exam.questions()[call.question].prompt);
  request.request_id = id() + "-" + std::to_string(place);
  request.client = state_.by.who;
  return request;
}

Exam::Outcome EvaluationWork::OutcomeOf(const ExamCall& call, const LineResult& result) const {
  const auto document = json::Document::Parse(result.body);
  if (!document) return {.failure = "it answered with no JSON"};
  const json::Value reply = document->root();
  if (result.status == 200) return open_->exam.Judge(call.question, reply);
  const auto why = reply.Find("error").Find("message").AsString();
  return {.failure = std::string(why.value_or("it failed"))};
}

Task<void> EvaluationWork::AskInTurn() {
  while (!end_ && written_) {
    std::optional<ExamCall> call = NextCall();
    if (!call) co_return;
    const LineRequest request = RequestOf(*call);
    const LineResult result = co_await answerer_->Answer(request, cancellation_);
    // One that has answered all the same was asked.
    if (cancellation_.cancelled() && !result.answered()) co_return;
    call->outcome = OutcomeOf(*call, result);
    waiting_.push_back(*std::move(call));
    if (!writing_) co_await KeepCalls();
  }
}

// Only what is on the disk counts. Whoever comes first writes what others bring meanwhile, too.
Task<void> EvaluationWork::KeepCalls() {
  writing_ = true;
  while (!waiting_.empty() && written_) {
    const std::vector<ExamCall> calls = std::exchange(waiting_, {});
    std::string lines;
    for (const ExamCall& call : calls) lines += JournalLine(call);
    std::function<Status()> append = [open = open_, lines = std::move(lines)] {
      return open->journal.Append(lines);
    };
    written_ = co_await parts_.disk.Run(std::move(append));
    if (written_) Count(calls);
  }
  writing_ = false;
  if (!written_) cancellation_.Cancel();
}

void EvaluationWork::Count(const std::vector<ExamCall>& calls) {
  const std::lock_guard lock(mutex_);
  for (const ExamCall& call : calls) open_->exam.Take(call.question, call.expert, call.outcome);
}

Task<Status> EvaluationWork::Conclude() {
  std::string table = open_->exam.Table();
  if (table.empty()) {
    Finish("failed", "no expert answered: nothing was measured");
  } else if (!state_.import) {
    Finish("completed");
  } else {
    const Result<std::uint64_t> revision = co_await Import(std::move(table));
    if (!revision && MayPass(revision.error())) co_return revision.error();
    if (revision) {
      const std::lock_guard lock(mutex_);
      state_.revision = *revision;
    }
    Finish(revision ? "completed" : "failed", revision ? "" : revision.error().message);
  }
  co_return Ok{};
}

Task<Result<std::uint64_t>> EvaluationWork::Import(std::string table) {
  ImportOptions options;
  options.source = state_.source;
  options.table.strict = true;
  Registry& registry = parts_.registry;
  Registry::Make make = [table = std::move(table), options, &registry](
                            Store&, const StoredState&) -> Result<StoreChange> {
    auto file = ImportFile(table, options, *registry.Current(), std::chrono::system_clock::now());
    if (!file) return std::move(file).error();
    return std::move(file->change);
  };
  co_return co_await api::ChangeRegistry(registry, state_.by, std::move(make));
}

void EvaluationWork::Finish(std::string status, std::string error) {
  const std::lock_guard lock(mutex_);
  state_.status = std::move(status);
  state_.error = std::move(error);
  state_.finished = std::chrono::system_clock::now();
}

Task<bool> EvaluationWork::Close(Status done) {
  if (end_ == End::kLost) co_return true;
  if (end_ == End::kStopped) {  // as it stands, for whoever comes next
    (void)co_await Keep(std::chrono::seconds(0));
    co_return true;
  }
  if (!done && MayPass(done.error()) && !end_) {
    LogError("an evaluation cannot go on; it is tried again",
             {{"evaluation", id()}, {"error", done.error().message}});
    co_return false;
  }
  if (end_ == End::kCancelled && !state_.over()) {
    Finish("cancelled");
  } else if (!done) {
    Finish("failed", done.error().message);
  }
  const Status kept = co_await Keep();
  if (!kept) {
    LogError("an evaluation could not be ended; it is tried again",
             {{"evaluation", id()}, {"error", kept.error().message}});
    co_return false;
  }
  LogInfo("an evaluation is over", {{"evaluation", id()}, {"status", state_.status}});
  co_return true;
}

// The record as it stands; learns what is wished.
Task<Status> EvaluationWork::Keep(std::chrono::seconds lease) {
  JobRecord record = RecordOf(Shown());
  JobLease::Kept kept{std::move(record.state), record.open, std::move(record.json)};
  const Result<JobLease::Wish> wish = co_await lease_.Keep(std::move(kept), lease);
  if (!wish) co_return wish.error();
  if (*wish == JobLease::Wish::kLost) Stop(End::kLost);
  if (*wish == JobLease::Wish::kCancel) Stop(End::kCancelled);
  co_return Ok{};
}

}  // namespace moerge
