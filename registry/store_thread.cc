#include "registry/store_thread.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "config/base/log.h"
#include "registry/decision_log.h"
#include "registry/decision_queue.h"
#include "registry/query_thread.h"

namespace moerge {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kTrimEvery{60};
constexpr std::chrono::milliseconds kTidyPause{20};  // others get their turn
constexpr std::size_t kQueries = 256;
constexpr std::size_t kTrimAfter = 10'000;  // decisions written

}  // namespace

struct StoreThread::Impl {
  Impl(std::unique_ptr<Store> kept, Metrics& all_metrics, std::size_t job_capacity)
      : store(std::move(kept)),
        metrics(all_metrics),
        health(all_metrics),
        capacity(job_capacity),
        decisions(all_metrics, health, job_capacity),
        depth(all_metrics.GetGauge("moerge_store_queue", "Jobs that wait for the store thread")) {}

  void OpenQueries() {
    Result<std::unique_ptr<StoreReader>> reader = store->OpenReader();
    if (!reader.ok()) {
      LogWarning("decisions are read on the thread that writes them",
                 {{"why", reader.error().message}});
    } else if (*reader != nullptr) {
      queries = std::make_unique<QueryThread>(*std::move(reader), health, kQueries);
    }
  }

  // True: the job was taken. `urgent` jobs come from callers that wait, so they need no bound.
  bool Push(Job job, bool urgent) {
    {
      const std::lock_guard lock(mutex);
      if (!urgent && (stopping || jobs.size() >= capacity)) return false;
      jobs.push_back(std::move(job));
      depth.Set(static_cast<double>(jobs.size()));
    }
    wake.notify_one();
    return true;
  }

  void Loop() {
    while (true) {
      std::optional<Job> job = Next();
      if (job.has_value()) (*job)(*store);
      if (Clock::now() >= decisions.Due()) decisions.Write(*store);
      TrimIfDue();
      RunPeriodic();
      if (!job.has_value() && Finished()) break;
    }
    decisions.WriteLast(*store);
  }

  // REQUIRES: mutex is held.
  Clock::time_point NextPeriodic() const {
    Clock::time_point next = Clock::time_point::max();
    for (const Periodic& one : periodic) next = std::min(next, one.due);
    return next;
  }

  void RunPeriodic() {
    std::vector<Job> due;
    {
      const std::lock_guard lock(mutex);
      const auto now = Clock::now();
      for (Periodic& one : periodic) {
        if (one.due > now) continue;
        one.due = now + one.period;
        due.push_back(one.job);
      }
    }
    for (const Job& job : due) job(*store);
  }

  // Waits for a job, for a group of decisions that is due, for the next trim or for the end.
  std::optional<Job> Next() {
    std::unique_lock lock(mutex);
    while (jobs.empty() && !stopping) {
      const auto until =
          std::min({decisions.Due(), next_trim, NextPeriodic(),
                    retention_changed ? Clock::time_point::min() : Clock::time_point::max()});
      if (Clock::now() >= until) return std::nullopt;
      wake.wait_until(lock, until);
    }
    if (jobs.empty()) return std::nullopt;
    Job job = std::move(jobs.front());
    jobs.pop_front();
    depth.Set(static_cast<double>(jobs.size()));
    return job;
  }

  bool Finished() {
    const std::lock_guard lock(mutex);
    return stopping && jobs.empty();
  }

  void TrimIfDue() {
    const bool many = decisions.written() - written_at_trim >= kTrimAfter;
    {
      const std::lock_guard lock(mutex);
      if (!many && !retention_changed && Clock::now() < next_trim) return;
      retention_changed = false;
    }
    Trim();
  }

  void Trim() {
    DecisionRetention keep;
    {
      const std::lock_guard lock(mutex);
      keep = retention;
      next_trim = Clock::now() + kTrimEvery;
    }
    written_at_trim = decisions.written();
    const Result<bool> more = store->decisions().Tidy(keep);
    if (!more.ok()) {
      LogWarning("old decisions could not be removed", {{"why", more.error().message}});
    }
    if (more.ok() && *more) {
      const std::lock_guard lock(mutex);
      next_trim = Clock::now() + kTidyPause;
      return;
    }
    std::vector<Job> due;
    {
      const std::lock_guard lock(mutex);
      due = each_minute;
    }
    for (const Job& job : due) job(*store);
  }

  struct Periodic {
    std::chrono::milliseconds period;
    Job job;
    Clock::time_point due;
  };

  std::unique_ptr<Store> store;  // the thread's, once it runs
  Metrics& metrics;
  StoreHealth health;
  const std::size_t capacity;
  DecisionQueue decisions;
  Gauge& depth;
  std::size_t written_at_trim = 0;  // the thread's

  std::mutex mutex;  // guards what follows
  std::condition_variable wake;
  std::deque<Job> jobs;
  bool stopping = false;
  bool retention_changed = false;
  std::vector<Job> each_minute;
  std::vector<Periodic> periodic;
  DecisionRetention retention;
  Clock::time_point next_trim = Clock::now() + kTrimEvery;

  std::unique_ptr<QueryThread> queries;  // null: the store has no reader
  std::thread thread;
};

StoreThread::StoreThread(std::unique_ptr<Store> store, Metrics& metrics, std::size_t capacity)
    : impl_(std::make_unique<Impl>(std::move(store), metrics, capacity)) {
  impl_->OpenQueries();
  impl_->thread = std::thread([this] { impl_->Loop(); });
}

StoreThread::~StoreThread() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_one();
  impl_->thread.join();
  impl_->queries.reset();
}

Error StoreThread::TooBusy() {
  return Error{.code = ErrorCode::kOverloaded,
               .message = "the store has too much to do; try again in a moment",
               .retry_after = std::chrono::seconds(1)};
}

bool StoreThread::Post(Job job) { return impl_->Push(std::move(job), false); }

bool StoreThread::PostQuery(Query query) {
  if (impl_->queries != nullptr) return impl_->queries->Post(std::move(query));
  return Post([query = std::move(query)](Store& store) { query(store.decisions()); });
}

void StoreThread::Run(const Job& job) {
  if (std::this_thread::get_id() == impl_->thread.get_id()) return job(*impl_->store);
  auto done = std::make_shared<std::promise<void>>();  // outlives whoever is last to touch it
  auto finished = done->get_future();
  impl_->Push(
      [&job, done](Store& store) {
        job(store);
        done->set_value();
      },
      true);
  finished.wait();
}

DecisionRecord StoreThread::NewDecision() { return impl_->decisions.New(); }

void StoreThread::AddDecision(DecisionRecord record) {
  if (!impl_->decisions.Add(std::move(record))) return;
  { const std::lock_guard lock(impl_->mutex); }  // the thread is waiting, or has yet to look
  impl_->wake.notify_one();
}

std::optional<DecisionRecord> StoreThread::FindWaiting(std::string_view id) const {
  return impl_->decisions.Find(id);
}

std::optional<Error> StoreThread::WhyNotKept(std::string_view id) const {
  return impl_->decisions.WhyNotKept(id);
}

void StoreThread::SetRetention(const DecisionRetention& retention) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->retention = retention;
    impl_->retention_changed = true;
  }
  impl_->wake.notify_one();
}

void StoreThread::EachMinute(Job job) {
  const std::lock_guard lock(impl_->mutex);
  impl_->each_minute.push_back(std::move(job));
}

void StoreThread::Every(std::chrono::milliseconds period, Job job) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->periodic.push_back({period, std::move(job), Clock::now() + period});
  }
  impl_->wake.notify_one();
}

StoreHealth& StoreThread::health() { return impl_->health; }

Metrics& StoreThread::metrics() { return impl_->metrics; }

bool StoreThread::PostAfterDecisions(Job job) {
  return Post([impl = impl_.get(), job = std::move(job)](Store& store) {
    impl->decisions.Write(store);
    job(store);
  });
}

void StoreThread::Drain() {
  Run([this](Store& store) {
    impl_->decisions.Write(store);
    impl_->TrimIfDue();
  });
}

}  // namespace moerge
