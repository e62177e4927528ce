#include "registry/registry.h"

#include <future>
#include <optional>
#include <utility>

#include "config/base/log.h"
#include "registry/change_audit.h"
#include "registry/change_check.h"
#include "registry/revision.h"
#include "registry/stored_state.h"

namespace moerge {

namespace {

// Changes that lose against those of other processes this often are refused.
constexpr int kTries = 64;
constexpr std::chrono::milliseconds kLookEvery{500};

Error StillMoving() {
  return Error{.code = ErrorCode::kUnavailable,
               .message = "other processes keep changing the store; try again shortly",
               .retry_after = std::chrono::seconds(1)};
}

Error CannotTakeOver(const Error& why, std::uint64_t revision, std::uint64_t in_force) {
  return Error{.code = ErrorCode::kConflict,
               .message = "routing goes on with revision " + std::to_string(in_force) +
                          " and changes are refused, since what another process wrote to the "
                          "store (revision " +
                          std::to_string(revision) +
                          ") cannot be put in force here: " + why.message,
               .detail = why.detail,
               .param = why.param};
}

}  // namespace

// Shared with the jobs under way, so that one that runs late finds it alive. All but `current`
// belongs to the store thread.
struct Registry::Impl : std::enable_shared_from_this<Impl> {
  explicit Impl(StoreThread& thread)
      : store(thread),
        current(Empty()),
        revision(thread.metrics().GetGauge("moerge_registry_revision",
                                           "The revision of the registry that is in force")),
        taken_over(thread.metrics().GetCounter(
            "moerge_registry_taken_over_total",
            "Times that what another process wrote to the store was put in force")) {}

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
    revision.Set(static_cast<double>(next->revision));
    const std::lock_guard lock(mutex);
    current.swap(next);  // the old one is released outside the lock, by `next`
  }

  Status Start(Store& from, DeclaredState first) {
    Result<StoredState> loaded = from.registry().Load();
    if (!loaded.ok()) return loaded.error();
    Result<SnapshotPtr> snapshot = BuildSnapshot(first, *loaded);
    if (!snapshot.ok()) return snapshot.error();
    stored = *std::move(loaded);
    declared = std::move(first);
    Publish(*std::move(snapshot));
    started = true;
    return Ok{};
  }

  // Puts in force what another process wrote. On an error all stays as it was.
  Status Refresh(Store& from) {
    Status fresh = LookForNews(from);
    store.health().Set(StoreHealth::Part::kRegistry, fresh);
    return fresh;
  }

  Status LookForNews(Store& from) {
    const Result<bool> news = HasNews(from);
    if (!news.ok()) return news.error();
    return *news ? TakeOver(from) : Status(Ok{});
  }

  Result<bool> HasNews(Store& from) {
    const Result<std::uint64_t> found = from.registry().Revision();
    if (!found.ok()) return found.error();
    if (*found < stored.revision) return RevisionWentBack(*found, stored.revision);
    return *found > stored.revision;
  }

  Status TakeOver(Store& from) {
    Result<StoredState> loaded = from.registry().Load();
    if (!loaded.ok()) return loaded.error();
    Result<SnapshotPtr> snapshot = BuildSnapshot(declared, *loaded);
    if (!snapshot.ok()) {
      return CannotTakeOver(snapshot.error(), loaded->revision, stored.revision);
    }
    LogInfo("another process changed the store; its changes are in force",
            {{"before", stored.revision}, {"revision", loaded->revision}});
    stored = *std::move(loaded);
    taken_over.Add();
    Publish(*std::move(snapshot));
    return Ok{};
  }

  // Makes `change` of `base` durable, then visible. `next` is the declared part from then on.
  // Nothing: another process was faster.
  Result<std::optional<std::uint64_t>> Commit(Store& to, StoredState base, StoreChange& change,
                                              const DeclaredState& next) {
    const std::uint64_t expected = base.revision;
    ApplyChange(change, &base);
    Result<SnapshotPtr> snapshot = BuildSnapshot(next, base);
    if (!snapshot.ok()) return snapshot.error();
    const SnapshotPtr before = Current();
    const bool redeclares = &next != &declared;
    const AuditScope scope{*before, **snapshot, redeclares || change.edits_entities()};
    change.audit = AuditOf(change, scope, std::chrono::system_clock::now());
    const Result<std::uint64_t> applied = to.registry().Apply(change, expected);
    if (!applied.ok() && applied.error().code == ErrorCode::kConflict) {
      return std::optional<std::uint64_t>();
    }
    if (!applied.ok()) return applied.error();
    stored = std::move(base);
    declared = next;
    Publish(*std::move(snapshot));
    return std::optional(*applied);
  }

  Result<std::uint64_t> Change(Store& to, const Source& source) {
    for (int i = 0; i < kTries; ++i) {
      if (Status fresh = Refresh(to); !fresh.ok()) return fresh.error();
      const Result<StoreChange*> change = source(to, stored);
      if (!change.ok()) return change.error();
      const Status sound = CheckChange(**change, *Current(), declared.file);
      if (!sound.ok()) return sound.error();
      const auto done = Commit(to, stored, **change, declared);
      if (!done.ok()) return done.error();
      if (done->has_value()) return **done;
    }
    return StillMoving();
  }

  Result<std::uint64_t> Redeclare(Store& to, const DeclaredState& next, const ChangeAuthor& by) {
    for (int i = 0; i < kTries; ++i) {
      // What others wrote may need the new declared part, so it is not put in force before.
      const Result<bool> news = HasNews(to);
      if (!news.ok()) return news.error();
      Result<StoredState> base = stored;
      if (*news) base = to.registry().Load();
      if (!base.ok()) return base.error();
      StoreChange change;
      change.by = by;
      const auto done = Commit(to, *std::move(base), change, next);
      if (!done.ok()) return done.error();
      if (done->has_value()) return **done;
    }
    return StillMoving();
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
  bool started = false;
  mutable std::mutex mutex;
  SnapshotPtr current;  // guarded by mutex; never null
  Gauge& revision;
  Counter& taken_over;
};

Registry::Registry(StoreThread& store) : impl_(std::make_shared<Impl>(store)) {
  store.EachMinute([weak = std::weak_ptr<Impl>(impl_)](Store&) {
    if (const auto impl = weak.lock()) impl->Age(std::chrono::system_clock::now());
  });
  store.Every(kLookEvery, [weak = std::weak_ptr<Impl>(impl_)](Store& from) {
    const auto impl = weak.lock();
    if (impl != nullptr && impl->started) (void)impl->Refresh(from);
  });
}

Registry::~Registry() {
  impl_->store.Run([](Store&) {});
}  // changes under way refer to callers

void Registry::OnPublish(Prepare prepare) { impl_->prepare.push_back(std::move(prepare)); }

Status Registry::Start(DeclaredState declared) {
  Status status = Ok{};
  impl_->store.Run([&](Store& store) { status = impl_->Start(store, std::move(declared)); });
  return status;
}

Result<std::uint64_t> Registry::Redeclare(DeclaredState declared, ChangeAuthor by) {
  Result<std::uint64_t> revision = std::uint64_t{0};
  impl_->store.Run([&](Store& store) { revision = impl_->Redeclare(store, declared, by); });
  return revision;
}

SnapshotPtr Registry::Current() const { return impl_->Current(); }

void Registry::Age(WallTime now) {
  impl_->store.Run([&](Store&) { impl_->Age(now); });
}

void Registry::Refresh() {
  impl_->store.Run([&](Store& store) { (void)impl_->Refresh(store); });
}

void Registry::Change(StoreChange change, Done done) {
  Source source = [change = std::make_shared<StoreChange>(std::move(change))](
                      Store&, const StoredState&) -> Result<StoreChange*> { return change.get(); };
  Enqueue(std::move(source), std::move(done), &StoreThread::Post);
}

void Registry::Change(Make make, Done done, ChangeAuthor by) {
  Source source = [make = std::move(make), by = std::move(by),
                   made = std::make_shared<StoreChange>()](
                      Store& store, const StoredState& state) -> Result<StoreChange*> {
    Result<StoreChange> change = make(store, state);
    if (!change.ok()) return std::move(change).error();
    *made = *std::move(change);
    made->by = by;
    return made.get();
  };
  Enqueue(std::move(source), std::move(done), &StoreThread::PostAfterDecisions);
}

void Registry::Enqueue(Source source, Done done, bool (StoreThread::*post)(StoreThread::Job)) {
  auto shared = std::make_shared<std::pair<Source, Done>>(std::move(source), std::move(done));
  const bool taken = (impl_->store.*post)(
      [impl = impl_, shared](Store& store) { shared->second(impl->Change(store, shared->first)); });
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
