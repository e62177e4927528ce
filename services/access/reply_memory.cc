#include "services/access/reply_memory.h"

#include <algorithm>
#include <utility>

namespace moerge {

ReplyMemory::Found ReplyMemory::Begin(const std::string& name, const std::string& request,
                                      Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  auto at = entries_.find(name);
  if (at != entries_.end() && at->second.reply && now - at->second.begun >= kKept) {
    entries_.erase(at);
    at = entries_.end();
  }
  if (at == entries_.end()) {
    MakeRoom(now);
    entries_.emplace(name, Entry{request, std::nullopt, now});
    return {};
  }
  const Entry& entry = at->second;
  if (entry.request != request) return {State::kOther};
  if (!entry.reply) return {State::kUnderWay};
  return {State::kDone, *entry.reply};
}

void ReplyMemory::MakeRoom(Clock::time_point now) {
  if (entries_.size() < kMost) return;
  std::erase_if(entries_, [now](const auto& entry) { return now - entry.second.begun >= kKept; });
  if (entries_.size() < kMost) return;
  entries_.erase(
      std::ranges::min_element(entries_, {}, [](const auto& entry) { return entry.second.begun; }));
}

void ReplyMemory::End(const std::string& name, std::optional<Reply> reply) {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(name);
  if (at == entries_.end()) return;
  if (reply) {
    at->second.reply = std::move(reply);
  } else {
    entries_.erase(at);
  }
}

}  // namespace moerge
