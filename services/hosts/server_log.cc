#include "services/hosts/server_log.h"

#include <algorithm>
#include <utility>

namespace moerge {

void ServerLog::Write(std::string_view text) {
  const std::lock_guard lock(mutex_);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view piece = text.substr(0, end);
    begun_.append(piece.substr(0, kLongest - std::min(kLongest, begun_.size())));
    if (end == text.npos) return;
    last_ = begun_;
    Keep(std::exchange(begun_, {}));
    text.remove_prefix(end + 1);
  }
}

void ServerLog::EndLine() {
  const std::lock_guard lock(mutex_);
  if (begun_.empty()) return;
  last_ = begun_;
  Keep(std::exchange(begun_, {}));
}

void ServerLog::Note(std::string_view line) {
  const std::lock_guard lock(mutex_);
  if (!begun_.empty()) Keep(std::exchange(begun_, {}));
  Keep("moerge: " + std::string(line));
}

// REQUIRES: mutex_.
void ServerLog::Keep(std::string line) {
  lines_.push_back(std::move(line));
  if (lines_.size() > kLines) lines_.pop_front();
}

std::vector<std::string> ServerLog::Lines() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> lines(lines_.begin(), lines_.end());
  if (!begun_.empty()) lines.push_back(begun_);
  return lines;
}

std::string ServerLog::LastLine() const {
  const std::lock_guard lock(mutex_);
  return begun_.empty() ? last_ : begun_;
}

}  // namespace moerge
