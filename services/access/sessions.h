// Who is logged in to the dashboard: sessions of keys, in memory, gone with the process.
//
// A session is known by a random id that only its browser has; here is its SHA-256. It is worth
// what its key is worth when it is used: one that was revoked, rotated or has expired opens
// nothing. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "config/entities.h"

namespace moerge {

class Sessions {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::size_t kMost = 1024;  // beyond those the one idle the longest ends
  static constexpr std::chrono::hours kIdle{12};
  static constexpr std::chrono::hours kLongest{7 * 24};

  // The id of a new one.
  std::string Open(const ApiKey& key, Clock::time_point now);
  // The hash of the session's key, as it was when the session began. Counts as a use. Nothing:
  // there is no such session.
  std::optional<std::string> KeyOf(std::string_view id, Clock::time_point now);
  void Close(std::string_view id);
  std::size_t size() const;

  // What a page must send along to show that it is ours; another site cannot read it.
  static std::string CsrfTokenOf(std::string_view id);

 private:
  struct Session {
    std::string key_sha256;
    Clock::time_point begun;
    Clock::time_point used;
    bool Over(Clock::time_point now) const {
      return now - used >= kIdle || now - begun >= kLongest;
    }
  };
  void MakeRoom(Clock::time_point now);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Session> sessions_;  // by the hash of the id
};

}  // namespace moerge
