// Threads for work of some ten milliseconds that would hold an event loop for as long: reading a
// large body, for example, or for files. (background_worker.h is for seconds.)
//
// Owner: the composition root, which joins it while the loops are still there. Any thread.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "config/base/event.h"
#include "config/base/task.h"

namespace moerge {

class WorkPool {
 public:
  static constexpr std::size_t kThreads = 2;

  explicit WorkPool(std::size_t threads = kThreads) : threads_(threads) {}
  ~WorkPool() { Join(); }
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  // Runs `work`, which owns what it uses, on one of the threads and goes on with its result on the
  // loop of the caller. An exception of it is the caller's. Work that waits is done in turn.
  template <class T>
  Task<T> Run(std::function<T()> work);
  // Waits for all work. Nothing may be added afterwards.
  void Join() { threads_.join(); }

 private:
  template <class T>
  struct Job {
    Job(const Executor& loop, std::function<T()> work) : done(loop), work(std::move(work)) {}
    void Do() {
      try {
        result.emplace(work());
      } catch (...) {
        error = std::current_exception();
      }
    }

    Event done;
    std::function<T()> work;
    std::optional<T> result;
    std::exception_ptr error;
  };

  boost::asio::thread_pool threads_;
};

template <class T>
Task<T> WorkPool::Run(std::function<T()> work) {
  const Executor loop = co_await ThisLoop();
  const auto job = std::make_shared<Job<T>>(loop, std::move(work));
  // A copy of its own: a captured constant could not be moved on.
  boost::asio::post(threads_, [job = job, loop]() mutable {
    job->Do();
    // Only the loop holds the job from here on: its event is the loop's.
    boost::asio::post(loop, [job = std::move(job)] { job->done.Set(); });
  });
  co_await job->done.Wait();
  if (job->error) std::rethrow_exception(job->error);
  co_return std::move(*job->result);
}

}  // namespace moerge
