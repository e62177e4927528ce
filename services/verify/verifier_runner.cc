#include "services/verify/verifier_runner.h"

#include <signal.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "config/base/event.h"
#include "services/verify/answer_text.h"
#include "services/verify/sandbox.h"
#include "services/verify/test_language.h"

namespace moerge {
namespace {

constexpr std::size_t kMaxCode = 1 << 20;
constexpr int kMostParallel = 16;

// One run and its waiter. `result`, `cancelled` and `done` belong to the loop.
struct Job {
  Job(const Executor& executor, TestRun wanted)
      : loop(executor), run(std::move(wanted)), done(executor) {}

  Executor loop;
  TestRun run;
  StopSignal stop;
  Event done;
  std::optional<Result<Verification>> result;
  bool cancelled = false;
};
using JobPtr = std::shared_ptr<Job>;

// Hands the result over on the waiter's loop, where the job also goes.
void Deliver(JobPtr job, Result<Verification> result) {
  const Executor loop = job->loop;
  boost::asio::post(loop, [job = std::move(job), result = std::move(result)]() mutable {
    job->result = std::move(result);
    job->done.Set();
  });
}

// Signals are the business of the program's other threads.
void BlockSignals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

Error Ending() { return Error{ErrorCode::kUnavailable, "the server is shutting down"}; }

}  // namespace

// What the threads share with the tasks that wait, which may end later than the runner.
struct VerifierRunner::Shared {
  explicit Shared(SandboxOptions wanted) : options(std::move(wanted)) {}

  // False: too many wait already.
  bool Submit(const JobPtr& job) {
    const std::lock_guard lock(mutex);
    if (closing || queue.size() >= options.queued + Idle()) return false;
    queue.push_back(job);
    if (threads.size() < static_cast<std::size_t>(options.parallel)) {
      threads.emplace_back([this] { Work(); });
    }
    changed.notify_one();
    return true;
  }

  void Withdraw(const JobPtr& job) {
    const std::lock_guard lock(mutex);
    queue.remove(job);
    job->stop.Set();
  }

  void Close() {
    std::list<JobPtr> waiting;
    {
      const std::lock_guard lock(mutex);
      closing = true;
      waiting.swap(queue);
      for (const JobPtr& job : running) job->stop.Set();
      changed.notify_all();
    }
    for (JobPtr& job : waiting) Deliver(std::move(job), Ending());
    for (std::thread& thread : threads) thread.join();
  }

  std::size_t Idle() const { return static_cast<std::size_t>(options.parallel) - running.size(); }

  void Work() {
    BlockSignals();
    while (JobPtr job = Take()) {
      Result<Verification> result = RunTests(options, job->run, job->stop);
      Drop(job);
      Deliver(std::move(job), std::move(result));
    }
  }

  // Null: the runner ends.
  JobPtr Take() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return closing || !queue.empty(); });
    if (closing) return nullptr;
    JobPtr job = std::move(queue.front());
    queue.pop_front();
    running.push_back(job);
    return job;
  }

  void Drop(const JobPtr& job) {
    const std::lock_guard lock(mutex);
    running.remove(job);
  }

  const SandboxOptions options;
  std::mutex mutex;  // guards all below
  std::condition_variable changed;
  std::list<JobPtr> queue;
  std::list<JobPtr> running;
  std::vector<std::thread> threads;
  bool closing = false;
};

namespace {

// However the waiter ends, no run is left behind.
class Waiting {
 public:
  Waiting(std::shared_ptr<VerifierRunner::Shared> shared, JobPtr job)
      : shared_(std::move(shared)), job_(std::move(job)) {}
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    if (!job_->result) shared_->Withdraw(job_);
  }

 private:
  std::shared_ptr<VerifierRunner::Shared> shared_;
  JobPtr job_;
};

}  // namespace

VerifierRunner::VerifierRunner(SandboxOptions options) {
  options.parallel = std::clamp(options.parallel, 1, kMostParallel);
  shared_ = std::make_shared<Shared>(std::move(options));
}

VerifierRunner::~VerifierRunner() { shared_->Close(); }

Task<Result<Verification>> VerifierRunner::Check(Verifier verifier, std::string answer,
                                                 Deadline deadline, Cancellation& cancellation) {
  if (auto verdict = JudgeText(verifier, answer)) co_return *std::move(verdict);
  TestsVerifier tests = std::get<TestsVerifier>(std::move(verifier.check));
  co_return co_await RunInSandbox(std::move(tests), std::move(answer), deadline, cancellation);
}

Task<Result<Verification>> VerifierRunner::RunInSandbox(TestsVerifier tests, std::string answer,
                                                        Deadline deadline,
                                                        Cancellation& cancellation) {
  const Status ready = Ready(tests.language);
  if (!ready.ok()) co_return ready.error();
  if (answer.size() > kMaxCode) co_return Verification{false, "the answer is too long to be run"};
  TestRun run{tests.language, CodeIn(answer, FindTestLanguage(tests.language)->fences),
              std::move(tests.code), tests.timeout};
  const Executor loop = co_await ThisLoop();
  const JobPtr job = std::make_shared<Job>(loop, std::move(run));
  const Waiting waiting(shared_, job);
  if (!shared_->Submit(job)) {
    co_return Error{ErrorCode::kRateLimited, "too many answers wait for their tests; try later"};
  }
  const auto registration = cancellation.OnCancel([&job = *job] {
    job.cancelled = true;
    job.done.Set();
  });
  const bool in_time = co_await job->done.WaitUntil(deadline);
  if (job->result) co_return *std::move(job->result);
  if (job->cancelled) co_return Error{ErrorCode::kCancelled, "the request was cancelled"};
  if (!in_time) co_return Error{ErrorCode::kTimeout, "the deadline passed before the tests did"};
  co_return Ending();
}

Status VerifierRunner::Ready(std::string_view language) const {
  return SandboxReady(shared_->options, language);
}

VerifierRunner::Load VerifierRunner::load() const {
  const std::lock_guard lock(shared_->mutex);
  return {shared_->running.size(), shared_->queue.size()};
}

}  // namespace moerge
