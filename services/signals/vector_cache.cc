#include "services/signals/vector_cache.h"

#include <boost/asio/post.hpp>
#include <cstring>
#include <map>
#include <memory>
#include <string>

#include "config/base/event.h"
#include "config/base/log.h"

namespace moerge {
namespace {

// The store can neither list nor remove blobs: each of a fixed number of them holds a few vectors,
// the oldest of which makes room for a new one.
constexpr std::uint64_t kBlobs = 4096;
constexpr std::size_t kPerBlob = 16;
constexpr std::size_t kRecordHead = 20;  // the key and the vector's length

std::string BlobName(const CacheKey& key) {
  return "signals/vectors/" + std::to_string(key.high % kBlobs);
}

void Append(const VectorCache::Entry& entry, std::string* blob) {
  const auto size = static_cast<std::uint32_t>(entry.second.size());
  char head[kRecordHead];
  std::memcpy(head, &entry.first.high, 8);
  std::memcpy(head + 8, &entry.first.low, 8);
  std::memcpy(head + 16, &size, 4);
  blob->append(head, kRecordHead);
  blob->append(reinterpret_cast<const char*>(entry.second.data()), size);
}

// A damaged end is left out.
std::vector<VectorCache::Entry> Entries(std::string_view blob) {
  std::vector<VectorCache::Entry> entries;
  while (blob.size() >= kRecordHead) {
    CacheKey key;
    std::uint32_t size = 0;
    std::memcpy(&key.high, blob.data(), 8);
    std::memcpy(&key.low, blob.data() + 8, 8);
    std::memcpy(&size, blob.data() + 16, 4);
    blob.remove_prefix(kRecordHead);
    if (size > blob.size()) break;
    const auto* values = reinterpret_cast<const std::int8_t*>(blob.data());
    entries.emplace_back(key, EmbeddingVector(values, values + size));
    blob.remove_prefix(size);
  }
  return entries;
}

std::vector<VectorCache::Entry> ReadBlob(const std::string& name, Store& store) {
  const auto blob = store.blobs().Get(name);
  if (!blob.ok() || !blob->has_value()) return {};
  return Entries(**blob);
}

struct Loading {
  explicit Loading(const Executor& loop) : there(loop) {}
  Event there;
  EmbeddingVector vector;
};

}  // namespace

CacheKey VectorKey(std::string_view backend, std::string_view model, std::string_view api_key,
                   std::string_view text) {
  return CacheKeyOf({backend, model, api_key, text});
}

EmbeddingVector VectorCache::Load(const CacheKey& key, Store& store) {
  for (VectorCache::Entry& entry : ReadBlob(BlobName(key), store)) {
    if (entry.first == key) return std::move(entry.second);
  }
  return {};
}

void VectorCache::Save(std::vector<Entry> entries, Store& store) {
  std::map<std::string, std::vector<Entry>> by_blob;
  for (Entry& entry : entries) by_blob[BlobName(entry.first)].push_back(std::move(entry));
  for (auto& [name, fresh] : by_blob) {
    std::vector<Entry> all = ReadBlob(name, store);
    for (Entry& entry : fresh) {
      std::erase_if(all, [&](const Entry& old) { return old.first == entry.first; });
      all.push_back(std::move(entry));
    }
    const std::size_t from = all.size() > kPerBlob ? all.size() - kPerBlob : 0;
    std::string blob;
    for (std::size_t i = from; i < all.size(); ++i) Append(all[i], &blob);
    const Status put = store.blobs().Put(name, blob);
    if (put) continue;
    LogWarning("vectors could not be cached", {{"error", put.error().message}});
    return;
  }
}

Task<EmbeddingVector> VectorCache::Find(const CacheKey& key, StoreThread& store,
                                        Deadline deadline) {
  if (auto recent = recent_.Find(key)) co_return *std::move(recent);
  const Executor loop = co_await ThisLoop();
  const auto loading = std::make_shared<Loading>(loop);
  const bool taken = store.Post([loading, loop, key](Store& opened) {
    EmbeddingVector vector = Load(key, opened);
    boost::asio::post(loop, [loading, vector = std::move(vector)]() mutable {
      loading->vector = std::move(vector);
      loading->there.Set();
    });
  });
  if (!taken) co_return EmbeddingVector();
  const bool there = co_await loading->there.WaitUntil(deadline);
  if (!there || loading->vector.empty()) co_return EmbeddingVector();
  recent_.Put(key, loading->vector);
  co_return loading->vector;
}

void VectorCache::Put(const CacheKey& key, const EmbeddingVector& vector, StoreThread& store) {
  recent_.Put(key, vector);
  // A store that has too much to do goes without.
  (void)store.Post([key, vector](Store& opened) { Save({{key, vector}}, opened); });
}

}  // namespace moerge
