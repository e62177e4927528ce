// Runs coroutines of a test on an event loop of its own.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <optional>
#include <utility>

#include "config/base/task.h"

namespace moerge::test {

class LoopFixture {
 public:
  LoopFixture() : context_(1) {}

  Executor executor() { return context_.get_executor(); }
  boost::asio::io_context& context() { return context_; }

  // Runs the loop until `task` is done. Its timers may stay behind.
  template <class T>
  T RunTask(Task<T> task) {
    std::optional<T> result;
    Start(Store(std::move(task), &result));
    RunUntil([&] { return result.has_value(); });
    return std::move(*result);
  }

  // Starts `task` and goes on; see RunUntil.
  void Start(Task<void> task) {
    context_.restart();  // it stopped if it had run out of work
    Spawn(executor(), "test", std::move(task));
  }

  template <class Condition>
  void RunUntil(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
      context_.restart();
      context_.run_one_for(std::chrono::milliseconds(50));
      if (std::chrono::steady_clock::now() > deadline) {
        ADD_FAILURE() << "the loop was not done within 30 s";
        std::abort();
      }
    }
  }

 private:
  template <class T>
  static Task<void> Store(Task<T> task, std::optional<T>* result) {
    T value = co_await std::move(task);
    result->emplace(std::move(value));
  }

  boost::asio::io_context context_;
};

}  // namespace moerge::test
