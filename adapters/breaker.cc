#include "adapters/breaker.h"

#include <algorithm>

namespace moerge {

Breaker::Answer Breaker::Admit(Clock::time_point now) {
  if (!open_) return Answer::kPass;
  if (now < until_ || trial_) return Answer::kRefuse;
  trial_ = true;
  return Answer::kTrial;
}

bool Breaker::Report(bool success, Clock::time_point now) {
  if (success) {
    open_ = trial_ = false;
    failures_ = 0;
    pause_ = kFirstPause;
    return false;
  }
  ++failures_;
  if (open_) {
    // Calls that began before it opened say nothing new; only the trial prolongs the pause.
    if (!trial_) return false;
    trial_ = false;
    pause_ = std::min(pause_ * 2, kLongestPause);
    until_ = now + pause_;
    return false;
  }
  if (failures_ < kFailures) return false;
  open_ = true;
  until_ = now + pause_;
  return true;
}

std::chrono::seconds Breaker::RetryAfter(Clock::time_point now) const {
  const auto left = std::chrono::ceil<std::chrono::seconds>(until_ - now);
  return std::max(left, std::chrono::seconds(1));
}

}  // namespace moerge
