// Coroutines on an event loop. A Task<T> runs on the loop that awaits it and never hops threads.
//
// Everything asynchronous in moerge is bound to one event loop (an io_context run by one thread),
// so a coroutine needs no locks, no type erasure of its executor and no cancellation of its own: it
// knows who awaits it and which spawned task it belongs to. A Task starts when it is awaited, on
// its awaiter's stack, and costs no suspension when it ends there; an exception that leaves it goes
// on in its awaiter.
//
// g++ 12 frees some temporaries inside a co_await expression twice: no braced initialiser and no
// capturing lambda inside a co_await statement. Name the value first, then move it.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <coroutine>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>

#include "config/base/task_frames.h"

namespace moerge {

using Executor = boost::asio::io_context::executor_type;
using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using SteadyTimer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

// What all coroutines below one Spawn share.
struct TaskRoot {
  Executor executor;
  std::coroutine_handle<> frame;
};

// A suspended coroutine, to be resumed once, on its loop. If it never is, because the loop ended,
// the whole spawned task that it belongs to is destroyed with the Resumption. Owner: whatever is to
// resume the coroutine, usually a completion handler.
class Resumption {
 public:
  Resumption() = default;
  Resumption(std::coroutine_handle<> leaf, TaskRoot* root) : leaf_(leaf), root_(root) {}
  Resumption(Resumption&& other) noexcept
      : leaf_(std::exchange(other.leaf_, {})), root_(other.root_) {}
  Resumption& operator=(Resumption&& other) noexcept {
    std::swap(leaf_, other.leaf_);
    std::swap(root_, other.root_);
    return *this;
  }
  ~Resumption() {
    if (std::exchange(leaf_, {})) root_->frame.destroy();
  }

  explicit operator bool() const { return static_cast<bool>(leaf_); }
  // Returns when the coroutine waits again or has ended. REQUIRES: not empty; it is afterwards.
  void operator()() { std::exchange(leaf_, {}).resume(); }

 private:
  std::coroutine_handle<> leaf_;
  TaskRoot* root_ = nullptr;
};

// What every coroutine of a task knows.
class TaskPromise : public KeptFrame {
 public:
  std::suspend_always initial_suspend() noexcept { return {}; }
  auto final_suspend() noexcept {
    struct Awaiter {
      std::coroutine_handle<> awaiting;
      bool await_ready() noexcept { return false; }
      // Nothing of the ended coroutine is touched from here on: the resumed one may destroy it.
      void await_suspend(std::coroutine_handle<>) noexcept {
        if (const auto next = awaiting) next.resume();
      }
      void await_resume() noexcept {}
    };
    return Awaiter{awaiting};
  }
  void unhandled_exception() { failure = std::current_exception(); }

  TaskRoot* root = nullptr;
  std::coroutine_handle<> awaiting;  // empty while the awaiter is on the stack below
  std::exception_ptr failure;
};

template <class T>
class [[nodiscard]] Task {
 public:
  struct promise_type : TaskPromise {
    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    template <class U>
    void return_value(U&& value) {
      result.emplace(std::forward<U>(value));
    }
    T Take() { return std::move(*result); }

    std::optional<T> result;
  };

  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~Task() {
    if (frame_) frame_.destroy();
  }

  // Awaited once.
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) {
    frame_.promise().root = awaiting.promise().root;
    frame_.resume();
    if (frame_.done()) return false;
    frame_.promise().awaiting = awaiting;
    return true;
  }
  T await_resume() {
    if (frame_.promise().failure) std::rethrow_exception(frame_.promise().failure);
    return frame_.promise().Take();
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

  std::coroutine_handle<promise_type> frame_;
};

template <>
struct Task<void>::promise_type : TaskPromise {
  Task get_return_object() {
    return Task(std::coroutine_handle<promise_type>::from_promise(*this));
  }
  void return_void() {}
  void Take() {}
};

// co_await Suspend(start) calls `start(Resumption)` and goes on when that Resumption is called,
// which must be later and on the same loop.
template <class Start>
class Suspend {
 public:
  explicit Suspend(Start& start) : start_(start) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> leaf) {
    start_(Resumption(leaf, leaf.promise().root));
  }
  void await_resume() const noexcept {}

 private:
  Start& start_;
};

// co_await ThisLoop() gives the executor of the loop that the coroutine runs on.
class ThisLoop {
 public:
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> leaf) noexcept {
    root_ = leaf.promise().root;
    return false;
  }
  Executor await_resume() const noexcept { return root_->executor; }

 private:
  const TaskRoot* root_ = nullptr;
};

// Starts `task` on `executor`, at once when called on its loop; the loop has work until it ends. An
// exception that leaves it is logged with `name`, never swallowed. Any thread may call it.
void Spawn(const Executor& executor, std::string_view name, Task<void> task);

// Suspends until the timer fires or is moved.
Task<void> AwaitTimer(SteadyTimer& timer);
// Suspends until `duration` has passed.
Task<void> SleepFor(std::chrono::steady_clock::duration duration);

}  // namespace moerge
