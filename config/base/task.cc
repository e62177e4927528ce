#include "config/base/task.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <string>

#include "config/base/log.h"

namespace moerge {
namespace {

// The outermost coroutine of a spawned task. Its frame goes when it ends, or with the Resumption of
// whoever waits in it.
struct Outermost {
  struct promise_type : KeptFrame {
    promise_type(const Executor& executor, const std::string&, const Task<void>&)
        : own{executor, std::coroutine_handle<promise_type>::from_promise(*this)}, work(executor) {}

    Outermost get_return_object() { return {Resumption(own.frame, &own)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }  // it catches all

    TaskRoot own;
    TaskRoot* root = &own;
    boost::asio::executor_work_guard<Executor> work;
  };

  Resumption start;
};

Outermost Run(Executor, std::string name, Task<void> task) {
  try {
    co_await task;
  } catch (const std::exception& error) {
    LogError("a task ended with an exception", {{"task", name}, {"error", error.what()}});
  } catch (...) {
    LogError("a task ended with an unknown exception", {{"task", name}});
  }
}

}  // namespace

void Spawn(const Executor& executor, std::string_view name, Task<void> task) {
  Outermost run = Run(executor, std::string(name), std::move(task));
  boost::asio::dispatch(executor, [start = std::move(run.start)]() mutable { start(); });
}

Task<void> AwaitTimer(SteadyTimer& timer) {
  auto wait = [&timer](Resumption over) {
    timer.async_wait(
        [over = std::move(over)](const boost::system::error_code&) mutable { over(); });
  };
  co_await Suspend(wait);
}

Task<void> SleepFor(std::chrono::steady_clock::duration duration) {
  const Executor loop = co_await ThisLoop();
  SteadyTimer timer(loop, duration);
  co_await AwaitTimer(timer);
}

}  // namespace moerge
