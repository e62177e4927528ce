// Vectors by what they were made from: an encoder and a text. In memory the ones used last; in the
// store up to about 65,000 of them, so that neither a restart nor retraining asks for a text
// twice.
//
// Owner: the composition root. Any thread may call. What cannot be kept costs time only.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "config/base/deadline.h"
#include "config/base/task.h"
#include "registry/store_thread.h"
#include "router/classify/embedding_vector.h"
#include "services/signals/bounded_cache.h"

namespace moerge {

// `api_key`: whose request the text is from; empty for what skills are learnt from.
CacheKey VectorKey(std::string_view backend, std::string_view model, std::string_view api_key,
                   std::string_view text);

class VectorCache {
 public:
  using Entry = std::pair<CacheKey, EmbeddingVector>;

  explicit VectorCache(Metrics& metrics, std::size_t capacity = 4096)
      : recent_(metrics, "vectors", capacity) {}

  // From memory, or from the store on a thread of its own: empty if it is in neither, or the store
  // takes longer than the deadline. On an event loop.
  Task<EmbeddingVector> Find(const CacheKey& key, StoreThread& store, Deadline deadline);
  // In memory at once, in the store when it has time.
  void Put(const CacheKey& key, const EmbeddingVector& vector, StoreThread& store);

  // For a thread that may block: straight from and to the store.
  static EmbeddingVector Load(const CacheKey& key, Store& store);
  static void Save(std::vector<Entry> entries, Store& store);

 private:
  BoundedCache<EmbeddingVector> recent_;
};

}  // namespace moerge
