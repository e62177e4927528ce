#include "services/evaluate/evaluation_runner.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <deque>
#include <future>
#include <mutex>
#include <utility>

#include "config/base/log.h"
#include "config/base/ordered_id.h"
#include "config/base/task_group.h"
#include "services/api/store_call.h"
#include "services/profile_file.h"

namespace moerge {
namespace {

std::string ChatBodyFor(const std::string& expert, const std::string& prompt) {
  std::string body;
  json::Writer writer(&body);
  writer.BeginObject().Field("model", expert).Key("messages").BeginArray().BeginObject();
  writer.Field("role", "user").Field("content", prompt).EndObject().EndArray().EndObject();
  return body;
}

// One run. Its exam and state are guarded by `mutex`; the rest belongs to the loop.
struct EvaluationRun {
  EvaluationRun(EvaluationOrder o, std::string id)
      : order(std::move(o)), exam(order.experts, std::move(order.questions)) {
    state.id = std::move(id);
    state.status = "running";
    state.source = order.source;
    state.client = order.by.who;
    state.import = order.import;
    state.questions = exam.questions().size();
    state.experts = exam.experts();
    state.started = std::chrono::system_clock::now();
  }

  Evaluation Shown() const {
    const std::lock_guard lock(mutex);
    Evaluation shown = state;
    for (std::size_t i = 0; i < exam.experts().size(); ++i) shown.tallies.push_back(exam.tally(i));
    return shown;
  }
  bool running() const {
    const std::lock_guard lock(mutex);
    return state.status == "running";
  }
  void Finish(std::string status, std::string error = {}) {
    const std::lock_guard lock(mutex);
    state.status = std::move(status);
    state.error = std::move(error);
    state.finished = std::chrono::system_clock::now();
  }

  EvaluationOrder order;  // without its questions
  mutable std::mutex mutex;
  Exam exam;
  Evaluation state;
  Cancellation cancellation;
  std::size_t next = 0;  // call: expert by expert, so that each is loaded once
};
using RunPtr = std::shared_ptr<EvaluationRun>;

void TakeResult(EvaluationRun& run, std::size_t question, std::size_t expert,
                const LineResult& result) {
  const auto document = json::Document::Parse(result.body);
  const std::lock_guard lock(run.mutex);
  if (!document) return run.exam.TakeFailure(expert, "it answered with no JSON");
  const json::Value reply = document->root();
  if (result.status == 200) return run.exam.TakeReply(question, expert, reply);
  run.exam.TakeFailure(expert,
                       reply.Find("error").Find("message").AsString().value_or("it failed"));
}

Task<void> AskInTurn(EvaluationRun& run, LineAnswerer& answerer) {
  const std::size_t questions = run.exam.questions().size();
  const std::size_t calls = questions * run.exam.experts().size();
  while (run.next < calls && !run.cancellation.cancelled()) {
    const std::size_t call = run.next++;
    const std::size_t question = call % questions;
    const std::size_t expert = call / questions;
    LineRequest request{
        .endpoint = "/v1/chat/completions", .body = {}, .request_id = {}, .client = {}};
    request.body = ChatBodyFor(run.exam.experts()[expert], run.exam.questions()[question].prompt);
    request.request_id = run.state.id + "-" + std::to_string(call);
    request.client = run.order.by.who;
    const LineResult result = co_await answerer.Answer(request, run.cancellation);
    if (!run.cancellation.cancelled()) TakeResult(run, question, expert, result);
  }
}

}  // namespace

struct EvaluationRunner::Impl : std::enable_shared_from_this<Impl> {
  explicit Impl(Parts p) : parts(std::move(p)) {}

  Task<void> Work(RunPtr run) {
    const std::unique_ptr<LineAnswerer> answerer = parts.make_answerer();
    {
      TaskGroup group(parts.loop);
      for (int i = 0; i < run->order.at_once; ++i)
        group.Start("evaluation", AskInTurn(*run, *answerer));
      co_await group.Join();
    }
    if (run->cancellation.cancelled()) {
      run->Finish("cancelled");
    } else {
      co_await Conclude(run);
    }
    Ended();
  }

  Task<void> Conclude(RunPtr run) {
    const std::string table = TableOf(*run);
    if (table.empty()) {
      run->Finish("failed", "no expert answered: nothing was measured");
      co_return;
    }
    if (!run->order.import) {
      run->Finish("completed");
      co_return;
    }
    const Result<std::uint64_t> revision = co_await Import(run->order, table);
    if (!revision) {
      run->Finish("failed", revision.error().message);
      co_return;
    }
    {
      const std::lock_guard lock(run->mutex);
      run->state.revision = *revision;
    }
    run->Finish("completed");
    LogInfo("an evaluation's profiles are in force",
            {{"source", run->order.source}, {"revision", *revision}});
  }

  Task<Result<std::uint64_t>> Import(const EvaluationOrder& order, const std::string& table) {
    ImportOptions options;
    options.source = order.source;
    options.table.strict = true;
    Registry& registry = parts.registry;
    Registry::Make make = [table, options, &registry](Store&,
                                                      const StoredState&) -> Result<StoreChange> {
      auto file = ImportFile(table, options, *registry.Current(), std::chrono::system_clock::now());
      if (!file) return std::move(file).error();
      return std::move(file->change);
    };
    co_return co_await api::ChangeRegistry(registry, order.by, std::move(make));
  }

  static std::string TableOf(const EvaluationRun& run) {
    const std::lock_guard lock(run.mutex);
    return run.exam.Table();
  }

  void Ended() {
    const std::lock_guard lock(mutex);
    busy = false;
    if (stopped) stopped->set_value();
    stopped.reset();
  }

  RunPtr Get(const std::string& id) const {
    const std::lock_guard lock(mutex);
    const auto at = std::ranges::find(
        runs, id, [](const RunPtr& run) -> const std::string& { return run->state.id; });
    return at == runs.end() ? nullptr : *at;
  }

  Parts parts;
  mutable std::mutex mutex;  // guards what follows
  std::deque<RunPtr> runs;   // newest first
  bool busy = false;
  bool stopping = false;
  std::optional<std::promise<void>> stopped;  // fulfilled when what runs has ended
};

EvaluationRunner::EvaluationRunner(Parts parts) : impl_(std::make_shared<Impl>(std::move(parts))) {}

EvaluationRunner::~EvaluationRunner() { Stop(); }

Result<std::string> EvaluationRunner::Start(EvaluationOrder order) {
  RunPtr run;
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->busy || impl_->stopping) {
      return Error{ErrorCode::kConflict,
                   "an evaluation is under way; cancel it, or wait until it is over"};
    }
    run = std::make_shared<EvaluationRun>(std::move(order),
                                          "eval_" + OrderedId(std::chrono::system_clock::now()));
    impl_->busy = true;
    impl_->runs.push_front(run);
    if (impl_->runs.size() > kKept) impl_->runs.pop_back();
  }
  boost::asio::post(impl_->parts.loop, [impl = impl_, run] {
    Spawn(impl->parts.loop, "evaluation", impl->Work(run));
  });
  return run->state.id;
}

std::vector<Evaluation> EvaluationRunner::List() const {
  std::deque<RunPtr> runs;
  {
    const std::lock_guard lock(impl_->mutex);
    runs = impl_->runs;
  }
  std::vector<Evaluation> list;
  for (const RunPtr& run : runs) list.push_back(run->Shown());
  return list;
}

std::optional<Evaluation> EvaluationRunner::Find(const std::string& id) const {
  const RunPtr run = impl_->Get(id);
  return run == nullptr ? std::nullopt : std::optional(run->Shown());
}

bool EvaluationRunner::Cancel(const std::string& id) {
  const RunPtr run = impl_->Get(id);
  if (run == nullptr || !run->running()) return false;
  boost::asio::post(impl_->parts.loop, [run] { run->cancellation.Cancel(); });
  return true;
}

std::optional<std::string> EvaluationRunner::Table(const std::string& id) const {
  const RunPtr run = impl_->Get(id);
  return run == nullptr ? std::nullopt : std::optional(Impl::TableOf(*run));
}

void EvaluationRunner::Stop() {
  std::future<void> ended;
  RunPtr run;
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    if (!impl_->busy) return;
    run = impl_->runs.front();
    ended = impl_->stopped.emplace().get_future();
  }
  boost::asio::post(impl_->parts.loop, [run] { run->cancellation.Cancel(); });
  ended.wait();
}

}  // namespace moerge
