// The values used last, by key, at most `capacity` of them; metrics say how many there are and how
// often they were found. Any thread may call; one lock, held for a lookup.
#pragma once

#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "config/base/metrics.h"
#include "services/signals/cache_key.h"

namespace moerge {

template <class Value>
class BoundedCache {
 public:
  // `name` is the label `cache` of the metrics.
  BoundedCache(Metrics& metrics, const std::string& name, std::size_t capacity)
      : capacity_(capacity),
        size_(metrics.GetGauge("moerge_signal_cache_entries", "Entries of a cache of signals",
                               {{"cache", name}})),
        hits_(Lookups(metrics, name, "hit")),
        misses_(Lookups(metrics, name, "miss")) {}

  std::optional<Value> Find(const CacheKey& key) {
    const std::lock_guard lock(mutex_);
    const auto at = index_.find(key);
    (at == index_.end() ? misses_ : hits_).Add();
    if (at == index_.end()) return std::nullopt;
    entries_.splice(entries_.begin(), entries_, at->second);
    return at->second->second;
  }

  void Put(const CacheKey& key, Value value) {
    const std::lock_guard lock(mutex_);
    if (const auto at = index_.find(key); at != index_.end()) {
      at->second->second = std::move(value);
      entries_.splice(entries_.begin(), entries_, at->second);
      return;
    }
    entries_.emplace_front(key, std::move(value));
    index_.emplace(key, entries_.begin());
    if (entries_.size() > capacity_) {
      index_.erase(entries_.back().first);
      entries_.pop_back();
    }
    size_.Set(static_cast<double>(entries_.size()));
  }

 private:
  using Entries = std::list<std::pair<CacheKey, Value>>;

  static Counter& Lookups(Metrics& metrics, const std::string& name, const char* outcome) {
    return metrics.GetCounter("moerge_signal_cache_lookups_total", "Lookups in a cache of signals",
                              {{"cache", name}, {"outcome", outcome}});
  }

  const std::size_t capacity_;
  std::mutex mutex_;
  Entries entries_;  // the most recently used first
  std::unordered_map<CacheKey, typename Entries::iterator, CacheKeyHash> index_;
  Gauge& size_;
  Counter& hits_;
  Counter& misses_;
};

}  // namespace moerge
