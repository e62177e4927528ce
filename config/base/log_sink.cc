#include "config/base/log_sink.h"

#include <unistd.h>

#include <cerrno>

namespace moerge {
namespace {

// What standard error does not take is lost: there is nowhere to report it.
void WriteAll(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(STDERR_FILENO, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

LogSink& LogSink::Get() {
  static LogSink* const sink = new LogSink;
  return *sink;
}

void LogSink::Write(std::string_view line, bool urgent) {
  const Clock::time_point now = Clock::now();
  const std::lock_guard lock(mutex_);
  waiting_.append(line);
  const bool may_wait =
      !urgent && holders_ > 0 && now - written_ < kLongest && waiting_.size() < kMostBytes;
  if (!may_wait) WriteOut(now);
}

void LogSink::Flush() {
  const std::lock_guard lock(mutex_);
  if (!waiting_.empty()) WriteOut(Clock::now());
}

void LogSink::Hold() {
  const std::lock_guard lock(mutex_);
  ++holders_;
}

void LogSink::Release() {
  const std::lock_guard lock(mutex_);
  if (--holders_ == 0 && !waiting_.empty()) WriteOut(Clock::now());
}

void LogSink::WriteOut(Clock::time_point now) {
  WriteAll(waiting_);
  waiting_.clear();
  written_ = now;
}

}  // namespace moerge
