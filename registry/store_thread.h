// The one thread that talks to the store, so that SQL never runs on an event loop.
// Owner: the composition root. Any thread may call. Bounded: Post refuses when `capacity` jobs
// wait.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "config/base/metrics.h"
#include "registry/store.h"

namespace moerge {

class StoreThread {
 public:
  using Job = std::function<void(Store&)>;

  StoreThread(std::unique_ptr<Store> store, Metrics& metrics, std::size_t capacity = 4096);
  ~StoreThread();  // finishes what was accepted, then stops

  // False: the queue is full or stopping; the job was not taken.
  [[nodiscard]] bool Post(Job job);
  // Runs `job` on the store thread and waits for it. Blocking: never on an event loop.
  void Run(const Job& job);

  // An empty record to fill and add; better than a new one, whose texts have no room yet.
  DecisionRecord NewDecision();
  // Hands a record to the next group that is written; full queue or failed disk: counted in
  // moerge_decisions_lost_total and said in the log at most once a second, the request goes on.
  void AddDecision(DecisionRecord record);
  void SetRetention(const DecisionRetention& retention);
  // Adds a job that the store thread runs about once a minute, whenever it also removes old
  // decisions, in the order of being added. It must own what it uses.
  void EachMinute(Job job);
  // As Post, with every decision added so far written first.
  [[nodiscard]] bool PostAfterDecisions(Job job);
  // Waits until everything posted so far is done.
  void Drain();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace moerge
