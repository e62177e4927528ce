// The thread that reads while the store thread writes: questions about kept decisions, and once
// after the start a look for damage. Owner: StoreThread. Any thread may post. Bounded.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "registry/decision_log.h"
#include "registry/store.h"
#include "registry/store_health.h"

namespace moerge {

class QueryThread {
 public:
  using Query = std::function<void(DecisionQueries&)>;

  // `health` must outlive the object, and the store must outlive it too.
  QueryThread(std::unique_ptr<StoreReader> reader, StoreHealth& health, std::size_t capacity);
  ~QueryThread();  // answers what was accepted, then stops

  // False: too many wait, or it is stopping.
  [[nodiscard]] bool Post(Query query);

 private:
  void Loop();

  std::unique_ptr<StoreReader> reader_;  // the thread's, once it runs
  StoreHealth& health_;
  const std::size_t capacity_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<Query> queries_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace moerge
