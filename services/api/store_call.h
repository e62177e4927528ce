// Waits on an event loop for work that is done on the store thread or the background worker.
// Threads: call on a loop; the job runs on the other thread and must own what it uses.
#pragma once

#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "config/base/event.h"
#include "config/base/result.h"
#include "registry/decision_log.h"
#include "registry/registry.h"
#include "registry/store_thread.h"
#include "services/api/routes.h"
#include "services/background_worker.h"

namespace moerge::api {

// What a job on another thread hands back to the loop that waits for it.
template <class T>
class Handover {
 public:
  explicit Handover(const Executor& loop) : loop_(loop), there_(loop) {}

  // Any thread, once. `self` keeps the handover alive on its way.
  static void Give(std::shared_ptr<Handover> self, Result<T> result) {
    self->Put(std::move(result));
    Send(std::move(self));
  }
  // The same in two steps.
  void Put(Result<T> result) { result_.emplace(std::move(result)); }
  static void Send(std::shared_ptr<Handover> self) {
    const Executor loop = self->loop_;
    boost::asio::post(loop, [self = std::move(self)] { self->there_.Set(); });
  }
  Task<Result<T>> Take() {
    co_await there_.Wait();
    co_return std::move(*result_);
  }

 private:
  Executor loop_;
  Event there_;
  std::optional<Result<T>> result_;
};

// Runs `job` on the store thread; `post`: StoreThread::Post, or PostAfterDecisions, which lets it
// see what was decided until now. Error: kOverloaded when its queue is full, or the job's own.
template <class T>
Task<Result<T>> OnStore(StoreThread& store, std::function<Result<T>(Store&)> job,
                        bool (StoreThread::*post)(StoreThread::Job) = &StoreThread::Post) {
  const Executor loop = co_await ThisLoop();
  const auto handover = std::make_shared<Handover<T>>(loop);
  const bool taken = (store.*post)([handover, job = std::move(job)](Store& opened) {
    Handover<T>::Give(handover, job(opened));
  });
  if (!taken) co_return StoreThread::TooBusy();
  co_return co_await handover->Take();
}

// Asks for kept decisions. Errors as of OnStore.
template <class T>
Task<Result<T>> OnDecisions(StoreThread& store, std::function<Result<T>(DecisionQueries&)> ask) {
  const Executor loop = co_await ThisLoop();
  const auto handover = std::make_shared<Handover<T>>(loop);
  const bool taken = store.PostQuery([handover, ask = std::move(ask)](DecisionQueries& decisions) {
    Handover<T>::Give(handover, ask(decisions));
  });
  if (!taken) {
    co_return Error{.code = ErrorCode::kOverloaded,
                    .message = "too many questions about decisions are waiting; try again shortly",
                    .retry_after = std::chrono::seconds(1)};
  }
  co_return co_await handover->Take();
}

// Runs `job` on the background worker. Error: kRateLimited while that has another one, or the job's
// own.
template <class T>
Task<Result<T>> OnWorker(BackgroundWorker& worker, std::function<Result<T>()> job) {
  const Executor loop = co_await ThisLoop();
  const auto handover = std::make_shared<Handover<T>>(loop);
  const bool taken = worker.TryRun([handover, job = std::move(job)] { handover->Put(job()); },
                                   [handover] { Handover<T>::Send(handover); });
  if (!taken) {
    co_return Error{.code = ErrorCode::kRateLimited,
                    .message = "work of this kind is under way; try again when it is done",
                    .retry_after = std::chrono::seconds(1)};
  }
  co_return co_await handover->Take();
}

// Who makes a change, for the record.
inline ChangeAuthor AuthorOf(const ApiCall& call) {
  return {.who = call.key_name, .through = "api", .request_id = call.request_id};
}

// Registry::Change, waited for: the new revision, durable and visible.
inline Task<Result<std::uint64_t>> ChangeRegistry(Registry& registry, ChangeAuthor by,
                                                  StoreChange change) {
  change.by = std::move(by);
  const Executor loop = co_await ThisLoop();
  const auto handover = std::make_shared<Handover<std::uint64_t>>(loop);
  Registry::Done done = [handover](Result<std::uint64_t> revision) {
    Handover<std::uint64_t>::Give(handover, std::move(revision));
  };
  registry.Change(std::move(change), std::move(done));
  co_return co_await handover->Take();
}
inline Task<Result<std::uint64_t>> ChangeRegistry(Registry& registry, ChangeAuthor by,
                                                  Registry::Make make) {
  const Executor loop = co_await ThisLoop();
  const auto handover = std::make_shared<Handover<std::uint64_t>>(loop);
  Registry::Done done = [handover](Result<std::uint64_t> revision) {
    Handover<std::uint64_t>::Give(handover, std::move(revision));
  };
  registry.Change(std::move(make), std::move(done), std::move(by));
  co_return co_await handover->Take();
}

}  // namespace moerge::api
