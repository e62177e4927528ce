// How often a key may be guessed: failed logins by address, and all of them together. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "services/access/rate_bucket.h"

namespace moerge {

class LoginLimit {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr double kEach = 5;  // at once and per minute, from one address
  static constexpr double kAll = 100;
  static constexpr std::size_t kAddresses = 4096;  // remembered

  // How long to wait before a try; zero: go on. `address` without a port.
  Clock::duration Wait(std::string_view address, Clock::time_point now);
  void Failed(std::string_view address, Clock::time_point now);

 private:
  std::mutex mutex_;
  RateBucket all_{kAll};
  std::unordered_map<std::string, RateBucket> each_;
};

}  // namespace moerge
