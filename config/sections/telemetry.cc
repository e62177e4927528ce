#include <chrono>

#include "config/sections/sections.h"
#include "config/validate.h"

namespace moerge {
namespace {

using namespace std::chrono_literals;

// http://host:port is meant as well with a slash behind it.
std::optional<std::string> ParseReceiver(std::string_view text) {
  while (text.ends_with('/')) text.remove_suffix(1);
  if (!WrongBaseUrl(text).empty()) return std::nullopt;
  if (text.ends_with("/v1/traces") || text.ends_with("/v1/metrics")) return std::nullopt;
  return std::string(text);
}

std::optional<double> ParseShare(std::string_view text) {
  const std::optional<double> share = ParseDouble(text);
  return share && *share >= 0 && *share <= 1 ? share : std::nullopt;
}

}  // namespace

void ReadTelemetry(FieldReader& top, Config* config, ReadContext*) {
  TelemetryConfig& telemetry = config->telemetry;
  FieldReader in = top.Section("telemetry");
  in.Scalar("otlp", &telemetry.otlp,
            "the base URL of an OTLP/HTTP receiver (http://127.0.0.1:4318), without /v1/traces",
            ParseReceiver);
  in.RawTexts("headers", &telemetry.headers);
  in.Check(FindMistakes(telemetry.headers));
  in.Text("service", &telemetry.service);
  in.Flag("traces", &telemetry.traces);
  in.Flag("metrics", &telemetry.metrics);
  in.Scalar("sample", &telemetry.sample, "a number from 0 to 1", ParseShare);
  in.Duration("metrics_interval", &telemetry.metrics_interval, 1s, 1h);
  in.RejectUnknownKeys();
}

}  // namespace moerge
