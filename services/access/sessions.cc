#include "services/access/sessions.h"

#include <algorithm>

#include "config/base/hash.h"
#include "config/base/random.h"

namespace moerge {

std::string Sessions::Open(const ApiKey& key, Clock::time_point now) {
  std::string id = RandomToken();
  const std::string hash = Sha256Hex(id);
  const std::lock_guard lock(mutex_);
  MakeRoom(now);
  sessions_[hash] = {.key_sha256 = key.sha256, .begun = now, .used = now};
  return id;
}

void Sessions::MakeRoom(Clock::time_point now) {
  if (sessions_.size() < kMost) return;
  std::erase_if(sessions_, [now](const auto& entry) { return entry.second.Over(now); });
  if (sessions_.size() < kMost) return;
  sessions_.erase(
      std::ranges::min_element(sessions_, {}, [](const auto& entry) { return entry.second.used; }));
}

std::optional<std::string> Sessions::KeyOf(std::string_view id, Clock::time_point now) {
  const std::string hash = Sha256Hex(id);
  const std::lock_guard lock(mutex_);
  const auto at = sessions_.find(hash);
  if (at == sessions_.end()) return std::nullopt;
  if (at->second.Over(now)) {
    sessions_.erase(at);
    return std::nullopt;
  }
  at->second.used = now;
  return at->second.key_sha256;
}

void Sessions::Close(std::string_view id) {
  const std::string hash = Sha256Hex(id);
  const std::lock_guard lock(mutex_);
  sessions_.erase(hash);
}

std::size_t Sessions::size() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

std::string Sessions::CsrfTokenOf(std::string_view id) {
  return Sha256Hex("moerge csrf\n" + std::string(id));
}

}  // namespace moerge
