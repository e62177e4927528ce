#include "config/base/event.h"

#include <memory>
#include <utility>

namespace moerge {

Event::Event(const Executor& executor) : timer_(executor, SteadyTimer::time_point::max()) {}

void Event::Set() {
  set_ = true;
  ++times_set_;
  timer_.expires_at(SteadyTimer::time_point::max());
}

Task<void> Event::Wait() {
  const std::uint64_t before = times_set_;
  while (!set_ && times_set_ == before) co_await AwaitTimer(timer_);
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
  while (!set_ && times_set_ == before && !bell->rang) co_await AwaitTimer(timer_);
  bell->heard = true;
  co_return set_ || times_set_ != before;
}

}  // namespace moerge
