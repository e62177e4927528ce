// Where log lines go: standard error, each line whole. While it is held, a line that comes
// soon after another waits in memory, so that many lines are one write. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

namespace moerge {

class LogSink {
 public:
  static constexpr std::size_t kMostBytes = 32 << 10;
  static constexpr std::chrono::milliseconds kLongest{100};  // between writes while lines come

  // The process's. Never destroyed: threads and destructors of static objects may log until the
  // process is gone.
  static LogSink& Get();

  // `line` ends with a line break. An urgent one does not wait, nor does what came before it.
  void Write(std::string_view line, bool urgent);
  void Flush();

  void Hold();
  void Release();

 private:
  using Clock = std::chrono::steady_clock;
  LogSink() = default;
  void WriteOut(Clock::time_point now);

  std::mutex mutex_;  // guards what follows
  std::string waiting_;
  Clock::time_point written_{};
  int holders_ = 0;
};

}  // namespace moerge
