#include "registry/registry.h"

#include <future>
#include <utility>

#include "registry/change_check.h"
#include "registry/stored_state.h"
#include "registry/training_trigger.h"

namespace moerge {

// Shared with the jobs under way, so that one that runs late finds it alive. All but `current`
// belongs to the store thread.
struct Registry::Impl : std::enable_shared_from_this<Impl> {
  explicit Impl(StoreThread& thread) : store(thread), current(Empty()) {}

  static SnapshotPtr Empty() {
    Result<SnapshotPtr> empty = BuildSnapshot({}, {});
    return empty.ok() ? *std::move(empty) : std::make_shared<const Snapshot>();
  }

  SnapshotPtr Current() const {
    const std::lock_guard lock(mutex);
    return current;
  }

  void Publish(SnapshotPtr next) {
    for (const Prepare& each : prepare) each(next);
    const std::lock_guard lock(mutex);
    current.swap(next);  // the old one is released outside the lock, by `next`
  }

  Status Load(Store& from, DeclaredState next_declared) {
    Result<StoredState> loaded = from.Load();
    if (!loaded.ok()) return loaded.error();
    loaded->training_revision = loaded->revision;
    Result<SnapshotPtr> snapshot = BuildSnapshot(next_declared, *loaded);
    if (!snapshot.ok()) return snapshot.error();
    stored = *std::move(loaded);
    declared = std::move(next_declared);
    Publish(*std::move(snapshot));
    return Ok{};
  }

  // Makes `change` durable, then visible. `next` is the declared part from then on.
  Result<std::uint64_t> Commit(Store& to, const StoreChange& change, const DeclaredState& next) {
    StoredState changed = stored;
    ApplyChange(change, &changed);
    changed.revision = stored.revision + 1;
    TrainingTrigger next_trigger = training_trigger;
    if (next_trigger.Take(change)) changed.training_revision = changed.revision;
    Result<SnapshotPtr> snapshot = BuildSnapshot(next, changed);
    if (!snapshot.ok()) return snapshot.error();
    const Result<std::uint64_t> revision = to.Apply(change);
    if (!revision.ok()) return revision.error();
    if (*revision != changed.revision) return Reload(to, next);
    stored = std::move(changed);
    declared = next;
    training_trigger = next_trigger;
    Publish(*std::move(snapshot));
    return stored.revision;
  }

  // Somebody else wrote to the same store (an import from the command line): read what is there.
  Result<std::uint64_t> Reload(Store& from, const DeclaredState& next) {
    if (Status loaded = Load(from, next); !loaded.ok()) return loaded.error();
    return stored.revision;
  }

  Result<std::uint64_t> Apply(Store& to, const StoreChange& change) {
    if (Status sound = CheckChange(change, *Current(), declared.file); !sound.ok()) {
      return sound.error();
    }
    return Commit(to, change, declared);
  }

  void Age(WallTime now) {
    if (declared.half_life.count() <= 0 || Current()->aging.now == DayOf(now)) return;
    Result<SnapshotPtr> snapshot = BuildSnapshot(declared, stored, now);
    if (snapshot.ok()) Publish(*std::move(snapshot));
  }

  StoreThread& store;
  std::vector<Prepare> prepare;
  DeclaredState declared;
  StoredState stored;
  TrainingTrigger training_trigger;
  mutable std::mutex mutex;
  SnapshotPtr current;  // guarded by mutex; never null
};

Registry::Registry(StoreThread& store) : impl_(std::make_shared<Impl>(store)) {
  store.EachMinute([weak = std::weak_ptr<Impl>(impl_)](Store&) {
    if (const auto impl = weak.lock()) impl->Age(std::chrono::system_clock::now());
  });
}

Registry::~Registry() {
  impl_->store.Run([](Store&) {});
}  // changes under way refer to callers

void Registry::OnPublish(Prepare prepare) { impl_->prepare.push_back(std::move(prepare)); }

Status Registry::Start(DeclaredState declared) {
  Status status = Ok{};
  impl_->store.Run([&](Store& store) { status = impl_->Load(store, std::move(declared)); });
  return status;
}

Result<std::uint64_t> Registry::Redeclare(DeclaredState declared) {
  Result<std::uint64_t> revision = std::uint64_t{0};
  impl_->store.Run([&](Store& store) { revision = impl_->Commit(store, {}, declared); });
  return revision;
}

SnapshotPtr Registry::Current() const { return impl_->Current(); }

void Registry::Age(WallTime now) {
  impl_->store.Run([&](Store&) { impl_->Age(now); });
}

void Registry::Change(StoreChange change, Done done) {
  auto shared = std::make_shared<StoreChange>(std::move(change));
  Enqueue([shared](Store&, const StoredState&) { return Result<StoreChange>(std::move(*shared)); },
          std::move(done), &StoreThread::Post);
}

void Registry::Change(Make make, Done done) {
  Enqueue(std::move(make), std::move(done), &StoreThread::PostAfterDecisions);
}

void Registry::Enqueue(Make make, Done done, bool (StoreThread::*post)(StoreThread::Job)) {
  auto shared = std::make_shared<std::pair<Make, Done>>(std::move(make), std::move(done));
  const bool taken = (impl_->store.*post)([impl = impl_, shared](Store& store) {
    const Result<StoreChange> change = shared->first(store, impl->stored);
    shared->second(change.ok() ? impl->Apply(store, *change) : change.error());
  });
  if (taken) return;
  shared->second(Error{.code = ErrorCode::kOverloaded,
                       .message = "too many changes are waiting to be stored; try again shortly",
                       .retry_after = std::chrono::seconds(1)});
}

Result<std::uint64_t> Registry::ChangeAndWait(StoreChange change) {
  auto promise = std::make_shared<std::promise<Result<std::uint64_t>>>();
  auto future = promise->get_future();
  Change(std::move(change),
         [promise](Result<std::uint64_t> result) { promise->set_value(std::move(result)); });
  return future.get();
}

}  // namespace moerge
