// Coroutines on an event loop. A Task<T> runs on the loop that awaits it and never hops threads.
//
// Everything asynchronous in moerge is bound to one event loop (an io_context run by one thread), so
// the executor type is concrete: no type erasure per operation.
//
// g++ 12 frees some temporaries inside a co_await expression twice: no braced initialiser and no
// capturing lambda inside a co_await statement. Name the value first, then move it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "config/base/deadline.h"

namespace moerge {

using Executor = boost::asio::io_context::executor_type;
template <class T>
using Task = boost::asio::awaitable<T, Executor>;
inline constexpr boost::asio::use_awaitable_t<Executor> kUseTask{};

using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using SteadyTimer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

// Starts `task` on `executor`. An exception that leaves it is logged with `name`, never swallowed.
// Any thread may call it.
void Spawn(const Executor& executor, std::string_view name, Task<void> task);

// Suspends until `duration` has passed.
Task<void> SleepFor(std::chrono::steady_clock::duration duration);

// A flag that coroutines of one loop wait for. Outlives everyone that waits. Threads: that loop only.
class Event {
 public:
  explicit Event(const Executor& executor);

  // Wakes everyone that waits, also if Reset() follows before they run; a Wait that starts later
  // returns at once until Reset().
  void Set();
  void Reset() { set_ = false; }
  bool IsSet() const { return set_; }

  Task<void> Wait();
  // False: the deadline passed first.
  Task<bool> WaitUntil(Deadline deadline);

 private:
  bool set_ = false;
  std::uint64_t times_set_ = 0;
  SteadyTimer timer_;
};

}  // namespace moerge
