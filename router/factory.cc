#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "router/policy_router.h"
#include "router/profile/latency.h"
#include "router/router.h"
#include "router/trainer.h"

namespace moerge {
namespace {

bool MapsByLatency(const Snapshot& snapshot) {
  return std::any_of(snapshot.policies.begin(), snapshot.policies.end(), [](const Policy& policy) {
    return policy.recruiter == "mapping" &&
           MappingOptionsOf(policy).measure == CostMeasure::kLatency;
  });
}

}  // namespace

// The registry's callback makes a Router with what is trained so far; the trainer's thread then
// catches up with the newest snapshot, however many came in between, and publishes again.
struct RouterFactory::Impl {
  Impl(StoreThread& thread, const LatencyTable* measured) : store(thread), latencies(measured) {}

  // Store thread.
  void OnSnapshot(const SnapshotPtr& snapshot) {
    auto next =
        std::make_shared<const ExpertTable>(snapshot, TypicalLatencies(*snapshot, latencies));
    const std::lock_guard lock(mutex);
    expert_table = std::move(next);
    router = std::make_shared<const PolicyRouter>(expert_table, trained);
    wake.notify_all();
  }

  void RefreshLatencies() {
    const std::shared_ptr<const ExpertTable> before = CurrentPanel();
    if (before == nullptr || !MapsByLatency(*before->snapshot)) return;
    std::vector<float> now = TypicalLatencies(*before->snapshot, latencies);
    if (!MuchChanged(before->latency_ms, now)) return;
    auto next = std::make_shared<const ExpertTable>(before->snapshot, std::move(now));
    const std::lock_guard lock(mutex);
    if (expert_table != before) return;  // a new snapshot has come, with its own
    expert_table = std::move(next);
    router = std::make_shared<const PolicyRouter>(expert_table, trained);
  }

  std::shared_ptr<const ExpertTable> CurrentPanel() const {
    const std::lock_guard lock(mutex);
    return expert_table;
  }

  // Trainer's thread.
  void Loop() {
    std::unique_lock lock(mutex);
    while (!stop) {
      if (expert_table == nullptr || caught_up == expert_table->snapshot) {
        wake.wait(lock);
        continue;
      }
      const SnapshotPtr snapshot = expert_table->snapshot;
      const TrainedPtr before = trained;
      lock.unlock();
      TrainedPtr after = trainer.Train(*snapshot, before);
      lock.lock();
      if (after != nullptr) Take(snapshot, std::move(after));
    }
  }

  void Take(const SnapshotPtr& snapshot, TrainedPtr after) {
    caught_up = snapshot;
    if (after != trained) {
      trained = std::move(after);
      router = std::make_shared<const PolicyRouter>(expert_table, trained);
    }
    done.notify_all();
  }

  bool CaughtUp() const { return expert_table != nullptr && caught_up == expert_table->snapshot; }

  StoreThread& store;
  const LatencyTable* latencies;  // may be null
  std::atomic<bool> stop{false};
  Trainer trainer{store, &stop};
  mutable std::mutex mutex;
  std::condition_variable wake;                     // for the trainer: a new snapshot, or the end
  mutable std::condition_variable done;             // for WaitTrained
  std::shared_ptr<const ExpertTable> expert_table;  // guarded by mutex, as all below
  TrainedPtr trained;
  SnapshotPtr caught_up;
  RouterPtr router = std::make_shared<const PolicyRouter>(
      std::make_shared<const ExpertTable>(std::make_shared<const Snapshot>()), nullptr);
  std::thread thread;
};

RouterFactory::RouterFactory(Registry& registry, StoreThread& store, const LatencyTable* latencies)
    : impl_(std::make_shared<Impl>(store, latencies)) {
  registry.OnPublish([impl = impl_](const SnapshotPtr& snapshot) { impl->OnSnapshot(snapshot); });
  store.EachMinute([weak = std::weak_ptr<Impl>(impl_)](Store&) {
    if (const auto impl = weak.lock()) impl->RefreshLatencies();
  });
  impl_->thread = std::thread([impl = impl_.get()] { impl->Loop(); });
}

RouterFactory::~RouterFactory() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stop = true;
    impl_->wake.notify_all();
  }
  impl_->thread.join();
}

void RouterFactory::RefreshLatencies() { impl_->RefreshLatencies(); }

RouterPtr RouterFactory::Current() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->router;
}

bool RouterFactory::IsTrained() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->CaughtUp();
}

bool RouterFactory::WaitTrained(Deadline deadline) const {
  std::unique_lock lock(impl_->mutex);
  const auto ready = [this] { return impl_->CaughtUp(); };
  if (deadline.never()) {
    impl_->done.wait(lock, ready);
    return true;
  }
  return impl_->done.wait_until(lock, deadline.when(), ready);
}

}  // namespace moerge
