// CPU of a request's coroutines: moerge's Task beside boost::asio::awaitable, on one loop and with
// the same timers. A request is a chain of calls as a session makes it: most return at once, some
// wait. Prints; asserts nothing.
//
//   bench_coroutines [REQUESTS]
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "config/base/task.h"

namespace {

std::size_t allocations = 0;

}  // namespace

// Counted, so that it can be said what a request takes from the heap.
void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace moerge {
namespace {

namespace asio = boost::asio;

// The same chain, written for either kind of coroutine.
struct OwnKind {
  template <class T>
  using Coroutine = Task<T>;
  static Task<void> Wait(SteadyTimer& timer) { return AwaitTimer(timer); }
  static void Start(asio::io_context& loop, Task<void> task) {
    Spawn(loop.get_executor(), "request", std::move(task));
  }
};

struct AsioKind {
  template <class T>
  using Coroutine = asio::awaitable<T, Executor>;
  static Coroutine<void> Wait(SteadyTimer& timer) {
    co_await timer.async_wait(asio::use_awaitable_t<Executor>());
  }
  static void Start(asio::io_context& loop, Coroutine<void> task) {
    asio::co_spawn(loop.get_executor(), std::move(task), asio::detached);
  }
};

template <class Kind>
struct Request {
  template <class T>
  using Coroutine = typename Kind::template Coroutine<T>;

  asio::io_context& loop;
  int waits;

  Coroutine<int> Pure(int value) { co_return value + 1; }
  Coroutine<int> Piece(SteadyTimer& timer, bool wait) {
    if (wait) {
      timer.expires_after(std::chrono::steady_clock::duration::zero());
      co_await Kind::Wait(timer);
    }
    const int one = co_await Pure(1);
    co_return one;
  }
  Coroutine<int> Call() {
    SteadyTimer timer(loop.get_executor());
    int sum = 0;
    for (int i = 0; i < 8; ++i) {
      const int piece = co_await Piece(timer, i < waits);
      sum += piece;
    }
    co_return sum;
  }
  Coroutine<int> Answer() {
    const int before = co_await Pure(1);
    const int called = co_await Call();
    co_return before + called;
  }
  Coroutine<void> Serve(int requests) {
    for (int i = 0; i < requests; ++i) (void)co_await Answer();
  }
};

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Cost {
  double nanoseconds = 1e9;
  double allocations = 0;
};

// One round of a kind with so many sessions at once.
template <class Kind>
void Run(int requests, int waits, Cost* cost) {
  constexpr int kSessions = 32;
  asio::io_context loop(1);
  Request<Kind> request{loop, waits};
  const double begin = CpuSeconds();
  const std::size_t before = allocations;
  for (int i = 0; i < kSessions; ++i) Kind::Start(loop, request.Serve(requests / kSessions));
  loop.run();
  cost->nanoseconds = std::min(cost->nanoseconds, (CpuSeconds() - begin) / requests * 1e9);
  cost->allocations = static_cast<double>(allocations - before) / requests;
}

void Compare(int requests) {
  std::printf("19 calls a request; best of seven rounds, in turn\n");
  std::printf("%-10s %12s %22s %8s   %s\n", "waits", "Task, ns", "asio::awaitable, ns", "ratio",
              "allocations of each");
  for (const int waits : {0, 2, 8}) {
    Cost own;
    Cost asio;
    for (int round = 0; round < 7; ++round) {
      Run<OwnKind>(requests, waits, &own);
      Run<AsioKind>(requests, waits, &asio);
    }
    std::printf("%-10d %12.0f %22.0f %8.2f %10.2f %9.2f\n", waits, own.nanoseconds,
                asio.nanoseconds, asio.nanoseconds / own.nanoseconds, own.allocations,
                asio.allocations);
  }
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) { moerge::Compare(argc > 1 ? std::atoi(argv[1]) : 64'000); }
