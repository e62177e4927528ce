#include "registry/latency_keeper.h"

#include <unordered_map>

#include "config/base/hash.h"
#include "config/base/log.h"

namespace moerge {
namespace {

constexpr std::string_view kKey = "latencies";

// Never 0, which means that nothing was said yet.
std::uint64_t IdentityOf(const ExpertEntry& expert) {
  const std::uint64_t where = expert.backend == nullptr ? 0 : Hash64(expert.backend->base_url);
  return Hash64(expert.spec.model, where) | 1;
}

}  // namespace

// All but `table` belongs to the store thread.
struct LatencyKeeper::Impl {
  Impl(LatencyTable& kept, StoreThread& thread) : table(kept), store(thread) {}

  void Load(Store& from) {
    const Result<std::optional<std::string>> kept = from.blobs().Get(kKey);
    Status status = kept.ok() ? Status(Ok{}) : Status(kept.error());
    if (kept.ok() && *kept) {
      status = table.Restore(**kept);
      written = Hash64(**kept);
    }
    if (!status) {
      LogWarning("latencies of experts start over", {{"why", status.error().message}});
    }
  }

  void Save(Store& to) {
    table.Visit([&](ExpertId id, ExpertLatency& of) { of.SetIdentity(IdentityAt(id)); });
    const std::string now = table.Save();
    const std::uint64_t hash = Hash64(now);
    if (hash == written) return;
    if (const Status put = to.blobs().Put(kKey, now); !put) {
      LogWarning("experts' latencies could not be kept", {{"why", put.error().message}});
      return;
    }
    written = hash;
  }

  std::uint64_t IdentityAt(ExpertId id) const {
    const auto known = identities.find(Raw(id));
    return known == identities.end() ? 0 : known->second;
  }

  // What answered so far under the name: in the last snapshot, or before the restart.
  std::uint64_t IdentityBefore(ExpertId id) const {
    const ExpertLatency* of = table.Find(id);
    const std::uint64_t known = IdentityAt(id);
    return known == 0 && of != nullptr ? of->identity() : known;
  }

  void Match(const Snapshot& snapshot) {
    Identities next;
    next.reserve(snapshot.experts.size());
    for (const ExpertEntry& expert : snapshot.experts) {
      const std::uint64_t before = IdentityBefore(expert.id);
      const std::uint64_t now = next[Raw(expert.id)] = IdentityOf(expert);
      if (ExpertLatency* of = table.Find(expert.id);
          of != nullptr && before != 0 && before != now) {
        of->Clear();
      }
    }
    table.Visit([&](ExpertId id, ExpertLatency& of) {
      if (!next.contains(Raw(id))) of.Clear();
    });
    identities.swap(next);
  }

  using Identities = std::unordered_map<std::uint32_t, std::uint64_t>;  // by raw expert id

  LatencyTable& table;
  StoreThread& store;
  Identities identities;  // of the last snapshot
  std::uint64_t written = Hash64(LatencyTable().Save());
};

LatencyKeeper::LatencyKeeper(LatencyTable& table, Registry& registry, StoreThread& store)
    : impl_(std::make_shared<Impl>(table, store)) {
  store.Run([&](Store& from) { impl_->Load(from); });
  registry.OnPublish([impl = impl_](const SnapshotPtr& snapshot) { impl->Match(*snapshot); });
  store.EachMinute([weak = std::weak_ptr<Impl>(impl_)](Store& to) {
    if (const auto impl = weak.lock()) impl->Save(to);
  });
}

void LatencyKeeper::Save() {
  impl_->store.Run([this](Store& to) { impl_->Save(to); });
}

}  // namespace moerge
