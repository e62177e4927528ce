// A place where one coroutine waits for another part of its loop to wake it. Cheaper than Event: no
// timer behind it. Owner: whoever wakes. Threads: one loop only.
//
// REQUIRES: at most one waiter at a time, and none left when the Waker is destroyed, unless its loop
// is gone.
#pragma once

#include <boost/asio/async_result.hpp>
#include <memory>
#include <utility>

#include "config/base/task.h"

namespace moerge {

class Waker {
 public:
  bool waiting() const { return waiter_ != nullptr; }

  // Suspends until Wake().
  Task<void> Wait() {
    auto initiate = [this](auto handler) {
      waiter_ = std::make_unique<Holder<decltype(handler)>>(std::move(handler));
    };
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>, void()>(
        std::move(initiate), kUseTask);
  }

  // Resumes the waiter before it returns; does nothing if there is none.
  void Wake() {
    if (waiter_ == nullptr) return;
    const std::unique_ptr<Waiter> waiter = std::move(waiter_);
    waiter->Resume();
  }

 private:
  struct Waiter {
    virtual ~Waiter() = default;
    virtual void Resume() = 0;
  };
  template <class Handler>
  struct Holder final : Waiter {
    explicit Holder(Handler h) : handler(std::move(h)) {}
    void Resume() override { std::move(handler)(); }
    Handler handler;
  };
  std::unique_ptr<Waiter> waiter_;
};

}  // namespace moerge
