#include "services/access/login_limit.h"

#include <algorithm>

namespace moerge {

LoginLimit::Clock::duration LoginLimit::Wait(std::string_view address, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  Clock::duration wait = all_.Until(1, now);
  const auto at = each_.find(std::string(address));
  if (at != each_.end()) wait = std::max(wait, at->second.Until(1, now));
  return wait;
}

void LoginLimit::Failed(std::string_view address, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  all_.Take(1, now);
  if (each_.size() >= kAddresses) {
    std::erase_if(each_, [now](const auto& entry) {
      RateBucket bucket = entry.second;
      return bucket.Level(now) >= kEach;
    });
    if (each_.size() >= kAddresses) return;  // the limit for all holds them
  }
  each_.try_emplace(std::string(address), kEach).first->second.Take(1, now);
}

}  // namespace moerge
