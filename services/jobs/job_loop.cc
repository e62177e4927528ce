#include "services/jobs/job_loop.h"

#include <boost/asio/post.hpp>
#include <future>
#include <map>
#include <optional>
#include <utility>

#include "config/base/event.h"
#include "config/base/log.h"
#include "services/api/store_call.h"
#include "services/jobs/job_lease.h"
#include "services/jobs/lease_owner.h"

namespace moerge {

struct JobLoop::Impl {
  using Clock = std::chrono::steady_clock;
  using Claimed = std::optional<JobRecord>;

  explicit Impl(Parts of) : parts(std::move(of)), owner(NewLeaseOwner()), changed(parts.loop) {}

  Task<void> Run();
  Task<Claimed> Claim();
  Task<void> WorkOn(JobRecord record);

  Parts parts;
  const std::string owner;
  Event changed;         // there may be work; the loop's, as all that follows
  bool started = false;  // but for this: the owner's thread
  bool stopping = false;
  JobWork* current = nullptr;
  // Jobs that could not go on, by id: until when others have their turn.
  std::map<std::string, Clock::time_point> later;
  std::promise<void> ended;
};

Task<void> JobLoop::Impl::Run() {
  while (!stopping) {
    if (parts.before) co_await parts.before();
    Claimed job = co_await Claim();
    if (job) {
      co_await WorkOn(*std::move(job));
      continue;
    }
    changed.Reset();
    if (stopping) break;
    const Deadline look = Deadline::After(parts.poll);
    (void)co_await changed.WaitUntil(look);
  }
  ended.set_value();
}

Task<std::optional<JobRecord>> JobLoop::Impl::Claim() {
  const auto now = std::chrono::system_clock::now();
  std::erase_if(later, [](const auto& each) { return each.second <= Clock::now(); });
  JobClaim wanted{.kind = parts.kind,
                  .owner = owner,
                  .now = now,
                  .until = now + JobLease::kLease,
                  .is_dead = IsDeadOwner};
  for (const auto& [id, until] : later) wanted.held.push_back(id);
  std::function<Result<Claimed>(Store&)> claim = [wanted = std::move(wanted)](Store& store) {
    return store.jobs().Claim(wanted);
  };
  Result<Claimed> job = co_await api::OnStore(parts.store, std::move(claim));
  if (!job) {
    LogWarning(parts.what + " cannot be looked for", {{"error", job.error().message}});
    co_return Claimed();
  }
  co_return *std::move(job);
}

Task<void> JobLoop::Impl::WorkOn(JobRecord record) {
  const std::string id = record.id;
  const std::unique_ptr<JobWork> work = parts.begin(std::move(record));
  current = work.get();
  if (stopping) work->Stop();
  const bool done = co_await work->Run();
  current = nullptr;
  if (!done) later[id] = Clock::now() + JobLease::kLease / 2;
}

JobLoop::JobLoop(Parts parts) : impl_(std::make_shared<Impl>(std::move(parts))) {}

JobLoop::~JobLoop() { Stop(); }

void JobLoop::Start() {
  const std::shared_ptr<Impl> impl = impl_;
  impl->started = true;
  boost::asio::post(impl->parts.loop,
                    [impl] { Spawn(impl->parts.loop, impl->parts.what, impl->Run()); });
}

void JobLoop::Wake() {
  boost::asio::post(impl_->parts.loop, [impl = impl_] { impl->changed.Set(); });
}

void JobLoop::Stop() {
  if (!std::exchange(impl_->started, false)) return;
  const std::shared_ptr<Impl> impl = impl_;
  boost::asio::post(impl->parts.loop, [impl] {
    impl->stopping = true;
    if (impl->current != nullptr) impl->current->Stop();
    impl->changed.Set();
  });
  impl->ended.get_future().wait();
}

}  // namespace moerge
