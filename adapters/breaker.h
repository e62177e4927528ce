// A circuit breaker: after 5 failures in a row nothing goes to a backend for 1 s; then one trial
// call closes it, or opens it for twice as long, up to 30 s. Pure: time is a parameter. Not
// thread-safe; its owner locks.
#pragma once

#include <chrono>

namespace moerge {

class Breaker {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr int kFailures = 5;
  static constexpr std::chrono::milliseconds kFirstPause{1'000};
  static constexpr std::chrono::milliseconds kLongestPause{30'000};

  enum class Answer { kPass, kTrial, kRefuse };

  // kTrial: this call is the one that decides; EndTrial when it is over, whether reported or not.
  Answer Admit(Clock::time_point now);
  void EndTrial() { trial_ = false; }

  // True if the breaker opened by it.
  bool Report(bool success, Clock::time_point now);

  bool open() const { return open_; }
  // Whether Admit would let a call through.
  bool Healthy(Clock::time_point now) const { return !open_ || (now >= until_ && !trial_); }
  // How long until a trial may be made; at least 1 s as advice to clients.
  std::chrono::seconds RetryAfter(Clock::time_point now) const;
  // Nothing to forget: a success would change nothing.
  bool quiet() const { return !open_ && failures_ == 0; }

 private:
  bool open_ = false;
  bool trial_ = false;
  int failures_ = 0;  // in a row
  Clock::time_point until_{};
  std::chrono::milliseconds pause_ = kFirstPause;
};

}  // namespace moerge
