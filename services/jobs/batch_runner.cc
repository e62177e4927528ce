#include "services/jobs/batch_runner.h"

#include <boost/asio/post.hpp>
#include <future>
#include <map>
#include <utility>

#include "config/base/event.h"
#include "config/base/log.h"
#include "services/api/store_call.h"
#include "services/jobs/batch_work.h"
#include "services/jobs/lease_owner.h"

namespace moerge {

struct BatchRunner::Impl {
  using Clock = std::chrono::steady_clock;

  explicit Impl(Parts of)
      : parts(std::move(of)), owner(NewLeaseOwner()), changed(parts.loop), metrics(parts.metrics) {}

  Task<void> Run();
  Task<std::optional<JobRecord>> Claim();
  Task<void> RunBatch(JobRecord record);

  Parts parts;
  const std::string owner;
  Event changed;         // wakes the runner; its loop's
  bool started = false;  // the owner's thread
  bool stopping = false;
  BatchWork* current = nullptr;
  // Batches that could not go on, by id: until when others have their turn.
  std::map<std::string, Clock::time_point> later;
  std::promise<void> ended;
  BatchMetrics metrics;
};

Task<void> BatchRunner::Impl::Run() {
  while (!stopping) {
    co_await metrics.CountOpen(parts.store);
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
  const auto now = std::chrono::system_clock::now();
  std::erase_if(later, [](const auto& each) { return each.second <= Clock::now(); });
  JobClaim wanted{.kind = std::string(kBatchKind),
                  .owner = owner,
                  .now = now,
                  .until = now + BatchWork::kLease,
                  .is_dead = IsDeadOwner};
  for (const auto& [id, until] : later) wanted.held.push_back(id);
  using Claimed = std::optional<JobRecord>;
  std::function<Result<Claimed>(Store&)> claim = [wanted = std::move(wanted)](Store& store) {
    return store.jobs().Claim(wanted);
  };
  Result<Claimed> job = co_await api::OnStore(parts.store, std::move(claim));
  if (!job) {
    LogWarning("batches cannot be looked for", {{"error", job.error().message}});
    co_return Claimed();
  }
  co_return *std::move(job);
}

Task<void> BatchRunner::Impl::RunBatch(JobRecord record) {
  const std::string id = record.id;
  BatchWork work(parts, metrics, std::move(record));
  current = &work;
  if (stopping) work.Stop(BatchWork::End::kStopped);
  const bool done = co_await work.Run();
  current = nullptr;
  if (!done) later[id] = Clock::now() + BatchWork::kLease / 2;
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
    if (impl->current != nullptr) impl->current->Stop(BatchWork::End::kStopped);
    impl->changed.Set();
  });
  impl->ended.get_future().wait();
}

}  // namespace moerge
