#include "config/base/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "config/base/json.h"
#include "config/base/text.h"

namespace moerge {
namespace {

std::atomic<LogLevel> wanted_level{LogLevel::kInfo};
std::atomic<LogFormat> wanted_format{LogFormat::kText};

// Never destroyed: threads and destructors of static objects may log until the process is gone.
spdlog::logger& StandardError() {
  static spdlog::logger* const logger = [] {
    auto* made = new spdlog::logger("moerge", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

std::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
    case LogLevel::kOff:
      return "off";
  }
  return "info";
}

// A value that a reader could take for two, or that would break the line, is quoted.
bool NeedsQuotes(std::string_view text) {
  return text.empty() || text.find_first_of(" =\"\\") != text.npos ||
         std::any_of(text.begin(), text.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte < 0x20 || byte >= 0x7F;
         });
}

void AppendText(std::string_view text, std::string* line) {
  if (NeedsQuotes(text)) {
    json::AppendQuoted(text, line);
  } else {
    line->append(text);
  }
}

struct AppendValue {
  std::string* line;
  json::Writer writer{line};
  void operator()(std::string_view value) { AppendText(value, line); }
  void operator()(std::int64_t value) { writer.Int(value); }
  void operator()(double value) { writer.Number(value); }
  void operator()(bool value) { writer.Bool(value); }
};

// The event is plain words of ours, but a careless caller's line break must not forge a line.
void AppendEvent(std::string_view event, std::string* line) {
  std::string quoted;
  json::AppendQuoted(event, &quoted);
  line->append(quoted, 1, quoted.size() - 2);
}

std::string TextLine(LogLevel level, std::string_view event, LogFields fields) {
  std::string line = FormatTime(std::chrono::system_clock::now());
  line.append(" ").append(LevelName(level)).append(": ");
  AppendEvent(event, &line);
  for (const LogField& field : fields) {
    line.append(" ").append(field.key).append("=");
    std::visit(AppendValue{&line}, field.value);
  }
  return line;
}

struct WriteValue {
  json::Writer& writer;
  void operator()(std::string_view value) { writer.String(value); }
  void operator()(std::int64_t value) { writer.Int(value); }
  void operator()(double value) { writer.Number(value); }
  void operator()(bool value) { writer.Bool(value); }
};

std::string JsonLine(LogLevel level, std::string_view event, LogFields fields) {
  std::string line;
  json::Writer writer(&line);
  writer.BeginObject();
  writer.Field("time", FormatTime(std::chrono::system_clock::now()));
  writer.Field("level", LevelName(level)).Field("event", event);
  for (const LogField& field : fields) {
    writer.Key(field.key);
    std::visit(WriteValue{writer}, field.value);
  }
  writer.EndObject();
  return line;
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
  const bool json = wanted_format.load(std::memory_order_relaxed) == LogFormat::kJson;
  const std::string line = json ? JsonLine(level, event, fields) : TextLine(level, event, fields);
  // Level and format are ours; spdlog brings the line to its sink, whole.
  StandardError().log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace moerge
