#include "config/base/task.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "config/base/log.h"

namespace moerge {
namespace {

void LogFailure(const std::string& name, const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    LogError("a task ended with an exception", {{"task", name}, {"error", error.what()}});
  } catch (...) {
    LogError("a task ended with an unknown exception", {{"task", name}});
  }
}

}  // namespace

void Spawn(const Executor& executor, std::string_view name, Task<void> task) {
  boost::asio::co_spawn(executor, std::move(task),
                        [name = std::string(name)](const std::exception_ptr& failure) {
                          if (failure) LogFailure(name, failure);
                        });
}

Task<void> SleepFor(std::chrono::steady_clock::duration duration) {
  SteadyTimer timer(co_await boost::asio::this_coro::executor);
  timer.expires_after(duration);
  boost::system::error_code ignored;
  auto token = boost::asio::redirect_error(kUseTask, ignored);
  co_await timer.async_wait(token);
}

Event::Event(const Executor& executor) : timer_(executor, SteadyTimer::time_point::max()) {}

void Event::Set() {
  set_ = true;
  ++times_set_;
  timer_.expires_at(SteadyTimer::time_point::max());
}

Task<void> Event::Wait() {
  const std::uint64_t before = times_set_;
  while (!set_ && times_set_ == before) {
    boost::system::error_code ignored;
    auto token = boost::asio::redirect_error(kUseTask, ignored);
    co_await timer_.async_wait(token);
  }
}

Task<bool> Event::WaitUntil(Deadline deadline) {
  if (set_ || deadline.never()) {
    co_await Wait();
    co_return true;
  }
  // The bell's handler may already be queued when this coroutine ends, so it owns what it touches.
  struct Bell {
    bool rang = false;
    bool heard = false;
  };
  const auto bell = std::make_shared<Bell>();
  SteadyTimer timer(timer_.get_executor(), deadline.when());
  timer.async_wait([this, bell](const boost::system::error_code& error) {
    if (error || bell->heard) return;
    bell->rang = true;
    timer_.expires_at(SteadyTimer::time_point::max());
  });
  const std::uint64_t before = times_set_;
  while (!set_ && times_set_ == before && !bell->rang) {
    boost::system::error_code ignored;
    auto token = boost::asio::redirect_error(kUseTask, ignored);
    co_await timer_.async_wait(token);
  }
  bell->heard = true;
  co_return set_ || times_set_ != before;
}

}  // namespace moerge
