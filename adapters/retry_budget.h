// How many calls beyond the first may be made for requests: retries and calls of the next expert.
// Where nothing works, repeating everything only multiplies the load; where most requests are
// answered in the end, every one of them may be repeated as its policy says.
//
// A bucket that is full at kMost extra calls, loses one with each and regains kPerAnswer with each
// request that was answered. So extra calls are never short while at least one request in
// kPerAnswer or so is answered, and come to an end soon when none is (the rule of gRPC's retry
// throttling). One per process. Any thread.
#pragma once

#include <algorithm>
#include <atomic>

namespace moerge {

class RetryBudget {
 public:
  static constexpr int kMost = 100;
  static constexpr int kPerAnswer = 10;

  // Whether one more call may be made; takes it.
  bool Take() {
    int left = left_.load(std::memory_order_relaxed);
    while (left > 0) {
      if (left_.compare_exchange_weak(left, left - 1, std::memory_order_relaxed)) return true;
    }
    return false;
  }

  // A request was answered by an expert.
  void Answered() {
    int left = left_.load(std::memory_order_relaxed);
    while (left < kMost) {
      const int more = std::min(left + kPerAnswer, kMost);
      if (left_.compare_exchange_weak(left, more, std::memory_order_relaxed)) return;
    }
  }

  int left() const { return left_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int> left_ = kMost;
};

}  // namespace moerge
