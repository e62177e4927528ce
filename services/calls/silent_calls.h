// Calls of one backend that are under way without a byte of an answer: many of them, and no answer
// since, speak against it before any of their clients has given up.
// Owner: the ExpertCaller. Threads: its loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <iterator>
#include <list>

namespace moerge {

class SilentCalls {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMany = 5;

  // One of them, until it is answered or destroyed. The calls outlive it.
  class Call {
   public:
    Call() = default;
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() { Leave(); }

    // REQUIRES: it was not sent before.
    void Sent(SilentCalls* calls, Clock::time_point now) {
      calls_ = calls;
      at_ = calls->sent_.insert(calls->sent_.end(), now);
    }
    void Answered(Clock::time_point now) {
      if (calls_ != nullptr) calls_->answered_ = now;
      Leave();
    }

   private:
    void Leave() {
      if (calls_ != nullptr) calls_->sent_.erase(at_);
      calls_ = nullptr;
    }
    SilentCalls* calls_ = nullptr;
    std::list<Clock::time_point>::iterator at_;
  };

  // Whether kMany of them have waited for so long, and none was answered meanwhile.
  bool Stuck(Clock::duration limit, Clock::time_point now) const {
    if (sent_.size() < kMany) return false;
    const Clock::time_point since = *std::next(sent_.begin(), kMany - 1);
    return now - since >= limit && answered_ < since;
  }

 private:
  std::list<Clock::time_point> sent_;  // oldest first
  Clock::time_point answered_ = Clock::time_point::min();
};

}  // namespace moerge
