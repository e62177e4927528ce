// Structured logs: an event, said in plain words, and named fields. Text or one JSON object a line,
// to standard error. Any thread may log; a line is written whole, and at once unless LogBuffering
// says otherwise. Field values are never secrets: Secret (secret.h) does not convert to a field.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace moerge {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };
enum class LogFormat { kText, kJson };

// Once, at start; again on reload. Default: kInfo, kText.
void ConfigureLog(LogLevel level, LogFormat format);
bool LogEnabled(LogLevel level);
std::string_view LogLevelName(LogLevel level);  // as in the configuration: "debug", "info", ...

struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, double, bool> value;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}
  template <class Integer>
  requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>)
      LogField(std::string_view k, Integer v)
      : key(k), value(static_cast<std::int64_t>(v)) {}
};
using LogFields = std::initializer_list<LogField>;

void Log(LogLevel level, std::string_view event, LogFields fields = {});
inline void LogDebug(std::string_view event, LogFields fields = {}) {
  Log(LogLevel::kDebug, event, fields);
}
inline void LogInfo(std::string_view event, LogFields fields = {}) {
  Log(LogLevel::kInfo, event, fields);
}
inline void LogWarning(std::string_view event, LogFields fields = {}) {
  Log(LogLevel::kWarning, event, fields);
}
inline void LogError(std::string_view event, LogFields fields = {}) {
  Log(LogLevel::kError, event, fields);
}

// While one lives, debug and information lines that come less than 100 ms after the last write wait
// for FlushLog(), for a warning or an error, for 32 KiB or for the end of the last one, so that a
// line per request is not a write per request. REQUIRES: FlushLog() is called every so often.
class LogBuffering {
 public:
  LogBuffering();
  ~LogBuffering();
  LogBuffering(const LogBuffering&) = delete;
  LogBuffering& operator=(const LogBuffering&) = delete;
};
void FlushLog();  // any thread

}  // namespace moerge
