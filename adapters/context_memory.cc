#include "adapters/context_memory.h"

#include <algorithm>

namespace moerge {

void ContextMemory::Refused(std::string_view backend, std::string_view model, std::int64_t prompt,
                            std::int64_t said) {
  // Estimates and the expert's own counts differ, so that either may be the lower one.
  const std::int64_t too_long = said > 0 ? std::min(said, prompt) : prompt;
  if (too_long <= 0) return;
  const std::lock_guard lock(mutex_);
  const Key key(backend, model);
  if (too_long_.size() >= kMost && !too_long_.contains(key)) return;
  const auto [at, added] = too_long_.emplace(key, too_long);
  if (!added) at->second = std::min(at->second, too_long);
  empty_ = false;
}

void ContextMemory::Answered(std::string_view backend, std::string_view model,
                             std::int64_t prompt) {
  if (empty_.load(std::memory_order_relaxed)) return;
  const std::lock_guard lock(mutex_);
  const auto at = too_long_.find(Key(backend, model));
  if (at == too_long_.end() || prompt < at->second) return;
  too_long_.erase(at);
  empty_ = too_long_.empty();
}

bool ContextMemory::HasRoom(std::string_view backend, std::string_view model,
                            std::int64_t prompt) const {
  if (empty_.load(std::memory_order_relaxed)) return true;
  const std::lock_guard lock(mutex_);
  const auto at = too_long_.find(Key(backend, model));
  return at == too_long_.end() || prompt < at->second;
}

}  // namespace moerge
