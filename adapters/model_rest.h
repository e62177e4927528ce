// How long one model of a backend is left alone after a 429. Pure: time is a parameter. Not
// thread-safe; its owner locks.
//
// A backend that says for how long is believed. One that does not gets kFirst, twice as long each
// time until a call succeeds, at most kLongest: a limit that is over is found out within seconds.
// After a rest of kTried or more the first call goes alone for kTrial, so that a limit that still
// holds is met by one call and not by all that wait; where only a part of calls is refused, rests
// are shorter, and whoever waits may try.
#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

namespace moerge {

class ModelRest {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kFirst{250};
  static constexpr std::chrono::milliseconds kLongest{4'000};
  static constexpr std::chrono::milliseconds kTried{1'000};
  static constexpr std::chrono::milliseconds kTrial{250};

  // A call was answered with 429. `asked`: what the backend said; 0: nothing.
  void Begin(std::chrono::seconds asked, Clock::time_point now) {
    if (asked.count() == 0 && until_ > now) return;  // of calls that were sent before the rest
    const std::chrono::milliseconds rest =
        asked.count() > 0 ? asked : std::exchange(next_, std::min(next_ * 2, kLongest));
    until_ = std::max(until_, now + rest);
    tried_ = asked.count() > 0 || rest < kTried;
    trial_until_ = {};
  }

  // A call is let through. REQUIRES: until() <= now.
  void Admit(Clock::time_point now) {
    if (!std::exchange(tried_, true)) trial_until_ = now + kTrial;
  }

  // When the next call may go.
  Clock::time_point until() const { return std::max(until_, trial_until_); }

 private:
  Clock::time_point until_{};
  Clock::time_point trial_until_{};
  std::chrono::milliseconds next_ = kFirst;
  bool tried_ = true;
};

}  // namespace moerge
