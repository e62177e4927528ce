#include "config/settings.h"

#include <string_view>
#include <utility>

#include "config/base/text.h"
#include "config/base/units.h"

namespace moerge {
namespace {

std::string TextOf(bool value) { return value ? "true" : "false"; }
std::string TextOf(std::chrono::milliseconds value) { return FormatDuration(value); }
template <class Integer>
requires std::is_integral_v<Integer> std::string TextOf(Integer value) {
  return std::to_string(value);
}

std::string SizeText(std::size_t bytes) {
  constexpr std::pair<std::size_t, const char*> kUnits[] = {
      {std::size_t{1} << 30, "GiB"}, {std::size_t{1} << 20, "MiB"}, {std::size_t{1} << 10, "KiB"}};
  for (const auto& [size, unit] : kUnits) {
    if (bytes >= size && bytes % size == 0) return std::to_string(bytes / size) + unit;
  }
  return std::to_string(bytes);
}

std::string ListenText(const ServerConfig& server) {
  const bool v6 = server.host.find(':') != server.host.npos;
  const std::string host = v6 ? "[" + server.host + "]" : server.host;
  return host + ":" + std::to_string(server.port);
}

class SettingList {
 public:
  explicit SettingList(const Config& config) : config_(config) {}

  void Add(std::string path, std::string value, bool restart = false) {
    const auto at = config_.given.find(path);
    const ValueSource source = at == config_.given.end() ? ValueSource::kDefault : at->second;
    settings_.push_back({std::move(path), std::move(value), source, restart});
  }
  // `store: URL` is short for `store: {url: URL}`.
  void AddStoreUrl(const std::string& url) {
    Add("store.url", url, true);
    const auto at = config_.given.find("store");
    if (at != config_.given.end()) settings_.back().source = at->second;
  }

  std::vector<Setting> Take() && { return std::move(settings_); }

 private:
  const Config& config_;
  std::vector<Setting> settings_;
};

void AddServer(const ServerConfig& server, SettingList* list) {
  list->Add("server.listen", ListenText(server), true);
  list->Add("server.threads", TextOf(server.threads), true);
  list->Add("server.max_body", SizeText(server.max_body_bytes), true);
  list->Add("server.max_pending_bodies", SizeText(server.max_pending_body_bytes), true);
  list->Add("server.max_header", SizeText(server.max_header_bytes), true);
  list->Add("server.max_connections", TextOf(server.max_connections), true);
  list->Add("server.header_timeout", TextOf(server.header_timeout), true);
  list->Add("server.body_timeout", TextOf(server.body_timeout), true);
  list->Add("server.idle_timeout", TextOf(server.idle_timeout), true);
  list->Add("server.request_timeout", TextOf(server.request_timeout));
  list->Add("server.shutdown_grace", TextOf(server.shutdown_grace));
  list->Add("server.allow_origins", Join(server.allow_origins, ", "));
  list->Add("server.allowed_env", Join(server.allowed_env, ", "));
  list->Add("server.log.level", std::string(LogLevelName(server.log_level)));
  list->Add("server.log.format", server.log_format == LogFormat::kJson ? "json" : "text");
}

// Of headers the names alone: a value may be a secret.
void AddTelemetry(const TelemetryConfig& telemetry, SettingList* list) {
  std::vector<std::string> headers;
  for (const auto& [name, value] : telemetry.headers) headers.push_back(name);
  list->Add("telemetry.otlp", telemetry.otlp);
  list->Add("telemetry.headers", Join(headers, ", "));
  list->Add("telemetry.service", telemetry.service);
  list->Add("telemetry.traces", TextOf(telemetry.traces));
  list->Add("telemetry.metrics", TextOf(telemetry.metrics));
  list->Add("telemetry.sample", FormatNumber(telemetry.sample));
  list->Add("telemetry.metrics_interval", TextOf(telemetry.metrics_interval));
}

}  // namespace

std::vector<Setting> SettingsOf(const Config& config) {
  SettingList list(config);
  AddServer(config.server, &list);
  list.AddStoreUrl(config.store.url);
  list.Add("store.decisions.max_age",
           TextOf(std::chrono::milliseconds(config.store.decisions_max_age)));
  list.Add("store.decisions.max_count", TextOf(config.store.decisions_max_count));
  list.Add("store.decisions.keep_text", TextOf(config.store.decisions_keep_text));
  const std::chrono::seconds half_life = config.profiles.half_life;
  list.Add("profiles.half_life",
           half_life.count() == 0 ? "off" : TextOf(std::chrono::milliseconds(half_life)));
  list.Add("sandbox.enabled", TextOf(config.sandbox.enabled), true);
  list.Add("sandbox.parallel", TextOf(config.sandbox.parallel), true);
  list.Add("sandbox.queue", TextOf(config.sandbox.queue), true);
  list.Add("sandbox.max_timeout", TextOf(config.sandbox.max_timeout), true);
  list.Add("sandbox.memory", SizeText(config.sandbox.memory_bytes), true);
  AddTelemetry(config.telemetry, &list);
  list.Add("tools", TextOf(config.tools));
  return std::move(list).Take();
}

}  // namespace moerge
