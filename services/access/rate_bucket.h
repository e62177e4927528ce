// A token bucket: so much at once, refilled evenly. A value; its owner locks. Time never goes back.
#pragma once

#include <algorithm>
#include <chrono>

namespace moerge {

class RateBucket {
 public:
  using Clock = std::chrono::steady_clock;

  // Full. `per_minute` is what it holds and gets per minute.
  explicit RateBucket(double per_minute = 0) : capacity_(per_minute), level_(per_minute) {}

  // Another capacity; what is missing stays missing.
  void Resize(double per_minute) {
    level_ += per_minute - capacity_;
    capacity_ = per_minute;
  }
  double capacity() const { return capacity_; }
  // May be below zero: more was taken than there was.
  double Level(Clock::time_point now) {
    Refill(now);
    return level_;
  }
  void Take(double amount, Clock::time_point now) {
    Refill(now);
    level_ = std::min(level_ - amount, capacity_);
  }
  // Until it holds `amount`, or all that it can hold.
  Clock::duration Until(double amount, Clock::time_point now) {
    Refill(now);
    const double missing = std::min(amount, capacity_) - level_;
    if (missing <= 0 || capacity_ <= 0) return Clock::duration::zero();
    const std::chrono::duration<double> time(missing / capacity_ * 60);
    return std::chrono::ceil<std::chrono::milliseconds>(time);
  }

 private:
  void Refill(Clock::time_point now) {
    if (now <= at_) return;
    const double minutes = std::chrono::duration<double>(now - at_).count() / 60;
    level_ =
        at_ == Clock::time_point{} ? level_ : std::min(level_ + minutes * capacity_, capacity_);
    at_ = now;
  }

  double capacity_;
  double level_;
  Clock::time_point at_{};
};

}  // namespace moerge
