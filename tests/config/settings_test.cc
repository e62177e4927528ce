#include "config/settings.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

namespace moerge {
namespace {

std::map<std::string, Setting> Settings(const std::string& yaml) {
  const ConfigReport report = ParseConfig(yaml, "f");
  EXPECT_TRUE(report.mistakes.empty()) << FormatMistakes(report, "f");
  std::map<std::string, Setting> settings;
  for (Setting& setting : SettingsOf(report.config)) {
    const std::string path = setting.path;
    settings.emplace(path, std::move(setting));
  }
  return settings;
}

TEST(Settings, EachHasItsValueAndWhereThatComesFrom) {
  ::setenv("MOERGE_TEST_LEVEL", "warning", 1);
  ::unsetenv("MOERGE_TEST_UNSET");
  const auto settings = Settings(
      "server:\n  listen: 127.0.0.1:9000\n  idle_timeout: 90s\n  max_body: 2MiB\n"
      "  threads: ${MOERGE_TEST_UNSET:-3}\n"
      "  allow_origins: [\"https://a.example\", \"https://b.example\"]\n"
      "  log: {level: \"${MOERGE_TEST_LEVEL}\"}\n"
      "store: {url: \"sqlite:a.db\", decisions: {keep_text: false}}\n");
  struct Case {
    const char* path;
    const char* value;
    ValueSource source;
  };
  for (const Case& item :
       {Case{"server.listen", "127.0.0.1:9000", ValueSource::kFile},
        Case{"server.idle_timeout", "90s", ValueSource::kFile},
        Case{"server.max_body", "2MiB", ValueSource::kFile},
        Case{"server.threads", "3", ValueSource::kEnvironment},
        Case{"server.allow_origins", "https://a.example, https://b.example", ValueSource::kFile},
        Case{"server.log.level", "warning", ValueSource::kEnvironment},
        Case{"server.log.format", "text", ValueSource::kDefault},
        Case{"server.request_timeout", "10m", ValueSource::kDefault},
        Case{"store.url", "sqlite:a.db", ValueSource::kFile},
        Case{"store.decisions.keep_text", "false", ValueSource::kFile},
        Case{"profiles.half_life", "off", ValueSource::kDefault},
        Case{"tools", "true", ValueSource::kDefault}}) {
    ASSERT_TRUE(settings.contains(item.path)) << item.path;
    EXPECT_EQ(settings.at(item.path).value, item.value) << item.path;
    EXPECT_EQ(settings.at(item.path).source, item.source) << item.path;
  }
  EXPECT_TRUE(settings.at("server.listen").restart);
  EXPECT_FALSE(settings.at("server.log.level").restart);
}

TEST(Settings, AStoreWrittenShortIsTheFilesToo) {
  const auto settings = Settings("store: memory\n");
  EXPECT_EQ(settings.at("store.url").value, "memory:");
  EXPECT_EQ(settings.at("store.url").source, ValueSource::kFile);
}

// Every scalar that a whole file may give beside the lists of entities stands in the list.
TEST(Settings, NothingThatAFileGivesIsLeftOut) {
  const std::string yaml =
      "server: {listen: 127.0.0.1:0, threads: 1, max_body: 1MiB, max_pending_bodies: 1MiB,"
      " max_header: 8KiB, max_connections: 9, header_timeout: 1s, body_timeout: 1s,"
      " idle_timeout: 1s, request_timeout: 1s, shutdown_grace: 1s, allow_origins: [],"
      " allowed_env: [A], log: {level: off, format: json}}\n"
      "store: {url: memory, decisions: {max_age: 1d, max_count: 1, keep_text: true}}\n"
      "profiles: {half_life: 30d}\nsandbox: {enabled: false, parallel: 1, queue: 1,"
      " max_timeout: 1s, memory: 64MiB}\ntools: false\n"
      "telemetry: {otlp: \"http://127.0.0.1:1\", headers: {authorization: a-secret}, service: s,"
      " traces: true, metrics: true, sample: 0.5, metrics_interval: 5s}\n";
  const ConfigReport report = ParseConfig(yaml, "f");
  ASSERT_TRUE(report.mistakes.empty()) << FormatMistakes(report, "f");
  std::map<std::string, Setting> settings = Settings(yaml);
  for (const auto& [path, source] : report.config.given) {
    if (path.ends_with(']')) continue;  // an element of a list
    EXPECT_TRUE(settings.contains(path)) << path;
    settings.erase(path);
  }
  EXPECT_EQ(Settings(yaml).at("telemetry.headers").value, "authorization");
  for (const auto& [path, setting] : settings) ADD_FAILURE() << "not in the file: " << path;
}

}  // namespace
}  // namespace moerge
