// What waits on an event loop for something that another thread gives it: a place, a turn. Owner:
// shared by the one that waits and the one that gives.
#pragma once

#include <boost/asio/post.hpp>
#include <memory>

#include "config/base/event.h"
#include "config/base/task.h"

namespace moerge {

struct LoopWaiter {
  explicit LoopWaiter(const Executor& loop) : executor(loop), wake(loop) {}

  Executor executor;
  Event wake;  // its loop's alone
};

// Sets its event, on its loop. Any thread.
template <class Waiter>
void WakeOnLoop(const std::shared_ptr<Waiter>& waiter) {
  boost::asio::post(waiter->executor, [waiter] { waiter->wake.Set(); });
}

}  // namespace moerge
