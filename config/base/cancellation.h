// Tells everything that works for one request that its answer is no longer awaited.
// Owner: the session that read the request. Threads: the request's event loop only.
// Callbacks run inside Cancel(), newest first, at most once each; they must not throw.
#pragma once

#include <functional>
#include <list>
#include <utility>

namespace moerge {

class Cancellation {
  using Callbacks = std::list<std::function<void()>>;

 public:
  Cancellation() = default;
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  // Forgets its callback when it goes out of scope. Must not outlive the Cancellation.
  class [[nodiscard]] Registration {
   public:
    Registration() = default;
    Registration(Registration&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), at_(other.at_) {}
    Registration& operator=(Registration&& other) noexcept {
      Release();
      owner_ = std::exchange(other.owner_, nullptr);
      at_ = other.at_;
      return *this;
    }
    ~Registration() { Release(); }
    void Release() {
      if (owner_ == nullptr) return;
      // While Cancel() walks the list nothing leaves it; what must not run any more is emptied.
      if (owner_->cancelled_) {
        *at_ = nullptr;
      } else {
        owner_->callbacks_.erase(at_);
      }
      owner_ = nullptr;
    }

   private:
    friend class Cancellation;
    Registration(Cancellation* owner, Callbacks::iterator at) : owner_(owner), at_(at) {}
    Cancellation* owner_ = nullptr;
    Callbacks::iterator at_{};
  };

  bool cancelled() const { return cancelled_; }

  // Runs `callback` when cancelled; at once if that has already happened.
  Registration OnCancel(std::function<void()> callback) {
    if (cancelled_) {
      callback();
      return Registration();
    }
    callbacks_.push_front(std::move(callback));
    return Registration(this, callbacks_.begin());
  }

  void Cancel() {
    if (cancelled_) return;
    cancelled_ = true;
    for (auto& callback : callbacks_) {
      const auto run = std::exchange(callback, nullptr);
      if (run) run();
    }
  }

 private:
  bool cancelled_ = false;
  Callbacks callbacks_;
};

}  // namespace moerge
