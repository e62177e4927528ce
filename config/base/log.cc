#include "config/base/log.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "config/base/log_sink.h"
#include "config/base/text_buffer.h"

namespace moerge {

std::string_view LogLevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "debug";
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarning: return "warning";
    case LogLevel::kError: return "error";
    case LogLevel::kOff: return "off";
  }
  return "info";
}

namespace {

std::atomic<LogLevel> wanted_level{LogLevel::kInfo};
std::atomic<LogFormat> wanted_format{LogFormat::kText};

// A value that a reader could take for two, or that would break the line, is quoted.
bool NeedsQuotes(std::string_view text) {
  return text.empty() || std::any_of(text.begin(), text.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte <= 0x20 || byte >= 0x7F || byte == '=' || byte == '"' || byte == '\\';
         });
}

struct AppendValue {
  TextBuffer& line;
  bool json;
  void operator()(std::string_view value) const {
    json || NeedsQuotes(value) ? line.AppendQuoted(value) : line.Append(value);
  }
  void operator()(std::int64_t value) const { line.AppendInt(value); }
  void operator()(double value) const { line.AppendNumber(value); }
  void operator()(bool value) const { value ? line.Append("true") : line.Append("false"); }
};

void AppendTextLine(LogLevel level, std::string_view event, LogFields fields, TextBuffer* line) {
  line->AppendTime(std::chrono::system_clock::now());
  line->Append(' ');
  line->Append(LogLevelName(level));
  line->Append(": ");
  // Plain words of ours, but a careless caller's line break must not forge a line.
  line->AppendEscaped(event);
  for (const LogField& field : fields) {
    line->Append(' ');
    line->Append(field.key);
    line->Append('=');
    std::visit(AppendValue{*line, false}, field.value);
  }
}

void AppendJsonLine(LogLevel level, std::string_view event, LogFields fields, TextBuffer* line) {
  line->Append(R"({"time":")");
  line->AppendTime(std::chrono::system_clock::now());
  line->Append(R"(","level":")");
  line->Append(LogLevelName(level));
  line->Append(R"(","event":)");
  line->AppendQuoted(event);
  for (const LogField& field : fields) {
    line->Append(',');
    line->AppendQuoted(field.key);
    line->Append(':');
    std::visit(AppendValue{*line, true}, field.value);
  }
  line->Append('}');
}

}  // namespace

void ConfigureLog(LogLevel level, LogFormat format) {
  wanted_level.store(level, std::memory_order_relaxed);
  wanted_format.store(format, std::memory_order_relaxed);
}

bool LogEnabled(LogLevel level) {
  return level != LogLevel::kOff && level >= wanted_level.load(std::memory_order_relaxed);
}

void Log(LogLevel level, std::string_view event, LogFields fields) {
  if (!LogEnabled(level)) return;
  TextBuffer line;
  const bool json = wanted_format.load(std::memory_order_relaxed) == LogFormat::kJson;
  (json ? AppendJsonLine : AppendTextLine)(level, event, fields, &line);
  line.Append('\n');
  LogSink::Get().Write(line.view(), level >= LogLevel::kWarning);
}

LogBuffering::LogBuffering() { LogSink::Get().Hold(); }
LogBuffering::~LogBuffering() { LogSink::Get().Release(); }
void FlushLog() { LogSink::Get().Flush(); }

}  // namespace moerge
