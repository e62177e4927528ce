// The one thread that talks to the store, so that SQL never runs on an event loop.
// Owner: the composition root. Any thread may call. Bounded: Post refuses when `capacity` jobs
// wait.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "config/base/metrics.h"
#include "registry/store.h"
#include "registry/store_health.h"

namespace moerge {

struct DecisionRecord;
struct DecisionRetention;

class StoreThread {
 public:
  using Job = std::function<void(Store&)>;

  StoreThread(std::unique_ptr<Store> store, Metrics& metrics, std::size_t capacity = 4096);
  ~StoreThread();  // finishes what was accepted, then stops

  // False: the queue is full or stopping; the job was not taken. TooBusy() is what to say then.
  [[nodiscard]] bool Post(Job job);
  static Error TooBusy();
  // Asks for kept decisions: on a thread of its own where the store has a reader, so that a long
  // list holds nothing up. False: as Post.
  using Query = std::function<void(DecisionQueries&)>;
  [[nodiscard]] bool PostQuery(Query query);
  // Runs `job` on the store thread and waits for it. Blocking: never on an event loop.
  void Run(const Job& job);

  // An empty record to fill and add; better than a new one, whose texts have no room yet.
  DecisionRecord NewDecision();
  // Hands a record to the next group that is written; full queue or failed disk: counted in
  // moerge_decisions_lost_total and said in the log at most once a second, the request goes on.
  void AddDecision(DecisionRecord record);
  // A decision that was added and is not in the store yet. Nothing: it is there, was lost, or was
  // never added. Any thread.
  std::optional<DecisionRecord> FindWaiting(std::string_view id) const;
  // Why a decision that was added is not in the store: it waits for a locked one, or could not be
  // written. Nothing: not known of it. Any thread.
  std::optional<Error> WhyNotKept(std::string_view id) const;
  void SetRetention(const DecisionRetention& retention);
  // Adds a job that the store thread runs about once a minute, whenever it also removes old
  // decisions, in the order of being added. It must own what it uses.
  void EachMinute(Job job);
  // The same for a job that is due every `period`; it runs between other jobs.
  void Every(std::chrono::milliseconds period, Job job);
  // As Post, with every decision added so far written first.
  [[nodiscard]] bool PostAfterDecisions(Job job);
  // Waits until everything posted so far is done.
  void Drain();

  StoreHealth& health();
  Metrics& metrics();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace moerge
