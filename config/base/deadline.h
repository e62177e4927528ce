// When a request must be over. A value that is passed down: whoever waits, waits until here at
// most.
#pragma once

#include <chrono>

namespace moerge {

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  static Deadline Never() { return Deadline(Clock::time_point::max()); }
  static Deadline At(Clock::time_point when) { return Deadline(when); }
  static Deadline After(Clock::duration left, Clock::time_point now = Clock::now()) {
    return Deadline(left > Clock::time_point::max() - now ? Clock::time_point::max() : now + left);
  }

  Clock::time_point when() const { return when_; }
  bool never() const { return when_ == Clock::time_point::max(); }
  bool Passed(Clock::time_point now = Clock::now()) const { return now >= when_; }

  // What is left, never below zero.
  Clock::duration Left(Clock::time_point now = Clock::now()) const {
    return now >= when_ ? Clock::duration::zero() : when_ - now;
  }

  // The earlier of this and `left` from now.
  Deadline Within(Clock::duration left, Clock::time_point now = Clock::now()) const {
    const Deadline other = After(left, now);
    return other.when_ < when_ ? other : *this;
  }

 private:
  explicit Deadline(Clock::time_point when) : when_(when) {}
  Clock::time_point when_;
};

}  // namespace moerge
